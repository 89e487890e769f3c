"""The commands of an installed copy. What a command needs beyond the renderer's own packages is an extra, and named where it lacks."""

import importlib.util
import sys

from .stopping import ended

APP_EXTRA = 'pip install "glyph-side-by-side[app]"'


def app() -> int:
    """glyph-side-by-side: servers and app."""
    if not _installed("streamlit"):
        print(f"error: the app's packages are not installed: {APP_EXTRA}", file=sys.stderr)
        return 2
    from .start import main

    return main()


def render() -> int:
    """glyph-render: page files, with a manifest and token counts where the app's packages are there."""
    if _installed("tiktoken") and _installed("dashscope"):
        from .render import main

        return ended("glyph-render", main)
    from renderer.__main__ import main as pages_alone

    print(f"note: pages alone; token counts, manifest and --clarity need {APP_EXTRA}", file=sys.stderr)
    return pages_alone([word for word in sys.argv[1:] if word != "--json"])  # it prints nothing else on stdout


def corpus() -> int:
    """glyph-corpus: shards of pages."""
    from .render_corpus import main

    return ended("glyph-corpus", main)


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
