"""Where each answer's time went, stage after stage, both sides on one time scale; simulated hatched, measured solid.

In: a Waterfall for each side. Out: a plotly figure. Knows nothing of streamlit, of servers or of how stages were measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from app.charts.theme import GREY, SIMULATED_PATTERN, themed
from app.measurement import Provenance, Stage, StageName, Waterfall

# The two sides' own hues are left out: here a colour means a stage, on both sides the same one.
STAGE_COLORS = {
    StageName.PARSE: "#8a8f98",
    StageName.RENDER: "#5b8def",
    StageName.ENCODE: "#3aa0c9",
    StageName.SEND: "#6c6fc9",
    StageName.PREPROCESS: "#b565a7",
    StageName.QUEUE: "#a67c52",
    StageName.PREFILL: "#d64f5f",
    StageName.REASON: "#b9a13a",
    StageName.ANSWER: "#6f9e3b",
}


@dataclass(frozen=True, slots=True)
class SideStages:
    """One answer's stages under the name its side has on the axis."""

    label: str
    waterfall: Waterfall


def waterfall_chart(sides: list[SideStages]) -> go.Figure:
    """One row a side, one colour a stage in order of time; a diamond where the first token came."""
    figure = go.Figure()
    for name in StageName:
        found = [(side.label, stage) for side in sides for stage in side.waterfall.stages if stage.name is name]
        if found:
            _add_stage(figure, name, found)
    _add_first_tokens(figure, sides)
    themed(figure, height=140 + 74 * max(1, len(sides)))
    figure.update_layout(barmode="overlay", bargap=0.38, legend={"traceorder": "normal"}, margin={"t": 70})
    figure.update_xaxes(
        title="Time (s)",
        showgrid=True,
        gridcolor="rgba(128,128,128,0.25)",
        rangemode="tozero",
        range=[0, _end_s(sides) * 1.04 or 1],
    )
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        type="category",
        categoryorder="array",
        categoryarray=[side.label for side in sides],
    )
    return figure


def _add_stage(figure: go.Figure, name: StageName, found: list[tuple[str, Stage]]) -> None:
    color, shape = STAGE_COLORS[name], SIMULATED_PATTERN["shape"]
    shapes = [shape if stage.provenance is Provenance.SIMULATED else "" for _, stage in found]
    figure.add_bar(
        y=[label for label, _ in found],
        x=[stage.duration_ms / 1000 for _, stage in found],
        base=[stage.start_ms / 1000 for _, stage in found],
        customdata=[[stage.duration_ms / 1000, _said(stage)] for _, stage in found],
        orientation="h",
        name=name.label,
        width=0.62,
        marker={
            "color": color,
            "line": {"color": color, "width": 1},
            "pattern": {**SIMULATED_PATTERN, "shape": shapes},
        },
        hovertemplate=f"%{{y}} · {name.label}: %{{customdata[0]:.3f}} s %{{customdata[1]}}<extra></extra>",
    )


def _said(stage: Stage) -> str:
    return f"({stage.provenance.value}{'; ' + stage.note if stage.note else ''})"


def _add_first_tokens(figure: go.Figure, sides: list[SideStages]) -> None:
    first_tokens = [(side, at_ms) for side in sides if (at_ms := side.waterfall.first_token_ms) is not None]
    spoken = [side for side, _ in first_tokens]
    if not spoken:
        return
    figure.add_scatter(
        x=[at_ms / 1000 for _, at_ms in first_tokens],
        y=[side.label for side in spoken],
        mode="markers",
        name="First token",
        marker={"symbol": "diamond", "size": 15, "color": "#ffffff", "line": {"color": GREY, "width": 3}},
        hovertemplate="%{y} · first token at %{x:.3f} s<extra></extra>",
    )


def _end_s(sides: list[SideStages]) -> float:
    ends = [stage.start_ms + stage.duration_ms for side in sides for stage in side.waterfall.stages]
    return max(ends, default=0.0) / 1000
