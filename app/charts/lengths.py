"""More of a sweep against the text's length: tokens, where the wait went, where pages begin to be sooner; and who waited how long.

In: records. Out: plotly figures; None where a sweep holds nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from app.charts.curves import Curve, CurvePoint, curves_chart
from app.charts.sweep_curves import LENGTH_TITLE, SOURCES, arm_order, colors_of, curve_of, length_of, name_of
from app.charts.theme import GREY, SIMULATED_PATTERN, themed
from app.measurement import Provenance
from app.sweep import BreakEven, Kind, Point, Record, SpeedupPoint, break_evens, points, speedups

# The stages have the colours of the other chart of stages: drawing, preprocessing, prefill.
_STAGES = (
    ("Drawing the pages", "#5b8def"),
    ("Until HTTP's headers", "#b565a7"),
    ("From there to the first token", "#d64f5f"),
)
_WAITS: tuple[tuple[str, Callable[[Point], float | None]], ...] = (
    ("median", lambda one: one.ttft_ms.median if one.ttft_ms else None),
    ("90 %", lambda one: one.ttft_p90_ms),
    ("99 %", lambda one: one.ttft_p99_ms),
)


def tokens_chart(records: Sequence[Record]) -> go.Figure | None:
    """How many tokens each side read, both axes logarithmic, by the server's own count."""
    found = [one for one in points(records) if one.kind is Kind.PREFILL]
    curves: list[Curve] = []
    colors = colors_of(one.arm for one in found)
    for arm in sorted(colors, key=arm_order):
        for provenance in Provenance:
            marks = [
                CurvePoint(length_of(one), one.prompt_tokens, words=_token_words(one))
                for one in found
                if (one.arm, one.provenance) == (arm, provenance) and one.prompt_tokens
            ]
            curves += curve_of(name_of(arm), SOURCES[provenance], colors[arm], marks)
    if not curves:
        return None
    return curves_chart(curves, x_title=LENGTH_TITLE, y_title="Prompt tokens, as the server counts them", log_y=True)


