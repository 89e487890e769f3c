"""A recording as values to hand on: each side's last try with its marks, answer and figures, and what says whose times they are.

In: a Recording. Out: a SharedRun. Marks are seconds from the run's start; None where something did not happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from app.checking import LookedUp
from app.clients import AnswerDelta, Event, ReasoningDelta
from app.clients.pace import pace_words
from app.comparisons import ComparisonSnapshot, Passages, SideSnapshot, verdict_line
from app.comparisons.steps import PagesTaken
from app.measurement import MarkRecorder, Marks, Provenance
from app.recordings import RecordedSide, Recording, RunHeader, looked_up_on, played
from app.recordings.playing import told


@dataclass(frozen=True, slots=True)
class SharedSide:
    """`chunk_times`: when each piece of thought or answer came. `kind`: measured or simulated, in words. `looked_up`: what of the
    answer stands in the book, where that is at hand."""

    asked: RecordedSide
    seen: SideSnapshot
    marks: Marks
    chunk_times: tuple[float, ...]
    page_hashes: tuple[str, ...]
    looked_up: LookedUp | None = None

    @property
    def name(self) -> str:
        return self.asked.role.called

    @property
    def kind(self) -> str:
        if not self.asked.simulated:
            return "measured"
        pace = pace_words(self.asked.speedup)
        return f"simulated: projected for {self.asked.gpu or 'a GPU that was not told'}{f', {pace}' if pace else ''}, not measured"

    @property
    def stood_still(self) -> bool:
        """Whether a simulator's stream waited for its own words: its gaps are neither measured nor projected then."""
        timings = self.seen.server_timings
        return self.asked.simulated and timings is not None and bool(timings.stand_in_waited_ms)

    @property
    def ended(self) -> float | None:
        """The request's end as figures count it, on the marks' clock; None where it was never sent."""
        marks = self.marks
        seen = next((at for at in (marks.ended, marks.last, marks.headers, marks.sent) if at is not None), None)
        counted = marks.last_counted(Provenance.of(self.asked.simulated))
        if seen is None or marks.last is None or counted is None:
            return seen
        return seen - (marks.last - counted)


@dataclass(frozen=True, slots=True)
class SharedRun:
    """`badge`: when it was recorded, on what, with which models. `sentence`: the comparison in words, "" where there is none."""

    header: RunHeader
    sides: tuple[SharedSide, ...]
    badge: str
    sentence: str
    broken_off: bool
    passages: Passages | None = None
    """The book, where it is at hand."""


def shared_run(recording: Recording, book_text: str | None = None) -> SharedRun:
    """`book_text`: where it is kept and the receiver may know what of the answers stands in it."""
    snapshot = played(recording, book_text).snapshot()
    sides = tuple(
        _side(side, recording, seen, looked_up_on(seen, snapshot))
        for side in recording.header.sides
        if (seen := snapshot.side(side.role)) is not None
    )
    sentence, badge = _sentence(snapshot), told(recording.header).sentence
    return SharedRun(recording.header, sides, badge, sentence, recording.broken_off, snapshot.spec.passages)


def _sentence(snapshot: ComparisonSnapshot) -> str:
    return verdict_line(snapshot) or ""


def _side(asked: RecordedSide, recording: Recording, seen: SideSnapshot, looked_up: LookedUp | None) -> SharedSide:
    own = [one for one in recording.steps if one.role is asked.role]
    last = max((one.attempt for one in own), default=1)
    recorder, chunks = MarkRecorder(), []
    pages: tuple[str, ...] = ()
    for one in own:
        if one.attempt != last:
            continue
        if isinstance(one.step, get_args(Event)):
            recorder.feed(one.step)
        if isinstance(one.step, AnswerDelta | ReasoningDelta):
            chunks.append(one.step.at)
        if isinstance(one.step, PagesTaken):
            pages = tuple(page.sha256 for page in one.step.pages)
    return SharedSide(asked, seen, recorder.marks, tuple(chunks), pages, looked_up)
