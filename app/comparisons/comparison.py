"""Run one question on both sides at once, and let any number of watchers look on.

In: a ComparisonSpec. Out: snapshots, words after a cursor, and a version that grows with every change.
One lock, held for microseconds; one thread a side and a try. Knows nothing of other comparisons or of screens.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.clients import Endpoint, ImageLedger, PageFile, Role, Timeouts
from app.comparisons.attempt import Attempt
from app.comparisons.errors import StillRunning, UnknownComparison
from app.comparisons.steps import Entered, Observer, PagesTaken, Step
from app.comparisons.values import ComparisonSnapshot, ComparisonSpec, Cursor, Deltas, Order, Phase
from app.comparisons.verdict_line import speedup_of
from app.comparisons.watched import Watched
from app.comparisons.worker import SideWorker
from app.measurement import Preparation

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Side:
    """One role: its current try, and the pages kept for the next."""

    endpoint: Endpoint
    attempt: Attempt
    pages: tuple[PageFile, ...] | None = None
    render_ms: float | None = None


class Comparison(Watched):
    """Thread-safe. Started by `start`, over when both sides are."""

    def __init__(
        self,
        comparison_id: str,
        spec: ComparisonSpec,
        ledger: ImageLedger,
        timeouts: Timeouts,
        observer: Observer | None = None,
    ) -> None:
        super().__init__()
        self.comparison_id = comparison_id
        self.spec = spec
        self.order = _decided(spec)
        self._ledger = ledger
        self._timeouts = timeouts
        self._observer = observer
        endpoints = [endpoint for endpoint in (spec.text_endpoint, spec.pages_endpoint) if endpoint is not None]
        self._sides = {endpoint.role: _Side(endpoint, self._new_attempt(endpoint, 1)) for endpoint in endpoints}

    def start(self) -> None:
        if self._observer is not None:
            self._observe(self._observer.began, self.comparison_id, self.spec, self.order, time.perf_counter())
        for role, side in self._sides.items():
            self._launch(side, self._turn_of(role))

    @property
    def running(self) -> bool:
        with self._changed:
            return any(not side.attempt.phase.is_over for side in self._sides.values())

    # --- orders from the user ---------------------------------------------------------------------------------------

    def stop(self, role: Role | None = None) -> None:
        """Hang up on the servers and show it at once; the threads end by themselves a moment later."""
        sides = [side for key, side in self._sides.items() if role in (None, key)]
        for side in sides:
            attempt = side.attempt
            attempt.cancel.set()
            self._update(attempt, Entered(Phase.STOPPED, time.perf_counter()))

    def retry(self, role: Role, found: Endpoint | None = None) -> None:
        """Ask this side again; the other is not touched. Raises StillRunning, UnknownComparison.

        `found`: where the side's server is now. It is asked there if it is the same reader: a server that came back may have
        another address, but an answer of another model is no second try.
        """
        side = self._sides.get(role)
        if side is None:
            raise UnknownComparison(f"This comparison has no {role} side.")
        with self._changed:
            if not side.attempt.phase.is_over:
                raise StillRunning("This side is still answering; stop it first.")
            if found is not None and _reader(found) == _reader(side.endpoint):
                side.endpoint = found
            side.attempt = self._new_attempt(side.endpoint, side.attempt.number + 1)
        self._tell()
        self._launch(side, lambda: True)

    # --- watching ---------------------------------------------------------------------------------------------------

    def snapshot(self) -> ComparisonSnapshot:
        with self._changed:
            version = self._version
            shots = {role: side.attempt.snapshot() for role, side in self._sides.items()}
        text, pages = shots.get(Role.TEXT), shots.get(Role.PAGES)
        return ComparisonSnapshot(
            comparison_id=self.comparison_id,
            version=version,
            now=time.perf_counter(),
            spec=self.spec,
            text=text,
            pages=pages,
            speedup=speedup_of(self.spec, text, pages),
            order=self.order,
        )

    def deltas_since(self, role: Role, cursor: Cursor) -> Deltas:
        side = self._sides.get(role)
        if side is None:
            raise UnknownComparison(f"This comparison has no {role} side.")
        with self._changed:
            return side.attempt.deltas_since(cursor)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _new_attempt(self, endpoint: Endpoint, number: int) -> Attempt:
        return Attempt(endpoint, number, Preparation(parse_ms=self.spec.parse_ms))

    def _launch(self, side: _Side, my_turn: Callable[[], bool]) -> None:
        attempt = side.attempt
        worker = SideWorker(
            self.spec,
            side.endpoint,
            attempt,
            lambda step: self._update(attempt, step),
            side,
            my_turn,
            self._ledger,
            self._timeouts,
        )
        name = f"side-{side.endpoint.role}-{self.comparison_id[:6]}"
        threading.Thread(target=worker.run, name=name, daemon=True).start()

    def _turn_of(self, role: Role) -> Callable[[], bool]:
        """Whether a side may begin: at once, or when the other's first try is over."""
        first = {Order.TEXT_FIRST: Role.TEXT, Order.PAGES_FIRST: Role.PAGES}.get(self.order)
        if first in (None, role) or first not in self._sides:
            return lambda: True
        before = self._sides[first].attempt
        return lambda: before.phase.is_over

    def _update(self, attempt: Attempt, step: Step) -> None:
        with self._changed:
            if attempt.phase.is_over:
                return
            attempt.apply(step)
            if isinstance(step, PagesTaken) and step.drawn is not None:
                self.spec = self.spec.with_drawn(step.drawn)
            if self._observer is not None:  # under the lock: what is noted has the order in which it happened
                self._observe(self._observer.stepped, self.comparison_id, attempt.role, attempt.number, step)
        self._tell()

    def _observe(self, note: Callable[..., None], *told: object) -> None:
        try:
            note(*told)
        except Exception:  # an observer's fault must not cost an answer, nor fill the log at every token
            self._observer = None
            _log.exception("A comparison could not be observed further; its answers go on")


def _reader(endpoint: Endpoint) -> tuple[Role, str, bool]:
    return endpoint.role, endpoint.model, endpoint.simulated


def _decided(spec: ComparisonSpec) -> Order:
    if spec.options.order is Order.RANDOM:
        return random.choice((Order.TEXT_FIRST, Order.PAGES_FIRST))
    return spec.options.order
