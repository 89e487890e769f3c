"""How far each assumption moves a projected result: bars from one end of its range to the other, the widest on top.

In: the projection's Swing values, widest first. Out: a plotly figure. Knows nothing of what the result is.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from app.charts.theme import GREY, TEXT, themed
from app.projection import Swing


def tornado_chart(swings: Sequence[Swing], assumed_result: float, title: str) -> go.Figure:
    """`assumed_result`: with everything as assumed; the bars lie around it."""
    figure = go.Figure()
    rows = list(reversed(swings))  # plotly draws from below
    figure.add_bar(
        y=[swing.label for swing in rows],
        x=[swing.at_high - swing.at_low for swing in rows],
        base=[swing.at_low for swing in rows],
        orientation="h",
        marker={"color": TEXT},
        customdata=[[swing.low, swing.assumed, swing.high, swing.at_low, swing.at_high] for swing in rows],
        hovertemplate=(
            "%{y}<br>%{customdata[0]} gives %{customdata[3]:.3g}<br>%{customdata[1]} is assumed"
            "<br>%{customdata[2]} gives %{customdata[4]:.3g}<extra>projected</extra>"
        ),
        text=[f"{swing.low:g} … {swing.high:g}" for swing in rows],
        textposition="outside",
    )
    figure.add_vline(x=assumed_result, line={"color": GREY, "dash": "dash"})
    themed(figure, height=120 + 40 * len(rows))
    figure.update_xaxes(title=f"{title}, projected", showgrid=True, gridcolor="rgba(128,128,128,0.25)")
    figure.update_yaxes(showgrid=False)
    figure.update_layout(showlegend=False, margin={"t": 10, "r": 60})
    return figure
