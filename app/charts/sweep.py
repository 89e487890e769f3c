"""A sweep's points, the projection and the paper as curves: prefill, speedup, throughput. Values in, figures out.

A simulated point is called simulated, and by how much its clock was made faster stands in its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import plotly.graph_objects as go

from app.charts.curves import Curve, CurvePoint, Missing, Source, curves_chart
from app.charts.theme import COLORWAY, GLYPH, GREY, TEXT
from app.measurement import Provenance
from app.projection import GLYPH as GLYPH_SHAPE
from app.projection import (
    PUBLISHED_COMPRESSION,
    PUBLISHED_SPEEDUPS,
    QWEN3_8B,
    Gpu,
    ModelShape,
    ProjectionError,
    PromptSize,
    batch_speedup,
    pages_prompt,
    project,
    text_prompt,
)
from app.sweep import Arm, Kind, Point, SpeedupPoint, points, speedups
from app.sweep.values import Outcome, Record

LENGTH_TITLE = "Length of the text (tokens)"
PUBLISHED_DPI = 72  # Glyph's configs
_PAPER = COLORWAY[3]
_HIGHER_DPI = tuple(color for color in COLORWAY if color not in (TEXT, GLYPH, GREY, _PAPER))
_SOURCES = {Provenance.MEASURED: Source.MEASURED, Provenance.SIMULATED: Source.SIMULATED}


def prefill_chart(records: Sequence[Record], gpu: Gpu, pace: str = "") -> go.Figure:
    """TTFT of every side against length, both axes logarithmic, and the projection for `gpu` beside it.

    `pace`: what is said behind a simulated name, as ", made 40× faster".
    """
    found = [one for one in points(records) if one.kind is Kind.PREFILL]
    curves, colors = [], _colors(records)
    for arm in sorted({one.arm for one in found}, key=_arm_order):
        of_arm = [one for one in found if one.arm == arm]
        for provenance in Provenance:
            marks = tuple(
                CurvePoint(
                    _length(one),
                    one.ttft_ms.median / 1000,
                    one.ttft_ms.q1 / 1000,
                    one.ttft_ms.q3 / 1000,
                    _ttft_words(one),
                )
                for one in of_arm
                if one.ttft_ms is not None and one.provenance is provenance
            )
            curves += _curve(_name(arm), _SOURCES[provenance], colors[arm], marks, pace)
        projected = tuple(_projected(one, gpu) for one in of_arm if arm.dpi is None or one.compression)
        curves += _curve(_name(arm), Source.PROJECTED, colors[arm], projected)
    return curves_chart(
        curves,
        x_title=LENGTH_TITLE,
        y_title="Time to first token (s)",
        log_y=True,
        missing=_missing(records, Kind.PREFILL),
    )


def speedup_chart(records: Sequence[Record], gpu: Gpu) -> go.Figure:
    """How many times sooner pages were read than text, the projection's word, and the paper's six points."""
    found = points(records)
    curves = _speedup_curves(speedups(found), Kind.PREFILL, _colors(records))
    compression = _compression_of(found)
    lengths = sorted({one.aimed_tokens for one in found}) or [one.text_tokens for one in PUBLISHED_SPEEDUPS]
    projected = []
    for tokens in lengths:
        text = _ttft_seconds(QWEN3_8B, gpu, text_prompt(tokens))
        ratio = text / _ttft_seconds(GLYPH_SHAPE, gpu, pages_prompt(tokens, compression))
        projected.append(CurvePoint(tokens, ratio, words=f"{tokens:,} tokens at {compression:.2f}×: {ratio:.2f}×"))
    curves += _curve("This pair", Source.PROJECTED, GREY, tuple(projected))
    curves += _published("prefill", [(one.text_tokens, one.prefill) for one in PUBLISHED_SPEEDUPS])
    return curves_chart(curves, x_title=LENGTH_TITLE, y_title="Prefill speedup (text / pages)", log_y=False, level=1.0)


def throughput_speedup_chart(records: Sequence[Record], gpu: Gpu) -> go.Figure:
    """Tokens a second of pages over text: one request alone and several at once, the projection at the largest batch,
    and the paper's decoding figure, which is of the largest batch too."""
    found = points(records)
    curves = _speedup_curves(speedups(found), Kind.DECODE, _colors(records)) + _speedup_curves(
        speedups(found), Kind.LOAD, _colors(records)
    )
    compression = _compression_of(found)
    projected = []
    for tokens in sorted({one.aimed_tokens for one in found}) or [one.text_tokens for one in PUBLISHED_SPEEDUPS]:
        try:
            ratio = batch_speedup(tokens, compression, gpu=gpu).per_sample
        except ProjectionError:  # not even one fits this GPU
            continue
        words = f"{tokens:,} tokens at {compression:.2f}×, largest batch: {ratio:.2f}×"
        projected.append(CurvePoint(tokens, ratio, words=words))
    curves += _curve("This pair, largest batch", Source.PROJECTED, GREY, tuple(projected))
    curves += _published("decoding", [(one.text_tokens, one.decoding) for one in PUBLISHED_SPEEDUPS])
    return curves_chart(
        curves, x_title=LENGTH_TITLE, y_title="Throughput speedup (pages / text)", log_y=False, level=1.0
    )


