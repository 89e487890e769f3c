"""Curves over a text's length or the requests at once; where each point comes from is its shape and a word.

In: Curve values. Out: plotly figures. Knows nothing of sweeps or of projections.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import plotly.graph_objects as go

from app.charts.theme import GREY, themed


class Source(StrEnum):
    """Where a figure comes from. Shown with every point."""

    MEASURED = "measured"
    SIMULATED = "simulated"
    PROJECTED = "projected"
    PUBLISHED = "published"


# By shape as well as by word: readable without colour.
SYMBOLS = MappingProxyType(
    {
        Source.MEASURED: "circle",
        Source.SIMULATED: "diamond-open",
        Source.PROJECTED: "square-open",
        Source.PUBLISHED: "star",
    }
)
DASHES = MappingProxyType(
    {Source.MEASURED: "solid", Source.SIMULATED: "dash", Source.PROJECTED: "dot", Source.PUBLISHED: "longdashdot"}
)
# Of a chart 460 px high and some 900 wide: where its points lie, and what a label of two lines takes.
_PLOT_PX, _LABEL_PX, _LABEL_EXPONENTS = 290.0, 36.0, 0.25


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """`low` and `high`: the quartiles of the repeats; None where there is no spread. `words`: for hovering."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    name: str
    source: Source
    color: str
    points: tuple[CurvePoint, ...]
    note: str = ""
    """Said behind the name in the legend, not beside the curve: by how much a simulator's clock was made faster."""

    @property
    def label(self) -> str:
        return f"{self.name}{self.note}, {self.source}"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that could not be measured: a cross at the foot of the chart, the reason when hovering."""

    x: float
    color: str
    words: str


def curves_chart(
    curves: Sequence[Curve],
    *,
    x_title: str,
    y_title: str,
    log_y: bool,
    missing: Sequence[Missing] = (),
    level: float | None = None,
    thousands: bool = True,
) -> go.Figure:
    """`level`: a horizontal line, as at a speedup of 1. `thousands`: x in K of 1,024, as lengths are named."""
    figure = go.Figure()
    for curve in curves:
        figure.add_scatter(**_trace(curve))
    for label in _end_labels(curves, log_y):
        figure.add_annotation(**label)
    if missing:
        lowest = min((point.y for curve in curves for point in curve.points), default=1.0)
        figure.add_scatter(
            x=[one.x for one in missing],
            y=[lowest * 0.7 if log_y else 0] * len(missing),
            mode="markers",
            name="not measured",
            marker={"symbol": "x", "size": 11, "color": [one.color for one in missing]},
            text=[one.words for one in missing],
            hovertemplate="%{text}<extra>not measured</extra>",
        )
    if level is not None:
        figure.add_hline(y=level, line={"color": GREY, "dash": "dash"})
    themed(figure, height=460)
    figure.update_layout(margin={"r": 130})
    values = sorted({point.x for curve in curves for point in curve.points} | {one.x for one in missing})
    ticks = _spaced(values)
    figure.update_xaxes(
        title=x_title,
        type="log",
        range=_span(values),
        tickvals=ticks,
        ticktext=[_tick(value, thousands) for value in ticks],
    )
    figure.update_yaxes(title=y_title, **({"type": "log", "dtick": 1} if log_y else {"rangemode": "tozero"}))
    return figure


def _trace(curve: Curve) -> dict[str, object]:
    trace: dict[str, object] = {
        "x": [point.x for point in curve.points],
        "y": [point.y for point in curve.points],
        "name": curve.label,
        "mode": "lines+markers",
        "line": {"color": curve.color, "width": 2.5, "dash": DASHES[curve.source]},
        "marker": {"symbol": SYMBOLS[curve.source], "size": 12, "line": {"width": 2}},
        "text": [point.words for point in curve.points],
        "hovertemplate": f"%{{text}}<extra>{curve.source}</extra>",
    }
    if any(point.low is not None for point in curve.points):
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [0 if point.high is None else max(0.0, point.high - point.y) for point in curve.points],
            "arrayminus": [0 if point.low is None else max(0.0, point.y - point.low) for point in curve.points],
            "color": curve.color,
        }
    return trace


def _end_labels(curves: Sequence[Curve], log_y: bool) -> list[dict[str, object]]:
    """Each name beside its curve's last point, moved up where it would lie on another one. Greedy, from below.

    On a logarithmic axis plotly wants the exponent for a place.
    """
    ends = [(max(curve.points, key=lambda point: point.x), curve) for curve in curves if curve.points]
    places = [_place(point.y, log_y) for curve in curves for point in curve.points]
    bottom = min(places, default=0.0) if log_y else 0.0
    height = (max(places, default=1.0) - bottom) or 1.0
    taken: list[tuple[float, float]] = []  # exponents of x, pixels from below
    labels = []
    for point, curve in sorted(ends, key=lambda end: end[0].y):
        x, y = math.log10(point.x), _place(point.y, log_y)
        at_px = wanted_px = (y - bottom) / height * _PLOT_PX
        for other_x, other_px in sorted(taken, key=lambda one: one[1]):
            if abs(other_x - x) < _LABEL_EXPONENTS and abs(other_px - at_px) < _LABEL_PX:
                at_px = other_px + _LABEL_PX
        taken.append((x, at_px))
        labels.append(
            {
                "x": x,
                "y": y,
                "text": f"{curve.name}<br><i>{curve.source}</i>",
                "showarrow": False,
                "xanchor": "left",
                "align": "left",
                "xshift": 12,
                "yshift": at_px - wanted_px,
                "font": {"color": curve.color, "size": 13},
            }
        )
    return labels


def _place(y: float, log_y: bool) -> float:
    return math.log10(y) if log_y and y > 0 else y


def _span(values: Sequence[float]) -> list[float] | None:
    """The axis's ends, as exponents. Plotly's own would make room inside the plot for the names beside the curves, which have the
    margin: on a phone that leaves the curves a sliver."""
    if not values:
        return None
    first, last = math.log10(values[0]), math.log10(values[-1])
    edge = 0.06 * (last - first) or 0.5
    return [first - edge, last + edge]


def _spaced(values: Sequence[float], apart: float = 1.4) -> list[float]:
    """Ticks that do not run into each other: each at least so many times the one before."""
    kept: list[float] = []
    for value in values:
        if not kept or value >= apart * kept[-1]:
            kept.append(value)
    return kept


def _tick(value: float, thousands: bool) -> str:
    """Sentences end a little before the length aimed at: 4,089 tokens are named 4K."""
    if not thousands or value < 1000:
        return f"{value:g}"
    return f"{value / 1024:.0f}K" if value >= 10_000 else f"{value / 1024:.2g}K"
