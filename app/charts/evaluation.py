"""Accuracy against compression: an evaluation's arms with their intervals, and the points that the paper prints. Values in, a figure out."""

from __future__ import annotations

import plotly.graph_objects as go

from app.charts.curves import DASHES, SYMBOLS, Source
from app.charts.theme import COLORWAY, GLYPH, TEXT, themed
from app.evaluation import SOURCE, TABLE_3, TEXT_AVERAGE, TEXT_MODEL, ArmSummary, Given, Report

_PAPER, _SHEET = COLORWAY[3], COLORWAY[2]


def accuracy_chart(report: Report) -> go.Figure:
    """The text stands at compression 1, for its tokens are the measure; the question alone is a level."""
    figure = go.Figure()
    source = Source.SIMULATED if report.simulated else Source.MEASURED
    text = [one for one in report.summaries if one.arm.given is Given.TEXT]
    pages = [one for one in report.summaries if one.compression]
    for name, color, found in (
        ("Text model", TEXT, [(1.0, one) for one in text]),
        ("Glyph", GLYPH, [(one.compression or 1.0, one) for one in pages if not one.arm.factsheet]),
        ("Glyph + factsheet", _SHEET, [(one.compression or 1.0, one) for one in pages if one.arm.factsheet]),
    ):
        if found:
            figure.add_scatter(**_trace(name, color, source, sorted(found, key=lambda pair: pair[0])))
    figure.add_scatter(
        x=[row.compression for row in TABLE_3],
        y=[row.average for row in TABLE_3],
        mode="lines+markers",
        name=f"Glyph in the paper, {Source.PUBLISHED}",
        line={"color": _PAPER, "dash": DASHES[Source.PUBLISHED], "width": 2},
        marker={"symbol": SYMBOLS[Source.PUBLISHED], "size": 13},
        text=[f"{row.dpi} dpi: {row.average} % at {row.compression}× ({SOURCE})" for row in TABLE_3],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.add_scatter(
        x=[1.0],
        y=[TEXT_AVERAGE],
        mode="markers",
        name=f"{TEXT_MODEL} in the paper, {Source.PUBLISHED}",
        marker={"symbol": SYMBOLS[Source.PUBLISHED], "size": 13, "color": TEXT},
        text=[f"{TEXT_MODEL}: {TEXT_AVERAGE} % ({SOURCE})"],
        hovertemplate="%{text}<extra></extra>",
    )
    themed(figure, height=440)
    figure.update_xaxes(title="Compression (text tokens / visual tokens)", rangemode="tozero")
    figure.update_yaxes(title="Mean score (%)", range=[0, 103])
    return figure


def _trace(name: str, color: str, source: Source, found: list[tuple[float, ArmSummary]]) -> dict[str, object]:
    y = [100 * one.score.value for _, one in found]
    return {
        "x": [x for x, _ in found],
        "y": y,
        "mode": "lines+markers",
        "name": f"{name}, {source}",
        "line": {"color": color, "width": 2.5, "dash": DASHES[source]},
        "marker": {"symbol": SYMBOLS[source], "size": 12, "line": {"width": 2}},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * one.score.high - value for value, (_, one) in zip(y, found, strict=True)],
            "arrayminus": [value - 100 * one.score.low for value, (_, one) in zip(y, found, strict=True)],
            "color": color,
        },
        "text": [
            f"{one.arm.label}: {100 * one.score.value:.1f} % ({100 * one.score.low:.1f} to {100 * one.score.high:.1f}), "
            f"n {one.score.count}<br>compression {x:.2f}×"
            for x, one in found
        ],
        "hovertemplate": f"%{{text}}<extra>{source}</extra>",
    }
