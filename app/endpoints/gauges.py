"""What the two servers tell of themselves (/metrics), and a side tried with one short question: asked beside the screen, never in it.

In: an endpoint. Out: what is known now, at once. One thread an endpoint and kind at a time, bounded memory. Imports no streamlit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from app.clients import (
    AnswerDelta,
    ClientError,
    Endpoint,
    ReasoningDelta,
    SamplingSettings,
    ServerMetrics,
    TextPrompt,
    Timeouts,
    build_chat_request,
    server_metrics,
    stream_chat,
)

MAX_ENDPOINTS = 16
FRESH_S = 1.0
TRIED_WITHIN_S = 60.0
_DOCUMENT, _QUESTION = "The clock on the pier stopped at nine.", "When did the clock stop? Answer in one word."
_ANSWER_TOKENS, _SHOWN = 32, 80
_TIMEOUTS = Timeouts(connect_s=5.0, write_s=10.0, silence_s=TRIED_WITHIN_S)


@dataclass(frozen=True, slots=True)
class Trial:
    """One short question to one side. `ttft_ms` by this app's clock; `problem`: what happened instead, in words for people."""

    running: bool
    ttft_ms: float | None = None
    said: str = ""
    problem: str = ""


class Gauges:
    """Thread-safe; nothing here blocks."""

    def __init__(
        self,
        look: Callable[[Endpoint], ServerMetrics | None] = server_metrics,
        ask: Callable[[Endpoint], Trial] | None = None,
    ) -> None:
        self._look_at, self._ask = look, ask or try_side
        self._lock = threading.Lock()
        self._told: LRUCache[Endpoint, tuple[ServerMetrics | None, float]] = LRUCache(MAX_ENDPOINTS)
        self._looking: set[Endpoint] = set()
        self._trials: LRUCache[Endpoint, Trial] = LRUCache(MAX_ENDPOINTS)

    def metrics(self, endpoint: Endpoint) -> ServerMetrics | None:
        """As told last; asks again in the background once that is a second old."""
        with self._lock:
            told, at = self._told.get(endpoint, (None, 0.0))
            due = time.monotonic() - at > FRESH_S and endpoint not in self._looking
            due = due and len(self._looking) < MAX_ENDPOINTS
            if due:
                self._looking.add(endpoint)
        if due:
            threading.Thread(target=self._look, args=(endpoint,), name="server-gauges", daemon=True).start()
        return told

    def trial(self, endpoint: Endpoint) -> Trial | None:
        """The newest trial of this side; None: it was not tried."""
        with self._lock:
            return self._trials.get(endpoint)

    def begin_trial(self, endpoint: Endpoint) -> None:
        with self._lock:
            found = self._trials.get(endpoint)
            if found is not None and found.running:
                return
            self._trials[endpoint] = Trial(running=True)
        threading.Thread(target=self._try, args=(endpoint,), name="side-trial", daemon=True).start()

    def _look(self, endpoint: Endpoint) -> None:
        try:
            told = self._look_at(endpoint)
        except Exception:  # whatever one server answered, it is looked at again
            told = None
        with self._lock:
            self._looking.discard(endpoint)
            self._told[endpoint] = (told, time.monotonic())

    def _try(self, endpoint: Endpoint) -> None:
        try:
            trial = self._ask(endpoint)
        except Exception as error:  # whatever a server answers, the button must work again
            trial = Trial(False, problem=f"The trial went wrong here: {type(error).__name__}.")
        with self._lock:
            self._trials[endpoint] = trial


def try_side(endpoint: Endpoint) -> Trial:
    """Ask one short question in words and read the answer. Given up after TRIED_WITHIN_S."""
    sampling = SamplingSettings(max_tokens=_ANSWER_TOKENS, temperature=0.0, thinking=False)
    cancel = threading.Event()
    alarm = threading.Timer(TRIED_WITHIN_S, cancel.set)
    alarm.daemon = True
    alarm.start()
    said, began, ttft_ms = "", time.perf_counter(), None
    try:
        request = build_chat_request(endpoint, TextPrompt(_DOCUMENT, _QUESTION), sampling)
        began = time.perf_counter()
        for event in stream_chat(endpoint, request, cancel, timeouts=_TIMEOUTS):
            if isinstance(event, ReasoningDelta | AnswerDelta) and event.text:
                ttft_ms = ttft_ms if ttft_ms is not None else 1000 * (event.at - began)
                said = (said + event.text)[: _SHOWN + 1] if isinstance(event, AnswerDelta) else said
    except ClientError as error:
        return Trial(False, problem=f"{error.what_happened} {error.what_to_do}".strip())
    finally:
        alarm.cancel()
    if cancel.is_set() and ttft_ms is None:
        return Trial(False, problem=f"No token came within {TRIED_WITHIN_S:.0f} seconds.")
    if ttft_ms is None:
        return Trial(False, problem="It answered, but without a word.")
    return Trial(False, ttft_ms, " ".join(said[:_SHOWN].split()))


_shared = Gauges()


def gauges() -> Gauges:
    """The one of this process."""
    return _shared
