"""Colours and layout that every chart shares; readable on light and dark, and from the back row."""

from __future__ import annotations

import plotly.graph_objects as go

TEXT = "#d9822b"
GLYPH = "#14a098"
GREY = "#8a8f98"
SIMULATED_PATTERN = {"shape": "/", "size": 7, "solidity": 0.35}
COLORWAY = [TEXT, GLYPH, "#5b8def", "#b565a7", "#7a9e3b", "#c65353", "#8a8f98", "#3aa0c9", "#a67c52", "#6c6fc9"]


def themed(figure: go.Figure, height: int) -> go.Figure:
    """Transparent, large type, a legend on top, horizontal grid only."""
    figure.update_layout(
        height=height,
        colorway=COLORWAY,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 10, "r": 10, "t": 56, "b": 10},
        font={"size": 16},
        bargap=0.35,
        bargroupgap=0.12,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0, "title": None, "font": {"size": 15}},
        hoverlabel={"font": {"size": 15}},
    )
    figure.update_xaxes(showgrid=False, automargin=True, tickfont={"size": 15}, title_font={"size": 15})
    figure.update_yaxes(
        gridcolor="rgba(128,128,128,0.25)",
        zeroline=False,
        automargin=True,
        tickfont={"size": 15},
        title_font={"size": 15},
    )
    return figure
