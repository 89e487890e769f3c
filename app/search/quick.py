"""Quick search for one open book: settings near the present ones that compress more as clearly, or are clearer at the same price.

By the stored clarity table and exact counts of the whole book: tens of milliseconds a setting, no OCR program, no model. Only
settings that change nothing a reader would notice as another style: resolution, cells, margins, leading, crops, newline marks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.legibility import Clarity, table_clarity
from app.search.documents import Documents
from app.search.pareto import non_dominated
from app.styles import excluded_by
from renderer import RenderConfig, RenderError
from renderer.settings.newline_markup import BREAK, RED_MARK

MOST_TRIED = 240
_DPI_STEPS = (-16, -12, -8, -5, -3, 0, 3, 5, 8, 12, 16, 24)


@dataclass(frozen=True, slots=True)
class QuickFind:
    """A setting of the front. `clarity` from the stored table; `compression` exact, over the whole book."""

    config: RenderConfig
    clarity: Clarity
    compression: float


def quick_search(
    documents: Documents, config: RenderConfig, wanted: Callable[[], bool]
) -> tuple[QuickFind, tuple[QuickFind, ...]]:
    """The present setting, and the front by rising compression. Ends early, with what there is, where it is not wanted.

    Raises RenderError where the present setting cannot be drawn.
    """
    present = QuickFind(config, table_clarity(config), documents.compression(config))
    found = [present]
    for changed in itertools.islice(_neighbours(config), MOST_TRIED):
        if not wanted():
            break
        try:
            found.append(QuickFind(changed, table_clarity(changed), documents.compression(changed)))
        except RenderError:
            continue
    points = [(1 - one.clarity.share_wrong, one.compression) for one in found]
    return present, tuple(found[i] for i in non_dominated(points))


def _neighbours(config: RenderConfig) -> Iterator[RenderConfig]:
    """Nearest in resolution first, so that an early end leaves the nearest tried."""
    frugal = {"margin_x_pt": min(10.0, config.margin_x_pt), "margin_y_pt": min(10.0, config.margin_y_pt)}
    for step, snap, mark, tight in itertools.product(
        sorted(_DPI_STEPS, key=abs), (False, True), (config.newline_markup, RED_MARK), (False, True)
    ):
        changes: dict[str, Any] = {
            "dpi": config.dpi + step,
            "snap_to_28": snap,
            "newline_markup": mark if config.newline_markup == BREAK else config.newline_markup,
            "auto_crop_width": not snap,
            "auto_crop_last_page": True,
            **(frugal | {"leading_pt": config.font_size_pt} if tight else {}),
        }
        try:
            changed = replace(config, **changes)
        except RenderError:
            continue
        if changed != config and not excluded_by(changed):
            yield changed
