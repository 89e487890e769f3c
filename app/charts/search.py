"""A search's settings as points: accuracy against compression, its front as steps; and the area held, setting by setting.

Accuracies are those of the search's own reader, named on the axis. The paper's three points are of another task and another reader
(RULER, Glyph): hollow, named, and never joined to ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts.theme import COLORWAY, GREY, themed
from app.evaluation import TABLE_3
from app.search import Arm, ArmState, Candidate

_COLORS = {Arm.SEARCH: COLORWAY[1], Arm.RANDOM: GREY, Arm.MANUAL: COLORWAY[0]}
_SYMBOLS = {Arm.SEARCH: "circle", Arm.RANDOM: "x", Arm.MANUAL: "diamond"}
NAMES = {Arm.SEARCH: "search", Arm.RANDOM: "random settings", Arm.MANUAL: "Glyph's published settings"}


def front_chart(states: Sequence[ArmState], chosen: tuple[Arm, int] | None = None) -> go.Figure:
    """Every scored setting; each arm's front as a line of steps; `chosen`: ringed."""
    figure = go.Figure()
    for state in states:
        color = _COLORS[state.arm]
        front = sorted(state.front, key=lambda one: one.score.compression)
        figure.add_scatter(
            x=[one.score.compression for one in state.candidates],
            y=[100 * one.score.accuracy for one in state.candidates],
            mode="markers",
            name=NAMES[state.arm],
            marker={"color": color, "symbol": _SYMBOLS[state.arm], "size": 8, "opacity": 0.55},
            customdata=[[state.arm.value, one.number] for one in state.candidates],
            hovertext=[_words(state.arm, one) for one in state.candidates],
            hoverinfo="text",
        )
        if len(front) > 1:
            figure.add_scatter(
                x=[one.score.compression for one in front],
                y=[100 * one.score.accuracy for one in front],
                mode="lines",
                line={"color": color, "shape": "vh", "width": 2.5},
                showlegend=False,
                hoverinfo="skip",
            )
    figure.add_scatter(
        x=[row.compression for row in TABLE_3],
        y=[row.average for row in TABLE_3],
        mode="markers+text",
        name="published: Glyph itself, RULER",
        text=[f"{row.dpi} dpi" for row in TABLE_3],
        textposition="middle left",
        cliponaxis=False,
        marker={"color": "rgba(0,0,0,0)", "size": 11, "symbol": "square", "line": {"color": GREY, "width": 2}},
        hoverinfo="text",
        hovertext=[f"Published: {row.average:g} at {row.compression:g}x, {row.dpi} dpi" for row in TABLE_3],
    )
    _ring(figure, states, chosen)
    figure.update_xaxes(
        title="Compression (text tokens a visual token)", showgrid=True, gridcolor="rgba(128,128,128,.2)"
    )
    figure.update_yaxes(title="Read rightly (%)", range=[-3, 104])
    return themed(figure, 460)


def areas_chart(states: Sequence[ArmState]) -> go.Figure:
    """The hypervolume over the scored settings: what the same budget brought each arm."""
    figure = go.Figure()
    for state in states:
        figure.add_scatter(
            x=list(range(1, len(state.areas) + 1)),
            y=list(state.areas),
            mode="lines",
            name=NAMES[state.arm],
            line={"color": _COLORS[state.arm], "width": 3, "dash": "solid" if state.arm is Arm.SEARCH else "dot"},
        )
    figure.update_xaxes(title="Settings scored")
    figure.update_yaxes(title="Area held")
    return themed(figure, 320)


def _ring(figure: go.Figure, states: Sequence[ArmState], chosen: tuple[Arm, int] | None) -> None:
    for state in states:
        for one in state.candidates:
            if chosen == (state.arm, one.number):
                figure.add_scatter(
                    x=[one.score.compression],
                    y=[100 * one.score.accuracy],
                    mode="markers",
                    name="chosen",
                    marker={"size": 20, "color": "rgba(0,0,0,0)", "line": {"width": 3, "color": COLORWAY[5]}},
                    hoverinfo="skip",
                )


def _words(arm: Arm, one: Candidate) -> str:
    score = one.score
    told = (
        f"{NAMES[arm]} {one.number}<br>{100 * score.accuracy:.1f} % read ({100 * score.low:.0f} % to {100 * score.high:.0f} %, n = {score.n})"
        f"<br>{score.compression:.2f}x"
    )
    if one.held_out is not None:
        told += f"<br>held-out items: {100 * one.held_out.accuracy:.1f} % (n = {one.held_out.n})"
    gene = one.proposal.genome.to_mapping()
    return f"{told}<br>{gene['dpi']} dpi, {gene['font']}, {gene['font_size_pt']} pt"