def stages_chart(records: Sequence[Record]) -> go.Figure | None:
    """A row a side and length: drawing, then the server's preparation, then its prefill. What is simulated is hatched."""
    found = sorted(
        (one for one in points(records) if one.kind is Kind.PREFILL and one.ttft_ms is not None),
        key=lambda one: (one.aimed_tokens, arm_order(one.arm), one.provenance.value),
    )
    if not found:
        return None
    rows = [f"{one.aimed_tokens / 1024:g}K {one.arm.label}" for one in found]
    stages = [_stages_ms(one) for one in found]
    figure = go.Figure()
    for number, (name, color) in enumerate(_STAGES):
        figure.add_bar(
            y=rows,
            x=[each[number] / 1000 for each in stages],
            orientation="h",
            name=name,
            marker={
                "color": color,
                "line": {"color": color, "width": 1},
                "pattern": {**SIMULATED_PATTERN, "shape": [_hatch(one, number) for one in found]},
            },
            customdata=[["measured" if number == 0 else one.provenance.value] for one in found],
            hovertemplate=f"%{{y}} · {name}: %{{x:.3f}} s (%{{customdata[0]}})<extra></extra>",
        )
    totals = [sum(each) / 1000 for each in stages]
    figure.add_scatter(
        x=totals,
        y=rows,
        mode="text",
        text=[f" {total:.2g} s, {_source_words(one)}" for total, one in zip(totals, found, strict=True)],
        textposition="middle right",
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
    )
    themed(figure, height=150 + 34 * len(rows))
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"}, margin={"r": 190})
    figure.update_xaxes(title="Time (s)", showgrid=True, gridcolor="rgba(128,128,128,0.25)", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def break_even_chart(records: Sequence[Record]) -> go.Figure | None:
    """Speedup with and without drawing the pages; a mark where each crosses 1."""
    pairs = [one for one in speedups(points(records)) if one.kind is Kind.PREFILL]
    if not pairs:
        return None
    curves: list[Curve] = []
    colors = colors_of(one.task.arm for one in records)
    for arm in sorted({one.arm for one in pairs}, key=arm_order):
        for provenance in Provenance:
            of_arm = [one for one in pairs if (one.arm, one.provenance) == (arm, provenance)]
            marks = [CurvePoint(one.aimed_tokens, one.ratio, words=_ratio_words(one, one.ratio, "")) for one in of_arm]
            curves += curve_of(name_of(arm), SOURCES[provenance], colors[arm], marks)
            drawn = [
                CurvePoint(one.aimed_tokens, ratio, words=_ratio_words(one, ratio, ", drawing counted"))
                for one in of_arm
                if (ratio := one.ratio_with_rendering) is not None
            ]
            curves += curve_of(f"{name_of(arm)}, drawing counted", SOURCES[provenance], GREY, drawn)
    figure = curves_chart(
        curves, x_title=LENGTH_TITLE, y_title="Prefill speedup (text model / Glyph)", log_y=False, level=1.0
    )
    _mark_crossings(figure, break_evens(pairs))
    return figure


def waits_at_once_chart(records: Sequence[Record], tokens: int, pace: str = "") -> go.Figure | None:
    """How long requests of one length, sent together, waited for their first token: median, 90th and 99th percentile."""
    found = [
        one
        for one in points(records)
        if one.kind is Kind.LOAD and one.aimed_tokens == tokens and one.ttft_ms is not None
    ]
    curves: list[Curve] = []
    colors = colors_of(one.task.arm for one in records)
    for _, arm, provenance in sorted({(arm_order(one.arm), one.arm, one.provenance) for one in found}):
        of_arm = [one for one in found if (one.arm, one.provenance) == (arm, provenance)]
        for name, value in _WAITS:
            marks = [CurvePoint(one.at_once, (value(one) or 0.0) / 1000, words=_wait_words(one)) for one in of_arm]
            curves += curve_of(f"{name_of(arm)}, {name}", SOURCES[provenance], colors[arm], marks, pace)
    if not curves:
        return None
    return curves_chart(
        curves, x_title="Requests at once", y_title="Time to first token (s)", log_y=True, thousands=False
    )


def _stages_ms(point: Point) -> tuple[float, float, float]:
    assert point.ttft_ms is not None
    total = point.ttft_ms.median
    headers = min(total, point.headers_ms.median) if point.headers_ms else 0.0
    return point.render_ms or 0.0, headers, total - headers


def _source_words(point: Point) -> str:
    drawn = ", drawing measured" if point.render_ms and point.provenance is Provenance.SIMULATED else ""
    return f"{point.provenance}{drawn}"


def _hatch(point: Point, stage: int) -> str:
    """Drawing is done here and timed by our own clock, for a simulated server too."""
    return str(SIMULATED_PATTERN["shape"]) if point.provenance is Provenance.SIMULATED and stage else ""


def _mark_crossings(figure: go.Figure, found: Sequence[BreakEven]) -> None:
    crossings = [one for one in found if one.text_tokens is not None]
    if not crossings:
        return
    figure.add_scatter(
        x=[one.text_tokens for one in crossings],
        y=[1.0] * len(crossings),
        mode="markers",
        name="break-even, interpolated",
        marker={"symbol": "line-ns-open", "size": 22, "color": GREY, "line": {"width": 3}},
        text=[one.sentence for one in crossings],
        hovertemplate="%{text}<extra>interpolated</extra>",
    )


def _token_words(point: Point) -> str:
    visual = f", {point.visual_tokens:,} of them visual, on {point.pages} pages" if point.visual_tokens else ""
    ratio = f"<br>{point.compression:.2f} text tokens a visual token" if point.compression else ""
    return (
        f"{point.arm.label}, {length_of(point):,} text tokens<br>{point.prompt_tokens:,} prompt tokens{visual}{ratio}"
    )


def _ratio_words(pair: SpeedupPoint, ratio: float, how: str) -> str:
    return f"{pair.arm.label}, {pair.aimed_tokens:,} tokens{how}: {ratio:.2f}×"


def _wait_words(point: Point) -> str:
    assert point.ttft_ms is not None
    full = "" if point.kv_cache_peak is None else f"<br>KV cache at its fullest {100 * point.kv_cache_peak:.0f} %"
    return (
        f"{point.arm.label}, {point.at_once} at once, {length_of(point):,} tokens<br>median {point.ttft_ms.median:,.0f} ms, "
        f"90 % within {point.ttft_p90_ms or 0:,.0f}, 99 % within {point.ttft_p99_ms or 0:,.0f} ms{full}"
    )
