"""One request read to its end, with its instants. In: an endpoint, a request, what means "stop". Out: the marks and the words.

Nothing is retried, and nothing is made cold: who asks decides that.
"""

from __future__ import annotations

import threading

from app.clients import (
    AnswerDelta,
    AnswerWasReasoning,
    ChatRequest,
    Endpoint,
    ImageLedger,
    Stopped,
    Timeouts,
    stream_chat,
)
from app.measurement import MarkRecorder

TIMEOUTS = Timeouts()


class AskingStopped(Exception):
    """The run was stopped in the middle of a request: nothing came of it."""


def read_answer(
    endpoint: Endpoint, request: ChatRequest, cancel: threading.Event, ledger: ImageLedger
) -> tuple[MarkRecorder, str]:
    """What was noted, and the answer without its reasoning. Raises ClientError, AskingStopped."""
    recorder = MarkRecorder()
    answer: list[str] = []
    for event in stream_chat(endpoint, request, cancel, timeouts=TIMEOUTS, ledger=ledger):
        recorder.feed(event)
        if isinstance(event, Stopped):
            raise AskingStopped
        if isinstance(event, AnswerDelta):
            answer.append(event.text)
        elif isinstance(event, AnswerWasReasoning):
            answer.clear()
    return recorder, "".join(answer)
