"""Ask a server once, or several times at once, cold, and note the instants. In: an endpoint and a prompt. Out: Asked values.

TTFT is the client's wall clock from sending to the first token of any kind, as in app/measurement. Nothing is retried.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.clients import (
    ChatRequest,
    ClientError,
    ColdStart,
    Dialect,
    Endpoint,
    ImageLedger,
    Prompt,
    SamplingSettings,
    UsageReport,
    build_chat_request,
    fresh_salt,
    make_cold,
)
from app.long_runs import AskingStopped, read_answer
from app.measurement import CacheState, Latencies, Marks, Provenance, cache_state, latencies

_ALL_READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request showed."""

    latencies: Latencies
    marks: Marks
    usage: UsageReport | None
    cache: CacheState

    @property
    def answer_tokens(self) -> int:
        return (self.usage.completion_tokens if self.usage else None) or 0


def ask_cold(endpoint: Endpoint, prompt: Prompt, answer_tokens: int, cancel: threading.Event) -> Asked:
    """One request alone. Raises ClientError, AskingStopped."""
    ledger = ImageLedger()  # of this request: pages of the one before are never named by id alone
    cold = make_cold(endpoint, ledger)
    request = _request(endpoint, prompt, answer_tokens, cold.salt, ledger)
    return _ask(endpoint, request, cancel, ledger, cold)


def ask_together(
    endpoint: Endpoint, prompt: Prompt, answer_tokens: int, at_once: int, cancel: threading.Event
) -> tuple[list[Asked], list[ClientError]]:
    """So many equal requests sent at the same moment, each with a salt of its own, so that none warms another.

    Out: those that were answered, and why the others were not. Raises AskingStopped; ClientError before anything is sent.
    """
    ledger = ImageLedger()
    cold = make_cold(endpoint, ledger)
    salted = endpoint.dialect is Dialect.VLLM
    # Made before the clock starts: encoding pages takes longer than sending them.
    requests = [
        _request(endpoint, prompt, answer_tokens, fresh_salt() if salted else None, ledger) for _ in range(at_once)
    ]
    gate = threading.Barrier(at_once, timeout=_ALL_READY_S)

    def one(request: ChatRequest) -> Asked | ClientError:
        gate.wait()
        try:
            return _ask(endpoint, request, cancel, ledger, cold)
        except ClientError as error:
            return error

    with ThreadPoolExecutor(at_once, thread_name_prefix="sweep") as pool:
        results = list(pool.map(one, requests))
    answered = [result for result in results if isinstance(result, Asked)]
    return answered, [result for result in results if isinstance(result, ClientError)]


def _request(
    endpoint: Endpoint, prompt: Prompt, answer_tokens: int, salt: str | None, ledger: ImageLedger
) -> ChatRequest:
    sampling = SamplingSettings(max_tokens=answer_tokens, temperature=0.0, thinking=False)
    return build_chat_request(endpoint, prompt, sampling, salt=salt, ledger=ledger)


def _ask(
    endpoint: Endpoint, request: ChatRequest, cancel: threading.Event, ledger: ImageLedger, cold: ColdStart
) -> Asked:
    recorder, _ = read_answer(endpoint, request, cancel, ledger)
    if cancel.is_set():
        raise AskingStopped
    found = latencies(recorder.marks, recorder.usage, provenance=Provenance.of(endpoint.simulated))
    # Equal requests whose salts were refused warm each other, emptied caches or not.
    kept_apart = not recorder.salt_refused
    cache = cache_state(recorder.usage, cold.complete and kept_apart, request.salt is not None and kept_apart)
    return Asked(found, recorder.marks, recorder.usage, cache)
