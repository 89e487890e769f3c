"""The first minute: a fresh clone in a temporary folder, `bash scripts/run`, a page that can be used.

    python scripts/bench_setup.py [--warm-downloads]

Clones what is committed here, runs scripts/run there, and looks at the page in a headless Chromium that runs already. The
clock starts with scripts/run. Packages are downloaded anew (caches of uv and pip are empty folders, unless --warm-downloads
leaves the user's own); system packages (poppler, python3-venv) are installed by set-up only where they lack.

address   the app answers on its address
welcome   the welcome page's heading stands there: the page can be used
pages     the sample story was opened by its button, and its first page's picture is decoded
compiled  the line about compiling has gone: from now on the fast engine draws

Prints a table for people, and JSON as its last line. One run: it takes minutes of two cores.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import argparse  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

from app.serving.ports import free_port  # noqa: E402
from scripts.app_process import start  # noqa: E402
from scripts.headless import headless_chromium, opened, serving  # noqa: E402

SET_UP_WITHIN_S = 900
COMPILED_WITHIN_MS = 600_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warm-downloads", action="store_true", help="leave uv's and pip's caches as they are")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="first-minute-") as folder, headless_chromium() as browser:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        had_poppler = shutil.which("pdftoppm") is not None
        found = first_minute(browser, clone, environment(Path(folder), args.warm_downloads))
    for name, value in found.items():
        print(f"{name:<12} {value:>7.1f} s")
    facts = {"cores": os.cpu_count(), "load": os.getloadavg()[0], "poppler_was_there": had_poppler}
    print(json.dumps({"subject": "setup", **{name: round(value, 2) for name, value in found.items()}, **facts}))
    return 0


def environment(folder: Path, warm_downloads: bool) -> dict[str, str]:
    """Without what belongs to this process's own environment."""
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "NUMBA_CACHE_DIR")}
    caches = {} if warm_downloads else {"UV_CACHE_DIR": str(folder / "uv"), "PIP_CACHE_DIR": str(folder / "pip")}
    return {**kept, **caches, "GLYPH_SIMULATOR": "always"}


def first_minute(browser, clone: Path, variables: dict[str, str]) -> dict[str, float]:
    """Seconds from the start of scripts/run to each stage."""
    port, began = free_port(), time.perf_counter()
    stages: dict[str, float] = {}

    def reached(stage: str) -> None:
        stages[f"{stage}_s"] = time.perf_counter() - began

    command = ["bash", "scripts/run", "--no-browser", "--profile", "simulator", "--port", str(port)]
    with serving(start(command, port, clone, variables), SET_UP_WITHIN_S) as url, opened(browser) as page:
        reached("address")
        page.goto(url)
        page.get_by_text("One book, two readers").first.wait_for()
        reached("welcome")
        page.get_by_role("button", name="Open the sample story").click()
        first = page.get_by_role("button", name="Page 1, open large")
        first.wait_for()
        first.locator("img").evaluate("image => image.decode()")
        reached("pages")
        page.get_by_text("The fast engine is being compiled").wait_for(state="detached", timeout=COMPILED_WITHIN_MS)
        reached("compiled")
    return stages


if __name__ == "__main__":
    raise SystemExit(main())
