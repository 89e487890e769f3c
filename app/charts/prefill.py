"""Prefill seconds of both sides against the book's length, on paper: the projection's two curves, where this book and the two
windows lie, what was seen of it in this conversation; and the book's own wait, stage by stage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from app.charts.theme import GLYPH, GREY, SIMULATED_PATTERN, TEXT, themed

MEASURED_MARK, SIMULATED_MARK = "diamond", "diamond-open"


@dataclass(frozen=True, slots=True)
class SeenTime:
    """One time to the first token that was seen: of a book of so many text tokens."""

    text_tokens: int
    seconds: float
    of_pages: bool
    simulated: bool


@dataclass(frozen=True, slots=True)
class ProjectedWait:
    """One side's wait on paper, in seconds. `vision`: the encoder over all pages; 0 for text. `step`: the first token's own."""

    label: str
    vision: float
    prefill: float
    step: float


def projection_chart(
    text_tokens: list[int],
    text_seconds: list[float],
    pages_seconds: list[float],
    ratio: float,
    gpu: str,
    book_tokens: int | None = None,
    *,
    windows: Sequence[tuple[str, int]] = (),
    seen: Sequence[SeenTime] = (),
    logarithmic: bool = False,
) -> go.Figure:
    """All lists have one entry a length. Dotted lines and the word "projected": only what is in `seen` was seen.

    `windows`: a name and the length, in text tokens, from which on a book does not fit that side.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=text_tokens,
        y=text_seconds,
        name="Text model, projected",
        mode="lines+markers",
        line={"color": TEXT, "width": 3, "dash": "dot"},
    )
    figure.add_scatter(
        x=text_tokens,
        y=pages_seconds,
        name=f"Glyph at {ratio:.2f}× compression, projected",
        mode="lines+markers",
        line={"color": GLYPH, "width": 3, "dash": "dot"},
    )
    for row, (name, tokens) in enumerate(windows):
        figure.add_vline(x=tokens, line={"color": GREY, "width": 1, "dash": "dot"})
        _word(figure, tokens, f"{name} ends", text_tokens, 0.04 + 0.07 * row)
    if book_tokens:
        figure.add_vline(x=book_tokens, line={"color": GREY, "dash": "dash"})
        # Above the curves where they are low, under them where they are high.
        _word(figure, book_tokens, "this book", text_tokens, 0.18 if _is_late(book_tokens, text_tokens) else 1)
    _add_seen(figure, seen)
    themed(figure, height=430)
    figure.update_xaxes(
        title="Book length (text tokens)",
        type="log",
        tickvals=text_tokens,
        ticktext=[f"{n // 1000}K" for n in text_tokens],
    )
    figure.update_yaxes(title=f"Time to first token (s), {gpu}", rangemode="tozero")
    if logarithmic:
        figure.update_yaxes(type="log", rangemode="normal", dtick=1)
    return figure


def waits_chart(waits: Sequence[ProjectedWait]) -> go.Figure:
    """One row a side, a colour a stage; hatched, as everything that was not measured."""
    figure = go.Figure()
    stages = (
        ("Vision encoder", "#5b8def", "vision"),
        ("Prefill", "#d64f5f", "prefill"),
        ("First token", "#6f9e3b", "step"),
    )
    for name, color, field in stages:
        seconds = [getattr(wait, field) for wait in waits]
        figure.add_bar(
            y=[wait.label for wait in waits],
            x=seconds,
            orientation="h",
            name=f"{name}, projected",
            marker={"color": color, "line": {"color": color, "width": 1}, "pattern": SIMULATED_PATTERN},
            hovertemplate=f"%{{y}} · {name}: %{{x:.3f}} s (projected)<extra></extra>",
        )
    themed(figure, height=90 + 64 * max(1, len(waits)))
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(title="Time (s)", showgrid=True, gridcolor="rgba(128,128,128,0.25)", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def _add_seen(figure: go.Figure, seen: Sequence[SeenTime]) -> None:
    for of_pages, simulated in ((False, False), (True, False), (False, True), (True, True)):
        points = [one for one in seen if (one.of_pages, one.simulated) == (of_pages, simulated)]
        if points:
            name, kind = "Glyph" if of_pages else "Text model", "simulated" if simulated else "measured"
            figure.add_scatter(
                x=[one.text_tokens for one in points],
                y=[one.seconds for one in points],
                name=f"{name}, {kind} here",
                mode="markers",
                marker={
                    "symbol": SIMULATED_MARK if simulated else MEASURED_MARK,
                    "size": 13,
                    "color": GLYPH if of_pages else TEXT,
                    "line": {"width": 2, "color": GLYPH if of_pages else TEXT},
                },
                hovertemplate=f"{name} ({kind}): %{{y:.3f}} s at %{{x:,}} tokens<extra></extra>",
            )


def _word(figure: go.Figure, tokens: int, text: str, lengths: list[int], height: float) -> None:
    """Beside a line plotly would put the words by the raw value; on a logarithmic axis their place is the exponent."""
    late = _is_late(tokens, lengths)
    figure.add_annotation(
        x=math.log10(tokens),
        y=height,
        yref="paper",
        text=text,
        showarrow=False,
        yanchor="top" if height == 1 else "bottom",
        xanchor="right" if late else "left",
        xshift=-6 if late else 6,
    )


def _is_late(tokens: int, lengths: Sequence[int]) -> bool:
    """Whether it lies in the right half of a logarithmic axis."""
    return 2 * math.log10(tokens) > math.log10(lengths[0]) + math.log10(lengths[-1])
