"""Carry a sweep out: task after task into the journal, with pause, stop, a budget, and a look at any time.

In: a subject, a plan's journal, a folder for pages. Out: records in the journal; SweepLook values. Knows nothing of screens.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.long_runs import AskingStopped, BackgroundRun, RunState
from app.sweep.errors import SweepError, SweepPlanError
from app.sweep.forecast import Forecast
from app.sweep.journal import Journal
from app.sweep.measuring import Measurer
from app.sweep.saturation import no_gain_words, why_enough
from app.sweep.subject import SweepSubject
from app.sweep.values import Arm, Kind, Outcome, Record, Task

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SweepLook:
    """How a sweep stands. `seconds_left` None: nothing was measured yet that it could be told by."""

    state: RunState
    done: int
    total: int
    now: Task | None
    seconds_left: float | None
    records: tuple[Record, ...]
    detail: str = ""


class SweepRun(BackgroundRun):
    """Every method but `run` from any thread."""

    def __init__(
        self,
        subject: SweepSubject,
        journal: Journal,
        workspace: Path,
        *,
        budget_s: float | None = None,
        on_record: Callable[[Record, SweepLook], None] | None = None,
    ) -> None:
        if budget_s is not None and budget_s <= 0:
            raise SweepPlanError(f"A budget of {budget_s / 60:g} minutes measures nothing; give more than 0, or none.")
        super().__init__("sweep")
        self._plan = journal.header.plan
        self._journal = journal
        self._measurer = Measurer(subject, self._plan, workspace)
        self._budget_s = budget_s
        self._on_record = on_record
        self._forecast = Forecast(self._plan)
        self._now: Task | None = None
        self._spent_s = 0.0  # measuring, without pauses
        tasks = self._plan.tasks()
        self._total = len(tasks)
        settled = journal.settled
        self._waiting = [task for task in tasks if task.key not in settled]
        self._records = {record.task.key: record for record in journal.records}

    def pause(self) -> None:
        self._enter(RunState.PAUSED)

    def go_on(self) -> None:
        self._enter(RunState.RUNNING)

    def stop(self) -> None:
        """A request under way is given up, unmeasured; everything measured stays in the journal."""
        self._cancel.set()
        self._enter(RunState.STOPPED)

    def look(self) -> SweepLook:
        with self._changed:
            waiting = list(self._waiting)
            left = self._forecast.seconds(waiting) if self._forecast.learnt or not waiting else None
            return SweepLook(
                self._state,
                self._total - len(waiting),
                self._total,
                self._now,
                left,
                tuple(self._records.values()),
                self._detail,
            )

    def run(self) -> SweepLook:
        """Every task that the journal has not settled. Never raises for what servers or the disk do: the look tells."""
        try:
            self._run()
        except AskingStopped:
            pass
        except SweepError as error:
            self._end(RunState.BROKEN, str(error))
        except Exception as error:  # a bug of ours must show, not leave it running for ever
            _log.exception("A sweep failed unexpectedly")
            self._end(RunState.BROKEN, f"Something unexpected went wrong here: {type(error).__name__}.")
        finally:
            self._now = None
            self._measurer.close()
            self._journal.close()
        return self.look()

    def _run(self) -> None:
        warm: set[Arm] = set()
        while self._may_go_on():
            with self._changed:
                task = self._waiting[0]
                self._now = task
            began = time.monotonic()
            if task.arm not in warm:
                self._measurer.warm_up(task.arm, self._cancel)
                warm.add(task.arm)
                self._spend(began)
                began = time.monotonic()
            self._keep(task, self._measured(task), began)

    def _measured(self, task: Task) -> Record:
        fewer = self._fewer_at_once(task)
        record = self._measurer.measure(task, why_enough(fewer), self._cancel)
        if fewer and record.outcome is Outcome.MEASURED and (words := no_gain_words(fewer[-1], record)):
            record = replace(record, detail=words)
        return record

    def _keep(self, task: Task, record: Record, began: float) -> None:
        self._journal.append(record)
        with self._changed:
            self._waiting.pop(0)
            self._records[task.key] = record
            if record.outcome is Outcome.MEASURED:
                self._forecast.took(task, time.monotonic() - began)
        self._spend(began)
        if self._on_record is not None:
            self._on_record(record, self.look())

    def _may_go_on(self) -> bool:
        """Waits while it is paused. False when it is over, whatever ended it."""
        with self._changed:
            self._changed.wait_for(lambda: self._state is not RunState.PAUSED)
            if self._state.is_over:
                return False
            if not self._waiting:
                self._end(RunState.DONE)
                return False
            if self._budget_s is not None and self._beyond_budget():
                self._end(RunState.BUDGET_SPENT, "The next measurement would go beyond the budget.")
                return False
            return True

    def _beyond_budget(self) -> bool:
        assert self._budget_s is not None
        next_s = self._forecast.seconds(self._waiting[:1]) if self._forecast.learnt else 0.0
        return self._spent_s >= self._budget_s or self._spent_s + next_s > self._budget_s

    def _fewer_at_once(self, task: Task) -> list[Record]:
        """The records of the same place with fewer requests at once, from few to many."""
        if task.kind is not Kind.LOAD:
            return []
        keys = [replace(task, at_once=one).key for one in sorted(self._plan.at_once) if one < task.at_once]
        return [self._records[key] for key in keys if key in self._records]

    def _spend(self, began: float) -> None:
        with self._changed:
            self._spent_s += time.monotonic() - began

    def _enter(self, state: RunState) -> None:
        with self._changed:
            if not self._state.is_over:
                self._state = state
                self._changed.notify_all()

    def _end(self, state: RunState, detail: str = "") -> None:
        with self._changed:
            if not self._state.is_over:
                self._state, self._detail = state, detail
                self._changed.notify_all()
