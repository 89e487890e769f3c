"""Carry out one side's one try, in its own thread, from rendering to the last word.

In: the spec and an Attempt. Out: nothing returned; everything goes to the attempt as it happens. Knows nothing of the
other side but its turn. No exception leaves it: each becomes a failure of this side alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from app.clients import (
    ClientError,
    ColdStart,
    Endpoint,
    ImageLedger,
    PageFile,
    PagesPrompt,
    Prompt,
    RequestSent,
    Resent,
    Role,
    SamplingSettings,
    TextPrompt,
    Timeouts,
    build_chat_request,
    make_cold,
    salted,
    stream_chat,
)
from app.comparisons.attempt import Attempt
from app.comparisons.steps import Entered, Failed, MadeCold, PagesDone, PagesTaken, Prepared, Step
from app.comparisons.values import ComparisonSpec, Drawn, Phase, SideError
from renderer import RenderError

_log = logging.getLogger(__name__)
_TURN_POLL_S = 0.05


class _Stopped(Exception):
    """The attempt was cancelled before anything was sent."""


class PageCache(Protocol):
    """What a side keeps between tries: its pages, and what rendering them took."""

    pages: tuple[PageFile, ...] | None
    render_ms: float | None


class SideWorker:
    """`update(step)` applies a step to the attempt under the lock and tells the watchers."""

    def __init__(
        self,
        spec: ComparisonSpec,
        endpoint: Endpoint,
        attempt: Attempt,
        update: Callable[[Step], None],
        kept: PageCache,
        my_turn: Callable[[], bool],
        ledger: ImageLedger,
        timeouts: Timeouts,
    ) -> None:
        self._spec = spec
        self._endpoint = endpoint
        self._attempt = attempt
        self._update = update
        self._kept = kept
        self._my_turn = my_turn
        self._ledger = ledger
        self._timeouts = timeouts

    def run(self) -> None:
        try:
            self._wait_for_turn()
            prompt = self._prompt()
            self._enter(Phase.SENDING)
            self._ask(prompt, self._cold_start())
        except _Stopped:
            self._enter(Phase.STOPPED)
        except ClientError as error:
            failure = SideError(error.what_happened, error.what_to_do, type(error).__name__)
            self._fail(failure)
        except RenderError as error:
            failure = SideError(str(error), "Change the page settings, then press Try again.", type(error).__name__)
            self._fail(failure)
        except Exception as error:  # a bug of ours must end one side, not leave it running for ever
            _log.exception("The %s side failed unexpectedly", self._endpoint.role)
            failure = SideError(
                f"Something unexpected went wrong here: {type(error).__name__}.",
                "Press Try again; if it happens again, the app's log holds the details.",
                type(error).__name__,
            )
            self._fail(failure)

    def _fail(self, error: SideError) -> None:
        self._update(Failed(error, time.perf_counter()))

    def _enter(self, phase: Phase) -> None:
        self._update(Entered(phase, time.perf_counter()))

    def _wait_for_turn(self) -> None:
        while not self._my_turn():
            if self._attempt.cancel.wait(_TURN_POLL_S):
                raise _Stopped
        if self._attempt.cancel.is_set():
            raise _Stopped

    # --- pages ------------------------------------------------------------------------------------------------------

    def _prompt(self) -> Prompt:
        spec = self._spec
        if self._endpoint.role is Role.TEXT:
            return TextPrompt(spec.document, spec.question, spec.text_history)
        return PagesPrompt(self._pages(), spec.question, spec.pages_history, spec.transport, spec.factsheet)

    def _pages(self) -> tuple[PageFile, ...]:
        kept, attempt = self._kept, self._attempt
        if kept.pages is None or not all(page.path.is_file() for page in kept.pages):
            self._enter(Phase.RENDERING)
            started = time.perf_counter()
            pages = self._spec.pages(attempt.cancel.is_set, self._on_progress)
            if attempt.cancel.is_set():
                raise _Stopped
            measured_ms = (time.perf_counter() - started) * 1000
            kept.pages = pages
            kept.render_ms = measured_ms if self._spec.render_ms is None else self._spec.render_ms
        pages, render_ms = kept.pages, kept.render_ms
        self._update(PagesTaken(pages, time.perf_counter(), self._drawn()))
        self._update(Prepared(replace(attempt.preparation, render_ms=render_ms), time.perf_counter()))
        return pages

    def _drawn(self) -> Drawn | None:
        """A font that went meanwhile, or a bug of ours in it, costs the stamp and no answer."""
        try:
            return self._spec.drawn() if self._spec.drawn is not None else None
        except Exception:
            _log.warning("What the pages tell of themselves is not known", exc_info=True)
            return None

    def _on_progress(self, done: int, total: int | None) -> None:
        self._update(PagesDone(done, total, time.perf_counter()))

    # --- the request ------------------------------------------------------------------------------------------------

    def _cold_start(self) -> ColdStart:
        """Empty the server's caches, or give the salt that keeps them out; the attempt tells which."""
        spec = self._spec
        if spec.options.cold:
            cold = make_cold(self._endpoint, self._ledger)
            self._tell_cold(cold, new_salt=cold.salt is not None)
            return cold
        cold = salted(self._endpoint, spec.salt)
        if cold.salt is not None and spec.salt_is_new and self._attempt.number == 1:
            self._tell_cold(cold, new_salt=True)
        return cold

    def _tell_cold(self, cold: ColdStart, new_salt: bool) -> None:
        self._update(MadeCold(cold.complete, cold.note, time.perf_counter(), new_salt))

    def _ask(self, prompt: Prompt, cold: ColdStart) -> None:
        attempt, spec = self._attempt, self._spec
        request = build_chat_request(self._endpoint, prompt, self._sampling(), salt=cold.salt, ledger=self._ledger)
        self._update(Prepared(replace(attempt.preparation, encode_ms=request.encode_ms), time.perf_counter()))
        events = stream_chat(
            self._endpoint,
            request,
            attempt.cancel,
            dict(spec.extra_headers),
            on_sent=self._on_sent,
            timeouts=self._timeouts,
            ledger=self._ledger,
        )
        for event in events:
            self._update(event)
            if isinstance(event, Resent) and event.without_salt:
                self._tell_cold(cold.without_salt(), new_salt=False)

    def _on_sent(self, sent: RequestSent) -> None:
        self._enter(Phase.READING)

    def _sampling(self) -> SamplingSettings:
        if self._endpoint.role is Role.PAGES and self._spec.pages_sampling is not None:
            return self._spec.pages_sampling
        return self._spec.sampling
