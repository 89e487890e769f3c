"""A recording as a comparison that can be looked at, asked on from, and played again.

In: a Recording. Out: a PlayedComparison for the registry. What was broken off says so on its side.
"""

from __future__ import annotations

import time

from app.clients import Endpoint, PageFile, Role
from app.comparisons import BookText, ComparisonSpec, Passages, RecordedRun, SideError
from app.comparisons.played import PlayedComparison, PlayedStep
from app.comparisons.steps import Failed
from app.recordings.run_file import ends
from app.recordings.values import RecordedSide, Recording, RunHeader
from renderer import RenderError

BROKEN_OFF = SideError(
    "The app ended in the middle of this answer.",
    "What had come until then is here; ask again for the rest.",
    "BrokenOff",
)


def played(recording: Recording, book_text: str | None = None, comparison_id: str = "") -> PlayedComparison:
    """`book_text`: where it is kept, so that quotations are found in it. `comparison_id`: "" takes the run's own."""
    header = recording.header
    steps = [PlayedStep(one.role, one.attempt, one.step) for one in recording.steps]
    last_s = max((one.step.at for one in steps), default=0.0)
    for side in header.sides:
        own = [one for one in steps if one.role is side.role]
        if not own or not ends(own[-1].step):
            steps.append(PlayedStep(side.role, own[-1].attempt if own else 1, Failed(BROKEN_OFF, last_s)))
    return PlayedComparison(
        comparison_id or header.run_id, _spec(header, book_text), header.order, tuple(steps), told(header)
    )


def told(header: RunHeader) -> RecordedRun:
    """The badge: when, on what, with which models."""
    servers = [
        f"{side.model}{f' ({side.version})' if side.version else ''} on {side.gpu or 'hardware that was not told'}"
        f"{', simulated' if side.simulated else ''}"
        for side in header.sides
    ]
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(header.began_at))
    return RecordedRun(day, f"Recorded {day} on {header.machine}: {'; '.join(servers)}.")


def _spec(header: RunHeader, book_text: str | None) -> ComparisonSpec:
    sides = {side.role: side for side in header.sides}
    text, pages = sides.get(Role.TEXT), sides.get(Role.PAGES)
    first = text or pages
    assert first is not None, "a recording has a side"
    return ComparisonSpec(
        title=header.title,
        document="",
        question=header.question,
        pages=_no_pages,
        text_endpoint=_endpoint(text),
        pages_endpoint=_endpoint(pages),
        sampling=first.sampling,
        pages_sampling=pages.sampling if pages else None,
        text_history=text.history if text else (),
        pages_history=pages.history if pages else (),
        cut=header.cut,
        parse_ms=header.parse_ms,
        known=header.known,
        stamp=header.stamp,
        text_projected=text.projected if text else None,
        pages_projected=pages.projected if pages else None,
        text_cost=text.cost if text else None,
        pages_cost=pages.cost if pages else None,
        options=header.options,
        book=BookText(book_text, header.book.sha256) if header.book and book_text is not None else None,
        passages=_passages(header, book_text),
        conversation=header.conversation,
    )


def _passages(header: RunHeader, book_text: str | None) -> Passages | None:
    if header.book is None or book_text is None:
        return None
    return Passages(header.book.sha256, book_text, header.page_starts, header.settings)


def _endpoint(side: RecordedSide | None) -> Endpoint | None:
    if side is None:
        return None
    return Endpoint(
        side.role,
        side.server,
        side.address,
        side.model,
        simulated=side.simulated,
        dialect=side.dialect,
        version=side.version,
        simulated_gpu=side.gpu,
        simulated_speedup=side.speedup,
    )


def _no_pages(*_: object) -> tuple[PageFile, ...]:
    raise RenderError("This is a recording: its pages are not rendered again.")