def at_once_chart(records: Sequence[Record], pace: str = "") -> go.Figure | None:
    """Tokens a second of all requests together against how many there are; None where none were sent together."""
    found = [one for one in points(records) if one.kind is Kind.LOAD and one.tokens_per_second is not None]
    curves = []
    places = sorted({(_arm_order(one.arm), one.arm, one.aimed_tokens, one.provenance) for one in found})
    for number, (_, arm, tokens, provenance) in enumerate(places):
        marks = tuple(
            CurvePoint(one.at_once, one.tokens_per_second.median, words=_load_words(one))
            for one in found
            if (one.arm, one.aimed_tokens, one.provenance) == (arm, tokens, provenance) and one.tokens_per_second
        )
        name = f"{_name(arm)}, {tokens:,} tokens"
        curves += _curve(name, _SOURCES[provenance], COLORWAY[number % len(COLORWAY)], marks, pace)
    if not curves:
        return None
    return curves_chart(
        curves, x_title="Requests at once", y_title="Tokens a second, all together", log_y=False, thousands=False
    )


def _speedup_curves(pairs: Iterable[SpeedupPoint], kind: Kind, colors: dict[Arm, str]) -> list[Curve]:
    groups: dict[tuple[Arm, int, Provenance], list[SpeedupPoint]] = {}
    for pair in pairs:
        if pair.kind is kind:
            groups.setdefault((pair.arm, pair.at_once, pair.provenance), []).append(pair)
    curves = []
    for (arm, at_once, provenance), group in groups.items():
        name = _name(arm) + (f", {at_once} at once" if kind is Kind.LOAD else "")
        marks = tuple(CurvePoint(one.aimed_tokens, one.ratio, one.low, one.high, _speedup_words(one)) for one in group)
        curves += _curve(name, _SOURCES[provenance], colors[arm], marks)
    return curves


def _published(what: str, values: Sequence[tuple[int, float]]) -> list[Curve]:
    marks = tuple(
        CurvePoint(tokens, ratio, words=f"{tokens:,} tokens: {ratio}× ({what}, one H100, over Glyph's own backbone)")
        for tokens, ratio in values
    )
    return _curve("Glyph paper", Source.PUBLISHED, _PAPER, marks)


def _curve(name: str, source: Source, color: str, marks: tuple[CurvePoint, ...], pace: str = "") -> list[Curve]:
    note = pace if source is Source.SIMULATED else ""
    return [Curve(name, source, color, tuple(sorted(marks, key=lambda one: one.x)), note)] if marks else []


def _name(arm: Arm) -> str:
    return arm.label.capitalize()


