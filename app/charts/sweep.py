"""A sweep's points, the projection and the paper as curves: prefill, speedup, throughput. Values in, figures out.

A simulated point is called simulated, and by how much its clock was made faster stands in its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import plotly.graph_objects as go

from app.charts.curves import Curve, CurvePoint, Source, curves_chart
from app.charts.sweep_curves import (
    LENGTH_TITLE,
    PAPER,
    SOURCES,
    arm_order,
    colors_of,
    curve_of,
    length_of,
    missing_of,
    name_of,
)
from app.charts.theme import COLORWAY, GREY
from app.measurement import Provenance
from app.projection import (
    ALONE,
    ASSUMED_SERVING,
    PUBLISHED_COMPRESSION,
    PUBLISHED_SPEEDUPS,
    QWEN3_8B,
    TOKENS_PER_PAGE,
    Gpu,
    ProjectionError,
    Serving,
    batch_speedup,
    pages_prompt,
    prefill_speedup_alone,
    project_alone,
    text_prompt,
)
from app.projection import GLYPH as GLYPH_SHAPE
from app.sweep import Arm, Kind, Point, Record, SpeedupPoint, points, speedups


def prefill_chart(records: Sequence[Record], gpu: Gpu, pace: str = "", serving: Serving = ALONE) -> go.Figure:
    """TTFT of every side against length, both axes logarithmic, and the projection for `gpu` beside it.

    `pace`: what is said behind a simulated name, as ", made 40× faster". `serving`: the projection's factors.
    """
    found = [one for one in points(records) if one.kind is Kind.PREFILL]
    curves, colors = [], colors_of(one.task.arm for one in records)
    for arm in sorted({one.arm for one in found}, key=arm_order):
        of_arm = [one for one in found if one.arm == arm]
        for provenance in Provenance:
            marks = tuple(
                CurvePoint(
                    length_of(one),
                    one.ttft_ms.median / 1000,
                    one.ttft_ms.q1 / 1000,
                    one.ttft_ms.q3 / 1000,
                    _ttft_words(one),
                )
                for one in of_arm
                if one.ttft_ms is not None and one.provenance is provenance
            )
            curves += curve_of(name_of(arm), SOURCES[provenance], colors[arm], marks, pace)
        projected = tuple(_projected(one, gpu, serving) for one in of_arm if arm.dpi is None or one.compression)
        curves += curve_of(name_of(arm), Source.PROJECTED, colors[arm], projected)
    return curves_chart(
        curves,
        x_title=LENGTH_TITLE,
        y_title="Time to first token (s)",
        log_y=True,
        missing=missing_of(records, Kind.PREFILL),
    )


def speedup_chart(records: Sequence[Record], gpu: Gpu, serving: Serving = ALONE) -> go.Figure:
    """How many times sooner pages were read than text, the projection's word, and the paper's six points."""
    found = points(records)
    curves = _speedup_curves(speedups(found), Kind.PREFILL, colors_of(one.task.arm for one in records))
    compression, a_page = _pages_of(found)
    lengths = sorted({one.aimed_tokens for one in found}) or [one.text_tokens for one in PUBLISHED_SPEEDUPS]
    projected = []
    for tokens in lengths:
        pages = pages_prompt(tokens, compression, tokens_per_page=a_page)
        ratio = prefill_speedup_alone(QWEN3_8B, text_prompt(tokens), GLYPH_SHAPE, pages, gpu, serving)
        projected.append(CurvePoint(tokens, ratio, words=f"{tokens:,} tokens at {compression:.2f}×: {ratio:.2f}×"))
    curves += curve_of("This pair", Source.PROJECTED, GREY, tuple(projected))
    curves += _published("prefill", [(one.text_tokens, one.prefill) for one in PUBLISHED_SPEEDUPS])
    return curves_chart(
        curves, x_title=LENGTH_TITLE, y_title="Prefill speedup (text model / Glyph)", log_y=False, level=1.0
    )


def throughput_speedup_chart(records: Sequence[Record], gpu: Gpu, serving: Serving = ASSUMED_SERVING) -> go.Figure:
    """Tokens a second of pages over text: one request alone, and each side at the number at once that gave it most; the
    projection at the largest batch, and the paper's decoding figure, which is of the largest batch too."""
    found = points(records)
    colors = colors_of(one.task.arm for one in records)
    curves = _speedup_curves(speedups(found), Kind.DECODE, colors) + _at_best_curves(found, colors)
    compression, _ = _pages_of(found)
    projected = []
    for tokens in sorted({one.aimed_tokens for one in found}) or [one.text_tokens for one in PUBLISHED_SPEEDUPS]:
        try:
            ratio = batch_speedup(tokens, compression, gpu=gpu, serving=serving).per_sample
        except ProjectionError:  # not even one fits this GPU
            continue
        words = f"{tokens:,} tokens at {compression:.2f}×, largest batch: {ratio:.2f}×"
        projected.append(CurvePoint(tokens, ratio, words=words))
    curves += curve_of("This pair, largest batch", Source.PROJECTED, GREY, tuple(projected))
    curves += _published("decoding", [(one.text_tokens, one.decoding) for one in PUBLISHED_SPEEDUPS])
    return curves_chart(
        curves, x_title=LENGTH_TITLE, y_title="Throughput speedup (Glyph / text model)", log_y=False, level=1.0
    )


