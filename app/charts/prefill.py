"""Prefill seconds of both sides against the book's length, on paper: the projection's two curves and where this book lies."""

from __future__ import annotations

import math

import plotly.graph_objects as go

from app.charts.theme import GLYPH, GREY, TEXT, themed


def projection_chart(
    text_tokens: list[int],
    text_seconds: list[float],
    pages_seconds: list[float],
    ratio: float,
    gpu: str,
    book_tokens: int | None = None,
) -> go.Figure:
    """All lists have one entry a length. Dotted lines and the word "projected": nothing here was measured."""
    figure = go.Figure()
    figure.add_scatter(
        x=text_tokens,
        y=text_seconds,
        name="Text, projected",
        mode="lines+markers",
        line={"color": TEXT, "width": 3, "dash": "dot"},
    )
    figure.add_scatter(
        x=text_tokens,
        y=pages_seconds,
        name=f"Pages at {ratio:.2f}× compression, projected",
        mode="lines+markers",
        line={"color": GLYPH, "width": 3, "dash": "dot"},
    )
    if book_tokens:
        figure.add_vline(x=book_tokens, line={"color": GREY, "dash": "dash"})
        # Beside a line plotly would put the words by the raw value; on a logarithmic axis their place is the exponent.
        late = 2 * math.log10(book_tokens) > math.log10(text_tokens[0]) + math.log10(text_tokens[-1])
        figure.add_annotation(
            x=math.log10(book_tokens),
            y=1,
            yref="paper",
            text="this book",
            showarrow=False,
            yanchor="top",
            xanchor="right" if late else "left",
            xshift=-6 if late else 6,
        )
    themed(figure, height=430)
    figure.update_xaxes(
        title="Book length (text tokens)",
        type="log",
        tickvals=text_tokens,
        ticktext=[f"{n // 1000}K" for n in text_tokens],
    )
    figure.update_yaxes(title=f"Prefill (s) on {gpu}", rangemode="tozero")
    return figure
