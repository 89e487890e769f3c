"""Time to first token of both sides, question by question; what is simulated is hatched, what is measured is solid."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from app.charts.theme import GLYPH, SIMULATED_PATTERN, TEXT, themed


@dataclass(frozen=True, slots=True)
class QuestionTimes:
    """One question's two times to first token, in milliseconds; None: that side has none (yet)."""

    label: str
    text_ms: float | None
    pages_ms: float | None
    text_simulated: bool
    pages_simulated: bool


def ttft_chart(questions: list[QuestionTimes]) -> go.Figure:
    """Grouped horizontal bars, the newest question on top."""
    figure = go.Figure()
    labels = [question.label for question in questions]
    for name, color, times, simulated in (
        ("Text model", TEXT, [q.text_ms for q in questions], [q.text_simulated for q in questions]),
        ("Glyph", GLYPH, [q.pages_ms for q in questions], [q.pages_simulated for q in questions]),
    ):
        for kind, wanted in (("measured", False), ("simulated", True)):
            seconds = [
                ms / 1000 if ms is not None and sim is wanted else None
                for ms, sim in zip(times, simulated, strict=True)
            ]
            if all(value is None for value in seconds):
                continue
            figure.add_bar(
                y=labels,
                x=seconds,
                orientation="h",
                name=f"{name}, {kind}",
                offsetgroup=name,
                marker={
                    "color": color,
                    "line": {"color": color, "width": 1.5},
                    **({"pattern": SIMULATED_PATTERN} if wanted else {}),
                },
                text=[f"{value:.2f} s" if value is not None else "" for value in seconds],
                textposition="outside",
                cliponaxis=False,
                textfont={"size": 16},
                hovertemplate=f"{name} ({kind}): %{{x:.3f}} s<extra></extra>",
            )
    themed(figure, height=150 + 90 * max(1, len(questions)))
    figure.update_layout(barmode="group", uniformtext={"mode": "hide", "minsize": 12})
    figure.update_xaxes(
        title="Time to first token (s)", showgrid=True, gridcolor="rgba(128,128,128,0.25)", rangemode="tozero"
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    longest = (
        max((value for q in questions for value in (q.text_ms, q.pages_ms) if value is not None), default=0) / 1000
    )
    figure.update_xaxes(range=[0, longest * 1.18 or 1])
    return figure
