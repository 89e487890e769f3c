"""A kept run in words and figures, for lists, charts and choices. In: entries. Out: strings, points. Imports no streamlit."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from app.charts import RunPoint
from app.clients import Role
from app.comparisons import Phase
from app.reading.words import time_words
from app.recordings import Entry, RunState
from app.ui.history.filters import verdict_of

_X: dict[str, Callable[[Entry], float | str | datetime | None]] = {
    "Day": lambda entry: datetime.fromtimestamp(entry.began_at),
    "DPI": lambda entry: entry.summary.stamp.dpi if entry.summary and entry.summary.stamp else None,
    "Font": lambda entry: entry.summary.stamp.font if entry.summary and entry.summary.stamp else None,
    "Font size (pt)": lambda entry: entry.summary.stamp.font_size_pt if entry.summary and entry.summary.stamp else None,
    "Compression ratio": lambda entry: (
        round(entry.summary.stamp.compression_ratio, 2) if entry.summary and entry.summary.stamp else None
    ),
}
AXES = tuple(_X)
# Of a side of a whole run; where the run itself is broken off, its badge says so.
_ENDED_EARLY = {Phase.STOPPED: "(stopped)", Phase.FAILED: "(failed)"}


def when(entry: Entry) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.began_at))


def kind(entry: Entry) -> str:
    """Measured or simulated; what an imported file says of itself is its own word."""
    told = "simulated" if entry.simulated else "measured"
    return f"imported, {told} as its file says" if entry.imported else told


def state_words(entry: Entry) -> str:
    """ "" for a run that is whole."""
    return {RunState.RUNNING: "still running", RunState.BROKEN_OFF: "broken off", RunState.ENDED: ""}[entry.state]


def side_words(entry: Entry, role: Role) -> str:
    """Time to first token, whether the answer was right, and what ended it early; no line ends between a figure, its unit and
    its mark."""
    side = entry.summary.side(role) if entry.summary is not None else None
    if side is None:
        return "–"
    verdict = verdict_of(entry, role)
    wait = time_words(side.ttft_ms / 1000) if side.ttft_ms is not None else "no first token"
    mark = f"\u00a0{verdict.mark}" if verdict is not None and verdict.mark else ""
    early = _ENDED_EARLY.get(side.phase, "") if entry.state is RunState.ENDED else ""
    return f"{wait}{mark} {early}".rstrip(" ")


def ratio_words(entry: Entry) -> str:
    """How much sooner Glyph's first token came."""
    ratio = entry.summary.speedup if entry.summary is not None else None
    return f"{ratio:.2f}×" if ratio is not None else "–"


def label(entry: Entry) -> str:
    """One line that tells a run from others of the same question."""
    stamp = entry.summary.stamp.words if entry.summary is not None and entry.summary.stamp is not None else ""
    return " · ".join(part for part in (entry.shown_name[:60], when(entry), stamp) if part)


def side_label(entry: Entry, role: Role) -> str:
    return f"{role.called}: {label(entry)}"


def points(entries: list[Entry], axis: str) -> list[RunPoint]:
    """What the chart shows over one of AXES; runs that do not have it are left out."""
    found = []
    for entry in sorted(entries, key=lambda one: one.began_at):
        x = _X[axis](entry)
        if x is None or entry.summary is None:
            continue
        text, pages = (entry.summary.side(role) for role in (Role.TEXT, Role.PAGES))
        found.append(
            RunPoint(
                x,
                text.ttft_ms if text else None,
                pages.ttft_ms if pages else None,
                bool(text and text.simulated),
                bool(pages and pages.simulated),
                f"{when(entry)} · {_safe(entry.shown_name[:60])}",
            )
        )
    return found


def _safe(text: str) -> str:
    """Plotly draws some tags of a hover text."""
    return text.replace("<", "‹").replace(">", "›")
