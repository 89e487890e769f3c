"""Compare two sides' waits for the first token, in a figure and in a sentence.

In: both sides' Latencies. Out: a Speedup, or None while one side has no first token. Draws nothing.
"""

from __future__ import annotations

from app.clients import Role
from app.clients.pace import pace_words
from app.measurement.values import Latencies, Provenance, Speedup

_SAME_WITHIN = 0.05
Paces = tuple[float | None, float | None]


def speedup(
    text: Latencies, pages: Latencies, include_preparation: bool = False, paces: Paces = (None, None)
) -> Speedup | None:
    """`include_preparation`: parse, render and encode times count on both sides. `paces`: by what each side's simulator, the text
    model's first, divides its waits; None: it did not tell, and runs as projected."""
    text_ms = text.ttft_with_preparation_ms if include_preparation else text.ttft_ms
    pages_ms = pages.ttft_with_preparation_ms if include_preparation else pages.ttft_ms
    if not text_ms or not pages_ms or text_ms <= 0 or pages_ms <= 0:
        return None
    provenance = text.provenance if text.provenance is pages.provenance else None
    ratio = text_ms / pages_ms
    return Speedup(
        ratio=ratio,
        text_ms=text_ms,
        pages_ms=pages_ms,
        provenance=provenance,
        sentence=_kind(text, pages, paces) + _sentence(ratio, text_ms, pages_ms, include_preparation),
    )


def duration_words(ms: float, digits: int = 1) -> str:
    """A duration as people say it: "85 ms", "4.2 s", "2 min 13 s". `digits` after the point of a few seconds."""
    if round(ms) < 1000:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.{digits if ms < 9_995 else 1}f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s"


def about_the_same(ratio: float) -> bool:
    """Whether two waits are so alike that to call one of them the shorter says more than is known."""
    return abs(ratio - 1) <= _SAME_WITHIN


def _sentence(ratio: float, text_ms: float, pages_ms: float, include_preparation: bool) -> str:
    figures = f"{duration_words(pages_ms)} against {duration_words(text_ms)}"
    counted = ", preparation included" if include_preparation else ""
    if about_the_same(ratio):
        return f"both first tokens came at about the same time ({figures}{counted})."
    if ratio > 1:
        return f"Glyph's first token {_times(ratio)}× sooner ({figures}{counted})."
    return f"Glyph's first token {_times(1 / ratio)}× later ({figures}{counted})."


def _times(factor: float) -> str:
    return f"{factor:.2f}" if factor < 1.2 else f"{factor:.1f}" if factor < 100 else f"{factor:.0f}"


def _kind(text: Latencies, pages: Latencies, paces: Paces) -> str:
    """What the figures are, before them: nobody should read a projection for a measurement, nor a hurried simulator's times for
    the projection's."""
    text_pace, pages_pace = (pace_words(one) for one in paces)
    if text.provenance is not pages.provenance:
        simulated = Role.TEXT if text.provenance is Provenance.SIMULATED else Role.PAGES
        other = Role.PAGES if simulated is Role.TEXT else Role.TEXT
        pace = text_pace if simulated is Role.TEXT else pages_pace
        told = f"simulated, {pace}" if pace else "simulated"
        return f"{simulated.opening} is {told}, {other.named} measured, so the two do not compare: "
    if text.provenance is not Provenance.SIMULATED:
        return "Measured: "
    if text_pace != pages_pace:
        as_projected = "as projected"
        return (
            f"{Role.TEXT.opening} is simulated {text_pace or as_projected}, {Role.PAGES.named} {pages_pace or as_projected}, "
            "so the two do not compare: "
        )
    # Short, as it stands on one line with two times and two shares; the badge beside each clock has the pace in words.
    return f"Simulated at {paces[0]:g}×: " if text_pace else "Projected: "
