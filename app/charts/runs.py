"""Time to first token of kept runs over whatever tells them apart: their day, their resolution, their font.

In: RunPoint values. Out: a plotly figure; measured points are filled, simulated ones open, as in every chart here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import plotly.graph_objects as go

from app.charts.curves import SYMBOLS, Source
from app.charts.theme import GLYPH, TEXT, themed


@dataclass(frozen=True, slots=True)
class RunPoint:
    """One run. `x`: a figure, a day or a name; milliseconds, None where that side has no first token. `words`: for hovering."""

    x: float | str | datetime
    text_ms: float | None
    pages_ms: float | None
    text_simulated: bool
    pages_simulated: bool
    words: str


def runs_chart(points: list[RunPoint], axis: str) -> go.Figure:
    """`axis` names what `x` is, with its unit."""
    figure = go.Figure()
    for name, color, times, simulated in (
        ("Text model", TEXT, [one.text_ms for one in points], [one.text_simulated for one in points]),
        ("Glyph", GLYPH, [one.pages_ms for one in points], [one.pages_simulated for one in points]),
    ):
        for source in (Source.MEASURED, Source.SIMULATED):
            wanted = source is Source.SIMULATED
            shown = [
                (one, ms / 1000)
                for one, ms, sim in zip(points, times, simulated, strict=True)
                if ms is not None and sim is wanted
            ]
            if shown:
                figure.add_scatter(
                    x=[one.x for one, _ in shown],
                    y=[seconds for _, seconds in shown],
                    mode="markers",
                    name=f"{name}, {source.value}",
                    marker={
                        "color": color,
                        "size": 12,
                        "symbol": SYMBOLS[source],
                        "line": {"color": color, "width": 2},
                    },
                    text=[one.words for one, _ in shown],
                    hovertemplate=f"{name} ({source.value}): %{{y:.3f}} s<br>%{{text}}<extra></extra>",
                )
    themed(figure, height=360)
    figure.update_xaxes(title=axis)
    figure.update_yaxes(title="Time to first token (s)", rangemode="tozero")
    return figure
