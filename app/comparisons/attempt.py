"""Hold one side's one try: its phase, its words, its marks, its error.

In: events and progress from the worker thread. Out: a SideSnapshot, and the words after a cursor.
Not safe by itself: every call happens under the comparison's lock, which lets no change through once a try is over
(done, stopped, failed), so that a worker which comes late cannot disturb what the user sees.
"""

from __future__ import annotations

import threading
import time

from app.clients import (
    AnswerDecoder,
    AnswerDelta,
    AnswerWasReasoning,
    Dialect,
    Endpoint,
    Event,
    Finished,
    HeadersArrived,
    NotStreamed,
    PromptProgress,
    ReasoningDelta,
    RequestSent,
    Resent,
    Role,
    Stopped,
)
from app.comparisons.growing_text import GrowingText
from app.comparisons.steps import Entered, Failed, MadeCold, PagesDone, PagesTaken, Prepared, Step
from app.comparisons.values import Cursor, Deltas, Phase, SideError, SideSnapshot
from app.measurement import CacheState, MarkRecorder, Preparation, Provenance, cache_state, latencies, waterfall

NOT_STREAMED = "The server does not stream: its answer came whole, so no first token could be timed."


class Attempt:
    """Attributes are written by the worker through `Comparison.update`, read by snapshots."""

    def __init__(
        self, endpoint: Endpoint, number: int, preparation: Preparation, started_at: float | None = None
    ) -> None:
        self.number = number
        self.role = endpoint.role
        self.cancel = threading.Event()
        self.phase = Phase.WAITING
        self.phase_since = self.started_at = time.perf_counter() if started_at is None else started_at
        self.preparation = preparation
        self._cold = MadeCold(complete=False, note="", at=self.started_at)
        self.pages_done = 0
        self.pages_total: int | None = None
        self._endpoint = endpoint
        self._reasoning = GrowingText()
        self._answer = GrowingText()
        self._taken_back_until = 0
        self._decoder = self._new_decoder()
        self._recorder = MarkRecorder()
        self._error: SideError | None = None
        self._resent_reason: str | None = None
        self._body_bytes: int | None = None
        self._first_progress: PromptProgress | None = None
        self._progress: PromptProgress | None = None

    # --- what the worker says ---------------------------------------------------------------------------------------

    def apply(self, step: Step) -> None:
        """Take one step: the one way in which a try changes."""
        match step:
            case Entered():
                self._enter(step.phase, step.at)
            case PagesDone():
                self.pages_done, self.pages_total = step.done, step.total
            case PagesTaken():
                self.pages_done = self.pages_total = len(step.pages)
            case Prepared():
                self.preparation = step.preparation
            case MadeCold():
                self._cold = step
            case Failed():
                self._error = step.error
                self._enter(Phase.FAILED, step.at)
            case _:
                self._feed(step)

    def _enter(self, phase: Phase, at: float) -> None:
        if self.phase is not phase:
            self.phase = phase
            self.phase_since = at
            if phase.is_over:
                self._answer.add(self._decoder.flush())

    def _feed(self, event: Event) -> None:
        self._recorder.feed(event)
        if isinstance(event, Resent):
            self._resent_reason, self._first_progress, self._progress = event.reason, None, None
        elif isinstance(event, PromptProgress):
            self._first_progress, self._progress = self._first_progress or event, event
        elif isinstance(event, NotStreamed):
            self._resent_reason = NOT_STREAMED
        elif isinstance(event, RequestSent):
            self._body_bytes = event.body_bytes
        elif isinstance(event, ReasoningDelta):
            self._reasoning.add(event.text)
            if self.phase is not Phase.ANSWERING:
                self._enter(Phase.REASONING, event.at)
        elif isinstance(event, AnswerWasReasoning):
            self._take_back(event.at)
        elif isinstance(event, AnswerDelta):
            words = self._decoder.decode(event.text)
            self._answer.add(words)
            if words:
                self._enter(Phase.ANSWERING, event.at)
        elif isinstance(event, HeadersArrived):
            self._enter(Phase.READING, event.at)
        elif isinstance(event, Finished):
            self._enter(Phase.DONE, event.at)
        elif isinstance(event, Stopped):
            self._enter(Phase.STOPPED, event.at)

    def _take_back(self, at: float) -> None:
        """What was shown as answer moves to the reasoning; watchers that saw less are sent everything anew."""
        self._reasoning.add(self._answer.whole + self._decoder.flush())
        self._answer = GrowingText()
        self._taken_back_until = len(self._reasoning)
        self._decoder = self._new_decoder()
        self._enter(Phase.REASONING, at)

    def _new_decoder(self) -> AnswerDecoder:
        return AnswerDecoder() if self._endpoint.role is Role.PAGES else AnswerDecoder(tags=())

    # --- what the screen asks ---------------------------------------------------------------------------------------

    def deltas_since(self, cursor: Cursor) -> Deltas:
        restart = cursor.attempt != self.number or cursor.reasoning_chars < self._taken_back_until
        reasoning_from = 0 if restart else cursor.reasoning_chars
        answer_from = 0 if restart else cursor.answer_chars
        return Deltas(
            reasoning=self._reasoning.since(reasoning_from),
            answer=self._answer.since(answer_from),
            restart=restart,
            cursor=Cursor(self.number, len(self._reasoning), len(self._answer)),
            phase=self.phase,
        )

    def snapshot(self) -> SideSnapshot:
        endpoint, recorder = self._endpoint, self._recorder
        provenance = Provenance.of(endpoint.simulated)
        return SideSnapshot(
            role=endpoint.role,
            model=endpoint.model,
            provenance=provenance,
            phase=self.phase,
            phase_since=self.phase_since,
            started_at=self.started_at,
            attempt=self.number,
            reasoning=self._reasoning.whole,
            answer=self._answer.whole,
            marks=recorder.marks,
            usage=recorder.usage,
            server_timings=recorder.timings,
            body_bytes=self._body_bytes,
            first_progress=self._first_progress,
            prompt_progress=self._progress,
            prompt_tokens=recorder.usage.prompt_tokens if recorder.usage is not None else None,
            latencies=latencies(recorder.marks, recorder.usage, self.preparation, provenance),
            waterfall=waterfall(
                recorder.marks,
                self.preparation,
                recorder.timings,
                provenance,
                headers_end_preprocessing=endpoint.dialect is Dialect.VLLM,
            ),
            cache=self._cache(),
            cache_note=self._cold.note,
            pages_done=self.pages_done,
            pages_total=self.pages_total,
            finish_reason=recorder.finish_reason,
            resent_reason=self._resent_reason,
            error=self._error,
        )

    def _cache(self) -> CacheState:
        """By the server's report, which comes at an answer's end; where there is none, by what was sent, once words have come."""
        counts = self.phase.is_over and self._recorder.marks.first_token is not None
        cold = self._cold
        return cache_state(self._recorder.usage, counts and cold.complete, counts and cold.new_salt)