def at_once_chart(records: Sequence[Record], tokens: int, pace: str = "") -> go.Figure | None:
    """Tokens a second of all requests of one length together against how many there are; None where none were sent together."""
    found = [
        one
        for one in points(records)
        if one.kind is Kind.LOAD and one.aimed_tokens == tokens and one.tokens_per_second is not None
    ]
    curves, colors = [], colors_of(one.task.arm for one in records)
    for _, arm, provenance in sorted({(arm_order(one.arm), one.arm, one.provenance) for one in found}):
        marks = tuple(
            CurvePoint(one.at_once, one.tokens_per_second.median, words=_load_words(one))
            for one in found
            if (one.arm, one.provenance) == (arm, provenance) and one.tokens_per_second
        )
        curves += curve_of(name_of(arm), SOURCES[provenance], colors[arm], marks, pace)
    if not curves:
        return None
    return curves_chart(
        curves, x_title="Requests at once", y_title="Tokens a second, all together", log_y=False, thousands=False
    )


def _speedup_curves(pairs: Iterable[SpeedupPoint], kind: Kind, colors: dict[Arm, str]) -> list[Curve]:
    groups: dict[tuple[Arm, Provenance], list[SpeedupPoint]] = {}
    for pair in pairs:
        if pair.kind is kind:
            groups.setdefault((pair.arm, pair.provenance), []).append(pair)
    curves = []
    for (arm, provenance), group in groups.items():
        name = name_of(arm) + (", alone" if kind is Kind.DECODE else "")
        marks = tuple(CurvePoint(one.aimed_tokens, one.ratio, one.low, one.high, _speedup_words(one)) for one in group)
        curves += curve_of(name, SOURCES[provenance], colors[arm], marks)
    return curves


def _at_best_curves(found: Iterable[Point], colors: dict[Arm, str]) -> list[Curve]:
    """Of requests at once: the most tokens a second that the pages reached over the most that the text did."""
    best: dict[tuple[Arm, int, Provenance], Point] = {}
    for one in found:
        if one.kind is Kind.LOAD and one.tokens_per_second is not None:
            place = (one.arm, one.aimed_tokens, one.provenance)
            best[place] = max(one, best.get(place, one), key=_rate)
    curves = []
    for arm, provenance in sorted({(arm, provenance) for arm, _, provenance in best if arm.dpi is not None}):
        marks = []
        for (side, tokens, where), pages in best.items():
            text = next(
                (rival for key, rival in best.items() if key[0].dpi is None and key[1:] == (tokens, where)), None
            )
            if (side, where) == (arm, provenance) and text is not None and _rate(text) > 0:
                ratio = _rate(pages) / _rate(text)
                words = (
                    f"{arm.label}, {tokens:,} tokens: {ratio:.2f}×<br>{_rate(pages):,.0f} tokens/s with {pages.at_once} at "
                    f"once, the text model {_rate(text):,.0f} with {text.at_once}"
                )
                marks.append(CurvePoint(tokens, ratio, words=words))
        curves += curve_of(f"{name_of(arm)}, most at once", SOURCES[provenance], COLORWAY[4], marks)
    return curves


