"""Text in, page images out, pixel for pixel as Glyph's own script draws them. Knows nothing of models or screens.

    from renderer import render, count, RenderConfig
    config = RenderConfig.load("configs/en.json")
    for page in render(text, config):
        page.png, page.width_px, page.height_px, page.text_span

Two engines give the same pixels: "reference" (reportlab + poppler, Glyph's path) and "fast". "auto" takes the fast one
where it is exact for this text and config, and the reference otherwise; the result says which one, and why.
Safe from several threads at once.
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from renderer.fonts.missing_glyphs import fallback_choices
from renderer.settings.config import Alignment, RenderConfig

from .errors import (
    ConfigError,
    EngineUnavailable,
    FontError,
    LayoutFailed,
    NothingToRender,
    PopplerMissing,
    RenderCancelled,
    RenderError,
)
from .pages import EngineUsed, PageCount, PageCounts, PageImage
from .readiness import STILL_COMPILING, fast_engine_is_held
from .reference import engine as reference

if TYPE_CHECKING:
    from .fast.laid_text import Layout

__all__ = [
    "Alignment",
    "ConfigError",
    "EngineUnavailable",
    "EngineUsed",
    "FontError",
    "LayoutFailed",
    "NothingToRender",
    "PageCount",
    "PageCounts",
    "PageImage",
    "Plan",
    "PopplerMissing",
    "RenderCancelled",
    "RenderConfig",
    "RenderError",
    "choose_engine",
    "count",
    "plan",
    "render",
]

ENGINES = ("auto", "fast", "reference")


def render(
    text: str,
    config: RenderConfig,
    engine: str = "auto",
    *,
    cancelled: Callable[[], bool] | None = None,
    on_progress: Callable[[int, int | None], None] | None = None,
    threads: int | None = None,
) -> Iterator[PageImage]:
    """Draw `text` page by page. Raises RenderError at once for what can be known at once, later for the rest.

    `threads`: how many the fast engine draws with (None: as many as there are cores, up to 4). With 1 pages are drawn
    by the caller's own thread, and only when asked for: a job that has a process for each core takes that.
    `cancelled` is asked between pages, and before each paragraph while reportlab lays out: true raises RenderCancelled.
    `on_progress(done, total)` hears the pages done; total is None while it is unknown.
    """
    chosen = plan(text, config, engine)
    cancelled, on_progress = cancelled or _never, on_progress or _silent
    if chosen.layout is not None:
        return _fast().render(chosen.layout, cancelled, on_progress, threads)
    _refuse_to_bridge_without_poppler(chosen.engine)
    return reference.render(text, config, cancelled, on_progress, chosen.engine)


def count(
    text: str,
    config: RenderConfig,
    engine: str = "auto",
    *,
    cancelled: Callable[[], bool] | None = None,
    on_progress: Callable[[int, int | None], None] | None = None,
) -> PageCounts:
    """Page sizes and spans as `render` would give them, without pixels where the engine can."""
    chosen = plan(text, config, engine)
    if chosen.layout is not None:
        return PageCounts(_fast().count(chosen.layout), chosen.engine)
    _refuse_to_bridge_without_poppler(chosen.engine)
    return reference.count(text, config, cancelled or _never, on_progress or _silent, chosen.engine)


def choose_engine(text: str, config: RenderConfig, engine: str = "auto") -> EngineUsed:
    """The engine that `render` would use, and why. Raises NothingToRender or EngineUnavailable."""
    return plan(text, config, engine).engine


@dataclass(frozen=True, slots=True)
class Plan:
    """Which engine draws, and the fast engine's layout where it is the one."""

    engine: EngineUsed
    layout: "Layout | None"


def plan(text: str, config: RenderConfig, engine: str = "auto") -> Plan:
    """Choose the engine as `render` does; to know, the fast one has to lay the text out. Raises what choose_engine does."""
    if engine not in ENGINES:
        raise EngineUnavailable(f"There is no engine {engine!r}; choose one of {', '.join(ENGINES)}.")
    _check_text(text)
    if engine == "reference":
        return Plan(EngineUsed("reference", None), None)
    found = _lay_out_fast(text, config)
    if not isinstance(found, str):
        return Plan(EngineUsed("fast", None), found)
    if engine == "fast":
        raise EngineUnavailable(f"The fast engine cannot draw this exactly: {found}. Use engine auto or reference.")
    return Plan(EngineUsed("reference", found), None)


def _lay_out_fast(text: str, config: RenderConfig) -> "Layout | str":
    """The fast engine's layout, or why it does not draw this."""
    if fallback_choices(text, config.font_path, config.fallback_fonts):
        return "this text needs fallback fonts"
    if fast_engine_is_held():
        return STILL_COMPILING
    try:
        fast = _fast()
    except ImportError as error:
        return f"the fast engine cannot be loaded ({error})"
    return fast.lay_out(text, config)


def _refuse_to_bridge_without_poppler(engine: EngineUsed) -> None:
    """Whoever waits for the fast engine needs a moment, and no other program."""
    if engine.reason == STILL_COMPILING and not reference.poppler_is_there():
        raise PopplerMissing(
            f"{STILL_COMPILING.capitalize()}; try again in a moment. Only poppler could draw until then, and it is not "
            "installed."
        )


def _fast() -> ModuleType:
    # Loaded on first use: it compiles, and a caller of the reference engine need not wait for that.
    return importlib.import_module("renderer.fast.engine")


def _check_text(text: str) -> None:
    if not isinstance(text, str):
        raise TypeError(f"The text to render is {type(text).__name__}; give str, and decode bytes first.")
    if not text or text.isspace():
        raise NothingToRender("There is no text to render: it is empty or holds only white space.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NothingToRender(
            f"Character {error.start} of the text is half of a character (a lone surrogate, "
            f"U+{ord(text[error.start]):04X}); remove it or decode the file again."
        ) from None


def _never() -> bool:
    return False


def _silent(done: int, total: int | None) -> None:
    return None
