"""Give one item to one reader and bring back its answer, with retries. In: an endpoint and a prompt. Out: an Asked value.

What passes by itself (a server that restarts, a queue that is full, a stream that breaks) is tried again with growing waits; what
will be refused again is not.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from app.clients import ClientError, Endpoint, ImageLedger, Prompt, SamplingSettings, UsageReport, build_chat_request
from app.clients.errors import (
    AnswerDeclined,
    NothingAnswered,
    RateLimited,
    ServerFailed,
    ServerUnreachable,
    StreamBroken,
)
from app.long_runs import AskingStopped, read_answer
from app.measurement import Provenance, latencies

ATTEMPTS = 3
_WAITS_S = (1.0, 5.0)
_LONGEST_WAIT_S = 60.0  # of what a server asks for


@dataclass(frozen=True, slots=True)
class Asked:
    """`error`: why no answer came; `retryable`: asking another day may help. An answer that came is never thrown away."""

    answer: str = ""
    finish_reason: str = ""
    usage: UsageReport | None = None
    ttft_ms: float | None = None
    seconds: float = 0.0
    attempts: int = 1
    error: str = ""
    retryable: bool = False


def ask(
    endpoint: Endpoint,
    prompt: Prompt,
    sampling: SamplingSettings,
    cancel: threading.Event,
    waits_s: tuple[float, ...] = _WAITS_S,
) -> Asked:
    """Raises AskingStopped; what servers do comes back as an Asked."""
    attempt = 0
    while True:
        attempt += 1
        try:
            return _asked(endpoint, prompt, sampling, cancel, attempt)
        except ClientError as error:
            if cancel.is_set():
                raise AskingStopped from error
            passing = _passes(error)
            if not passing or attempt >= ATTEMPTS:
                return Asked(error=str(error), attempts=attempt, retryable=passing)
            wait_s = waits_s[min(attempt, len(waits_s)) - 1] if waits_s else 0.0
            if isinstance(error, RateLimited) and error.retry_after_s is not None:
                wait_s = min(_LONGEST_WAIT_S, error.retry_after_s)
            if cancel.wait(wait_s):
                raise AskingStopped from error


def _asked(
    endpoint: Endpoint, prompt: Prompt, sampling: SamplingSettings, cancel: threading.Event, attempt: int
) -> Asked:
    ledger = ImageLedger()  # of this call: its pages' files go with the item, so none is named by id alone
    request = build_chat_request(endpoint, prompt, sampling, ledger=ledger)
    recorder, answer = read_answer(endpoint, request, cancel, ledger)
    found = latencies(recorder.marks, recorder.usage, provenance=Provenance.of(endpoint.simulated))
    return Asked(
        answer, recorder.finish_reason or "", recorder.usage, found.ttft_ms, (found.total_ms or 0.0) / 1000, attempt
    )


def _passes(error: ClientError) -> bool:
    if isinstance(error, AnswerDeclined | NothingAnswered):
        return False
    return isinstance(error, ServerUnreachable | ServerFailed | StreamBroken | RateLimited)
