"""A sweep's prefill speedups beside the projection's and the paper's. In: a journal, a GPU. Out: SpeedupRow values.

The projection is asked for exactly the prompts that were sent. The paper's pair is another (Glyph over its own backbone, at
compression 3): what the projection says of that pair stands beside the published figure, so that like is held against like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.calibration.fitting import predicted_seconds
from app.calibration.observations import observations
from app.calibration.values import Quantity
from app.clients import Role
from app.measurement import Provenance
from app.projection import (
    ALONE,
    DEFAULT_GPU,
    GLYPH,
    PUBLISHED_COMPRESSION,
    PUBLISHED_SPEEDUPS,
    Gpu,
    Serving,
    pages_prompt,
    prefill_speedup,
)
from app.sweep import Arm, Header, Kind, Point, Record, SpeedupPoint, points, speedups


@dataclass(frozen=True, slots=True)
class Seen:
    """Text TTFT over pages TTFT, by the medians. `low` and `high`: quartile against opposite quartile."""

    dpi: int | None
    compression: float | None
    ratio: float
    low: float
    high: float
    provenance: Provenance
    projected: float
    """The same ratio on paper, for the same prompts."""
    headers_ms: float | None
    """Of the pages, to HTTP's headers: fetching and resizing them, which the factors as assumed leave out."""


@dataclass(frozen=True, slots=True)
class SpeedupRow:
    """One length, and one DPI where several were swept. None: not swept, or not published, at this length."""

    text_tokens: int
    """As aimed at."""
    seen: Seen | None
    paper_projected: float
    """Of the paper's pair, on the paper's GPU."""
    published: float | None


def speedup_rows(
    header: Header, records: Sequence[Record], gpu: Gpu, serving: Serving = ALONE
) -> tuple[SpeedupRow, ...]:
    """Every length swept on both sides, and every one published. Raises CalibrationError as `observations` does."""
    on_paper = {
        (one.side, one.text_tokens): predicted_seconds(one, gpu, serving)
        for one in observations(header, records)
        if one.quantity is Quantity.TTFT
    }
    found = points(records)
    by_place = {(one.kind, one.arm, one.aimed_tokens, one.provenance): one for one in found}
    text = Arm(Role.TEXT).label
    rows = []
    for pair in speedups(found):
        pages = by_place[pair.kind, pair.arm, pair.aimed_tokens, pair.provenance]
        slow, quick = on_paper.get((text, pair.aimed_tokens)), on_paper.get((pair.arm.label, pair.aimed_tokens))
        if pair.kind is Kind.PREFILL and slow and quick:
            rows.append(_row(pair.aimed_tokens, _seen(pair, pages, slow / quick)))
    swept = {row.text_tokens for row in rows}
    rows += [_row(one.text_tokens, None) for one in PUBLISHED_SPEEDUPS if one.text_tokens not in swept]
    return tuple(sorted(rows, key=lambda row: (row.text_tokens, (row.seen and row.seen.dpi) or 0)))


def _seen(pair: SpeedupPoint, pages: Point, projected: float) -> Seen:
    return Seen(
        dpi=pair.arm.dpi,
        compression=pages.compression,
        ratio=pair.ratio,
        low=pair.low,
        high=pair.high,
        provenance=pair.provenance,
        projected=projected,
        headers_ms=pages.headers_ms.median if pages.headers_ms else None,
    )


def _row(tokens: int, seen: Seen | None) -> SpeedupRow:
    pages = pages_prompt(tokens, PUBLISHED_COMPRESSION).patches_per_page
    paper = prefill_speedup(tokens, pages, gpu=DEFAULT_GPU, text_shape=GLYPH)
    published = next((one.prefill for one in PUBLISHED_SPEEDUPS if one.text_tokens == tokens), None)
    return SpeedupRow(tokens, seen, paper, published)
