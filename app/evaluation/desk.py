"""The process's one evaluation at a time, and the journals of earlier ones, which go on after a restart of the app.

In: a plan, sources and servers, or the id of a journal. Out: RunLook values at once; nothing here blocks for items or answers. Beside a
journal ID.jsonl lies ID.txt, the user's own book where the plan asks about one. Journals of scripts/evaluate.py are shown too.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache

from app.clients import Role
from app.evaluation.errors import EvaluationBusy, EvaluationError, JournalUnusable
from app.evaluation.journal import Header, Journal, read_journal
from app.evaluation.opening import begin, items_of, resume
from app.evaluation.plan import EvaluationPlan
from app.evaluation.run import EvaluationRun, EvaluationServer, RunLook, RunState
from app.evaluation.tasks import Sources
from app.evaluation.values import Item, Result
from app.long_runs import RunFolder
from app.paths import DATA, PAGES_OUT, make_private, why_unwritable

_log = logging.getLogger(__name__)
EVALUATIONS = DATA / "evaluations"
MAX_KEPT = 100  # journals in the folder, the scripts' among them
MAX_LISTED = 20
MAX_ITEM_SETS = 2  # evaluations whose items are kept in memory, for looking at them
_GIVES_BACK_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class KeptEvaluation:
    """A journal on the disk. `settled`: calls that need no asking any more."""

    id: str
    tasks: tuple[str, ...]
    arms: int
    settled: int
    total: int


class EvaluationDesk:
    """Thread-safe."""

    def __init__(self, folder: Path = EVALUATIONS, pages_root: Path = PAGES_OUT) -> None:
        self._folder = RunFolder(folder, (".jsonl", ".txt"), "evaluation", JournalUnusable)
        self._pages = pages_root / f"{os.getpid()}-evaluation"  # gone with the process's next start, like other pages
        self._lock = threading.Lock()
        self._id = ""
        self._run: EvaluationRun | None = None
        self._making: threading.Thread | None = None
        self._stop_wanted = False
        self._trouble = ""
        self._items: LRUCache[str, tuple[Item, ...]] = LRUCache(MAX_ITEM_SETS)

    def begin(
        self, plan: EvaluationPlan, sources: Sources, servers: Mapping[Role, EvaluationServer], at_once: int = 2
    ) -> str:
        """Start; the evaluation's id. Its items are made in a thread of its own. Raises EvaluationBusy, JournalUnusable."""
        evaluation_id = self._folder.new_id()
        with self._lock:
            self._refuse_while_busy()
            try:
                make_private(self._folder.folder)
                if sources.book_text:
                    self._folder.path(evaluation_id, ".txt").write_bytes(
                        sources.book_text.encode("utf-8", "surrogatepass")
                    )
            except OSError as error:
                raise JournalUnusable(why_unwritable(self._folder.folder, error)) from error
            self._folder.keep_newest(MAX_KEPT - 1)
            self._make(
                evaluation_id,
                lambda: begin(self._folder.path(evaluation_id), plan, sources, servers),
                dict(servers),
                at_once,
            )
        return evaluation_id

    def resume(self, evaluation_id: str, servers: Mapping[Role, EvaluationServer], at_once: int = 2) -> None:
        """Go on with a journal, on the same models. Raises EvaluationBusy, JournalUnusable."""
        path = self._folder.path(evaluation_id)
        with self._lock:
            self._refuse_while_busy()
            self._make(evaluation_id, lambda: resume(path, servers, self._book(evaluation_id)), dict(servers), at_once)

    def stop(self) -> None:
        with self._lock:
            self._stop_wanted = True
            if self._run is not None:
                self._run.stop()

    def wait(self, timeout_s: float) -> bool:
        """Until the one under way is over; for tests, and at the end of the process."""
        if self._making is not None:
            self._making.join(timeout_s)
        return self._run is None or self._run.wait(timeout_s)

    def look(self) -> tuple[str, RunLook] | None:
        """The evaluation of this process that was begun or resumed last."""
        with self._lock:
            if not self._id:
                return None
            if self._run is not None:
                return self._id, self._run.look()
            state = RunState.BROKEN if self._trouble else RunState.RUNNING
            now = "" if self._trouble else "making the items"
            return self._id, RunLook(state, 0, 0, now, None, self._trouble)

    @property
    def busy(self) -> bool:
        look = self.look()
        return look is not None and not look[1].state.is_over

    def kept(self) -> tuple[KeptEvaluation, ...]:
        """The newest journals, newest first; files that are no journals are passed over."""
        found = []
        for path in self._folder.newest(MAX_LISTED):
            with suppress(EvaluationError):
                header, results = read_journal(path)
                settled = sum(not result.retryable for result in results)
                plan = header.plan
                found.append(KeptEvaluation(path.stem, plan.tasks, len(plan.arms), settled, header.calls))
        return tuple(found)

    def read(self, evaluation_id: str) -> tuple[Header, tuple[Result, ...]]:
        """Raises JournalUnusable."""
        return read_journal(self._folder.path(evaluation_id))

    def items(self, evaluation_id: str) -> tuple[Item, ...]:
        """Made again where they are not in memory. Raises EvaluationError."""
        with self._lock:
            known = self._items.get(evaluation_id)
        if known is None:
            known = items_of(self.read(evaluation_id)[0], self._book(evaluation_id))
            with self._lock:
                self._items[evaluation_id] = known
        return known

    def close(self) -> None:
        """At the end of the process: calls under way are given up, the journal stays."""
        self.stop()
        self.wait(_GIVES_BACK_WITHIN_S)

    def _make(
        self,
        evaluation_id: str,
        opened: Callable[[], tuple[Journal, tuple[Item, ...]]],
        servers: dict[Role, EvaluationServer],
        at_once: int,
    ) -> None:
        def make() -> None:
            try:
                journal, items = opened()
                try:
                    run = EvaluationRun(journal, items, servers, self._pages / evaluation_id, at_once=at_once)
                except BaseException:
                    journal.close()
                    raise
                with self._lock:
                    self._items[evaluation_id] = items
                    self._run = run
                    if self._stop_wanted:
                        run.stop()
                run.run()
            except EvaluationError as error:
                self._trouble = str(error)
            except Exception as error:  # a bug of ours must show, not leave it running for ever
                _log.exception("An evaluation could not be begun")
                self._trouble = f"Something unexpected went wrong here: {type(error).__name__}."

        self._id, self._run, self._trouble, self._stop_wanted = evaluation_id, None, "", False
        self._making = threading.Thread(target=make, name="evaluation-desk", daemon=True)
        self._making.start()

    def _refuse_while_busy(self) -> None:
        over = self._run.look().state.is_over if self._run is not None else bool(self._trouble)
        if self._id and not over:
            raise EvaluationBusy("An evaluation is under way. Stop that one first.")

    def _book(self, evaluation_id: str) -> str:
        with suppress(FileNotFoundError):
            return self._folder.path(evaluation_id, ".txt").read_bytes().decode("utf-8", "surrogatepass")
        return ""


_desk = EvaluationDesk()


def evaluation_desk() -> EvaluationDesk:
    """The process's one desk."""
    return _desk