def _missing(records: Sequence[Record], kind: Kind) -> list[Missing]:
    """One cross a place that has no measurement at all."""
    found: dict[tuple[Arm, int], str] = {}
    measured = {(one.task.arm, one.task.text_tokens) for one in records if one.outcome is Outcome.MEASURED}
    for record in records:
        place = (record.task.arm, record.task.text_tokens)
        if record.task.kind is kind and record.outcome is not Outcome.MEASURED and place not in measured:
            found[place] = (
                f"{record.task.arm.label}, {record.task.text_tokens:,} tokens, {record.outcome}: {record.detail}"
            )
    colors = _colors(records)
    return [Missing(tokens, colors[arm], _hover(words)) for (arm, tokens), words in found.items()]


def _projected(point: Point, gpu: Gpu) -> CurvePoint:
    tokens = _length(point)
    if point.arm.dpi is None:
        seconds = _ttft_seconds(QWEN3_8B, gpu, text_prompt(tokens))
    else:
        seconds = _ttft_seconds(GLYPH_SHAPE, gpu, pages_prompt(tokens, point.compression or PUBLISHED_COMPRESSION))
    return CurvePoint(tokens, seconds, words=f"{point.arm.label}, {tokens:,} tokens: {seconds:.3g} s on {gpu.name}")


def _ttft_seconds(shape: ModelShape, gpu: Gpu, prompt: PromptSize) -> float:
    return project(shape, gpu, prompt.tokens, prompt.patches_per_page).time_to_first_token_seconds


def _compression_of(found: Iterable[Point]) -> float:
    """The lowest DPI's, which is the strongest; the paper's where no pages were measured."""
    known = sorted((one.arm.dpi or 0, one.compression) for one in found if one.compression)
    return known[0][1] if known else PUBLISHED_COMPRESSION


def _length(point: Point) -> int:
    return point.text_tokens or point.aimed_tokens


def _colors(records: Sequence[Record]) -> dict[Arm, str]:
    """One a side: the text's, that of the paper's DPI and below, and for higher DPIs the rest in their order."""
    arms = sorted({one.task.arm for one in records}, key=_arm_order)
    higher = [arm for arm in arms if _arm_order(arm) > PUBLISHED_DPI]
    usual = {arm: TEXT if arm.dpi is None else GLYPH for arm in arms}
    return usual | {arm: _HIGHER_DPI[rank % len(_HIGHER_DPI)] for rank, arm in enumerate(higher)}


def _arm_order(arm: Arm) -> int:
    return arm.dpi or 0


def _ttft_words(point: Point) -> str:
    assert point.ttft_ms is not None
    one = point.ttft_ms
    pages = f"<br>{point.visual_tokens:,} visual tokens ({point.compression:.2f}×)" if point.compression else ""
    warm = f"<br>{point.warm} warm left out" if point.warm else ""
    return (
        f"{point.arm.label}, {_length(point):,} tokens<br>median {one.median:,.1f} ms of {one.count}, "
        f"MAD {one.mad:,.1f}, quartiles {one.q1:,.1f} to {one.q3:,.1f}{pages}{warm}"
    )


def _load_words(point: Point) -> str:
    assert point.tokens_per_second is not None
    ttft = f"TTFT median {point.ttft_ms.median:,.0f} ms" if point.ttft_ms else ""
    tail = f", p90 {point.ttft_p90_ms:,.0f}, p99 {point.ttft_p99_ms:,.0f} ms" if point.ttft_p99_ms is not None else ""
    return f"{point.at_once} at once: {point.tokens_per_second.median:,.1f} tokens/s<br>{ttft}{tail}"


def _speedup_words(pair: SpeedupPoint) -> str:
    rendered = f"<br>with rendering {pair.ratio_with_rendering:.2f}×" if pair.ratio_with_rendering else ""
    return (
        f"{pair.arm.label}, {pair.aimed_tokens:,} tokens: {pair.ratio:.2f}× "
        f"(quartiles {pair.low:.2f} to {pair.high:.2f}){rendered}"
    )


def _hover(words: str) -> str:
    """A server's words among ours: plotly reads a few tags, so none may come from outside."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
