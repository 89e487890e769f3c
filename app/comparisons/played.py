"""Play a finished comparison again from its steps, with the timing it had: a source of the same snapshots as a running one.

In: steps with seconds from the start. Out: what Comparison gives, marked as recorded. Every instant in it is recorded time, so
figures are the recorded ones at any speed; `snapshot.now` is the position.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from app.clients import AnswerDelta, Endpoint, ReasoningDelta, Role
from app.comparisons.attempt import Attempt
from app.comparisons.errors import StillRunning, UnknownComparison
from app.comparisons.steps import Step
from app.comparisons.values import ComparisonSnapshot, ComparisonSpec, Cursor, Deltas, Order, RecordedRun
from app.comparisons.verdict_line import speedup_of
from app.comparisons.watched import Watched
from app.measurement import Preparation

_TELL_EVERY_S = 0.25  # clocks on the screen follow a jump or a change of speed at the next of these


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """One step; its `at` is in seconds from the start."""

    role: Role
    attempt: int
    step: Step


class PlayedComparison(Watched):
    """Thread-safe. Begins at its end, all answers there; `play` begins anew from any position."""

    def __init__(
        self, comparison_id: str, spec: ComparisonSpec, order: Order, steps: tuple[PlayedStep, ...], told: RecordedRun
    ) -> None:
        super().__init__()
        self.comparison_id = comparison_id
        self.spec = spec
        self.order = order
        self._steps = tuple(sorted(steps, key=lambda one: one.step.at))
        self._first_tokens = _first_tokens(self._steps)
        self._told = told
        self.length_s = self._steps[-1].step.at if self._steps else 0.0
        self._generation = 0
        self._speed = 0.0
        self._since = time.perf_counter()
        self._from_s = 0.0
        self._thread: threading.Thread | None = None
        self._place(self.length_s)

    # --- orders -----------------------------------------------------------------------------------------------------

    def play(self, speed: float = 1.0, from_s: float | None = None) -> None:
        """Go on from `from_s`, or from where it stands, `speed` times as fast as it was; 0 pauses."""
        with self._changed:
            position = self._position() if from_s is None else max(0.0, min(self.length_s, from_s))
            if from_s is not None:
                self._place(position)
            self._from_s, self._since, self._speed = position, time.perf_counter(), max(0.0, speed)
            self._changed.notify_all()
            if self._speed > 0 and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="replay", daemon=True)
                self._thread.start()
        self._tell()

    def again(self) -> PlayedComparison:
        """Another player of the same recording: who watches moves only his own."""
        return PlayedComparison(self.comparison_id, self.spec, self.order, self._steps, self._told)

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def running(self) -> bool:
        with self._changed:
            return self._speed > 0

    def start(self) -> None:
        """It has been."""

    def stop(self, role: Role | None = None) -> None:
        """To its end: what was recorded stands."""
        self.play(0.0, self.length_s)

    def retry(self, role: Role, found: Endpoint | None = None) -> None:
        raise StillRunning("This is a recording: ask the question again to have it answered anew.")

    # --- watching, as Comparison has it -----------------------------------------------------------------------------

    def snapshot(self) -> ComparisonSnapshot:
        with self._changed:
            shots = {role: attempt.snapshot() for role, attempt in self._attempts.items()}
            version, now, speed = self._version, self._position(), self._speed
        told = replace(self._told, length_s=self.length_s, first_tokens_s=self._first_tokens, speed=speed)
        text, pages = shots.get(Role.TEXT), shots.get(Role.PAGES)
        ratio = speedup_of(self.spec, text, pages)
        return ComparisonSnapshot(self.comparison_id, version, now, self.spec, text, pages, ratio, self.order, told)

    def deltas_since(self, role: Role, cursor: Cursor) -> Deltas:
        with self._changed:
            if role not in self._attempts:
                raise UnknownComparison(f"This comparison has no {role} side.")
            return self._attempts[role].deltas_since(cursor)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _position(self) -> float:
        if self._speed == 0:
            return self._from_s
        return min(self.length_s, self._from_s + self._speed * (time.perf_counter() - self._since))

    def _place(self, position: float) -> None:
        """Both sides as they were at `position`: new tries, so that whoever saw later words begins anew."""
        self._generation += 1
        ends = [end for end in (self.spec.text_endpoint, self.spec.pages_endpoint) if end is not None]
        self._tries: dict[Role, int] = {}
        self._attempts = {end.role: self._new_attempt(end, 0.0) for end in ends}
        self._from_s, self._next = position, 0
        self._take_until(position)

    def _new_attempt(self, endpoint: Endpoint, started_at: float) -> Attempt:
        return Attempt(endpoint, self._generation, Preparation(parse_ms=self.spec.parse_ms), started_at)

    def _take_until(self, position: float) -> bool:
        before = self._next
        while self._next < len(self._steps) and self._steps[self._next].step.at <= position:
            one = self._steps[self._next]
            if self._tries.setdefault(one.role, one.attempt) != one.attempt:  # it was retried
                self._generation += 1
                self._tries[one.role] = one.attempt
                endpoint = self.spec.text_endpoint if one.role is Role.TEXT else self.spec.pages_endpoint
                assert endpoint is not None, "a step of a side that there is not"
                self._attempts[one.role] = self._new_attempt(endpoint, one.step.at)
            if one.role in self._attempts:
                self._attempts[one.role].apply(one.step)
            self._next += 1
        return self._next != before

    def _run(self) -> None:
        """Apply each step when its time has come; ends when paused, or with the last step."""
        while True:
            with self._changed:
                if self._speed == 0:
                    return
                position = self._position()
                self._take_until(position)
                if self._next >= len(self._steps):
                    self._from_s, self._speed = self.length_s, 0.0
            self._tell()
            with self._changed:
                if self._speed == 0 or self._next >= len(self._steps):
                    continue
                wait_s = (self._steps[self._next].step.at - self._position()) / self._speed
                if wait_s > 0:
                    self._changed.wait(min(wait_s, _TELL_EVERY_S))


def _first_tokens(steps: tuple[PlayedStep, ...]) -> tuple[tuple[Role, float], ...]:
    """Of each side's last try, whose figures are shown in the end."""
    found: dict[Role, tuple[int, float]] = {}
    for one in steps:
        if isinstance(one.step, AnswerDelta | ReasoningDelta) and found.get(one.role, (0, 0.0))[0] < one.attempt:
            found[one.role] = (one.attempt, one.step.at)
    return tuple((role, at) for role, (_, at) in found.items())