def _rate(point: Point) -> float:
    return point.tokens_per_second.median if point.tokens_per_second else 0.0


def _published(what: str, values: Sequence[tuple[int, float]]) -> list[Curve]:
    marks = tuple(
        CurvePoint(tokens, ratio, words=f"{tokens:,} tokens: {ratio}× ({what}, one H100, over Glyph's own backbone)")
        for tokens, ratio in values
    )
    return curve_of("Glyph paper", Source.PUBLISHED, PAPER, marks)


def _projected(point: Point, gpu: Gpu, serving: Serving) -> CurvePoint:
    tokens = length_of(point)
    if point.arm.dpi is None:
        seconds = project_alone(QWEN3_8B, gpu, text_prompt(tokens), serving).ttft_seconds
    else:
        compression, a_page = point.compression or PUBLISHED_COMPRESSION, point.tokens_per_page or TOKENS_PER_PAGE
        pages = pages_prompt(tokens, compression, tokens_per_page=a_page)
        seconds = project_alone(GLYPH_SHAPE, gpu, pages, serving).ttft_seconds
    return CurvePoint(tokens, seconds, words=f"{point.arm.label}, {tokens:,} tokens: {seconds:.3g} s on {gpu.name}")


def _pages_of(found: Iterable[Point]) -> tuple[float, int]:
    """Compression and tokens a page of the lowest DPI, which is the strongest; the paper's where no pages were measured."""
    known = sorted(
        (one.arm.dpi or 0, -length_of(one), one.compression, one.tokens_per_page)
        for one in found
        if one.compression and one.tokens_per_page
    )
    return (known[0][2], known[0][3]) if known else (PUBLISHED_COMPRESSION, TOKENS_PER_PAGE)


def _ttft_words(point: Point) -> str:
    assert point.ttft_ms is not None
    one = point.ttft_ms
    pages = f"<br>{point.visual_tokens:,} visual tokens ({point.compression:.2f}×)" if point.compression else ""
    if point.render_ms is not None:
        pages += f", drawn in {point.render_ms:,.0f} ms"
    if point.headers_ms is not None:
        pages += f"<br>HTTP headers after {point.headers_ms.median:,.1f} ms"
    if point.prompt_tokens:
        pages += f"<br>{point.prompt_tokens:,} prompt tokens by the server's count"
    warm = f"<br>{point.warm} warm left out" if point.warm else ""
    return (
        f"{point.arm.label}, {length_of(point):,} tokens<br>median {one.median:,.1f} ms of {one.count}, "
        f"MAD {one.mad:,.1f}, quartiles {one.q1:,.1f} to {one.q3:,.1f}{pages}{warm}"
    )


def _load_words(point: Point) -> str:
    assert point.tokens_per_second is not None
    ttft = f"time to first token, median {point.ttft_ms.median:,.0f} ms" if point.ttft_ms else ""
    tail = f", p90 {point.ttft_p90_ms:,.0f}, p99 {point.ttft_p99_ms:,.0f} ms" if point.ttft_p99_ms is not None else ""
    return f"{point.at_once} at once: {point.tokens_per_second.median:,.1f} tokens/s<br>{ttft}{tail}"


def _speedup_words(pair: SpeedupPoint) -> str:
    rendered = f"<br>with rendering {pair.ratio_with_rendering:.2f}×" if pair.ratio_with_rendering else ""
    return (
        f"{pair.arm.label}, {pair.aimed_tokens:,} tokens: {pair.ratio:.2f}× "
        f"(quartiles {pair.low:.2f} to {pair.high:.2f}){rendered}"
    )
