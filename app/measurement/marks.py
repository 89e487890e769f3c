"""Note the instants of one request as its events pass by.

In: a client's events, in order. Out: Marks, usage, the server's own timings. Reads no clock: instants are the events'.
"""

from __future__ import annotations

from dataclasses import replace

from app.clients import (
    AnswerDelta,
    AnswerWasReasoning,
    Event,
    Finished,
    FirstByte,
    HeadersArrived,
    NotStreamed,
    ReasoningDelta,
    RequestSent,
    RequestStarted,
    Resent,
    ServerTimings,
    Stopped,
    UsageReport,
)
from app.measurement.values import Marks


class MarkRecorder:
    """Feed it every event; read `marks`, `usage` and `timings` at any time. One writer, any number of readers."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.usage: UsageReport | None = None
        self.timings: ServerTimings | None = None
        self.finish_reason: str | None = None
        self.salt_refused = False
        """The request went out again without its cache salt."""
        self._came_whole = False

    def feed(self, event: Event) -> None:
        if self._came_whole and isinstance(event, (AnswerDelta, ReasoningDelta)):
            # No token was seen to be the first: that mark stays missing.
            self.marks = replace(self.marks, last=event.at)
        elif isinstance(event, AnswerDelta):
            first = event.at if self.marks.first_answer is None else self.marks.first_answer
            self.marks = replace(self.marks, first_answer=first, last=event.at)
        elif isinstance(event, ReasoningDelta):
            first = event.at if self.marks.first_reasoning is None else self.marks.first_reasoning
            self.marks = replace(self.marks, first_reasoning=first, last=event.at)
        elif isinstance(event, UsageReport):
            self.usage = event if self.usage is None else _merged(self.usage, event)
        elif isinstance(event, ServerTimings):
            self.timings = event
            late_s, decode_s = (event.stand_in_late_ms or 0.0) / 1000, (event.generation_ms or 0.0) / 1000
            self.marks = replace(self.marks, late_s=late_s, told_decode_s=decode_s)
        else:
            self._frame(event)

    def _frame(self, event: Event) -> None:
        if isinstance(event, NotStreamed):
            self._came_whole = True
        elif isinstance(event, AnswerWasReasoning):
            thought = self.marks.first_answer if self.marks.first_reasoning is None else self.marks.first_reasoning
            self.marks = replace(self.marks, first_reasoning=thought, first_answer=None)
        elif isinstance(event, RequestStarted):
            self.marks = replace(self.marks, sent=event.at)
        elif isinstance(event, RequestSent):
            self.marks = replace(self.marks, body_sent=event.at)
        elif isinstance(event, Resent):
            self.marks = replace(self.marks, resent=event.at)
            self.salt_refused = self.salt_refused or event.without_salt
        elif isinstance(event, HeadersArrived):
            self.marks = replace(self.marks, headers=event.at)
        elif isinstance(event, FirstByte):
            self.marks = replace(self.marks, first_byte=event.at)
        elif isinstance(event, (Finished, Stopped)):
            self.marks = replace(self.marks, ended=event.at)
            if isinstance(event, Finished):
                self.finish_reason = event.reason


def _merged(old: UsageReport, new: UsageReport) -> UsageReport:
    """The newer figure where there is one: running reports leave out what the last one tells."""
    return UsageReport(
        prompt_tokens=_newer(new.prompt_tokens, old.prompt_tokens),
        completion_tokens=_newer(new.completion_tokens, old.completion_tokens),
        cached_tokens=_newer(new.cached_tokens, old.cached_tokens),
        image_tokens=_newer(new.image_tokens, old.image_tokens),
        reasoning_tokens=_newer(new.reasoning_tokens, old.reasoning_tokens),
        at=new.at,
    )


def _newer(new: int | None, old: int | None) -> int | None:
    return old if new is None else new
