"""The process's one sweep at a time, and the journals of earlier ones, which go on after a restart of the app.

In: a subject and a plan, or the id of a journal. Out: SweepLook values at once; nothing here blocks for a measurement.
Beside a journal ID.jsonl lie ID.txt, the book's text, and ID.settings.json: what resuming needs when the app has forgotten
the book. Journals that scripts/sweep.py wrote into the same folder are shown too.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.long_runs import OneAtATime, RunFolder
from app.paths import DATA, PAGES_OUT, make_private, why_unwritable
from app.sweep.errors import JournalUnusable, SweepBusy, SweepError
from app.sweep.journal import Header, Journal, read_journal
from app.sweep.run import SweepLook, SweepRun
from app.sweep.subject import SweepServer, SweepSubject, check_same
from app.sweep.values import Outcome, Record, SweepPlan
from renderer import RenderConfig, RenderError

SWEEPS = DATA / "sweeps"
MAX_KEPT = (
    200  # journals in the folder, those of scripts/sweep.py among them; some ten kilobytes each, and the text of a book
)
MAX_LISTED = 20
_GIVES_BACK_WITHIN_S = 5.0


@dataclass(frozen=True, slots=True)
class KeptSweep:
    """A journal on the disk. `settled`: measured, or known not to be measurable."""

    id: str
    title: str
    settled: int
    total: int

    @property
    def complete(self) -> bool:
        return self.settled == self.total


class SweepDesk(OneAtATime[SweepRun]):
    """Thread-safe."""

    def __init__(self, folder: Path = SWEEPS, pages_root: Path = PAGES_OUT) -> None:
        super().__init__()
        self._folder = RunFolder(folder, (".jsonl", ".txt", ".settings.json"), "sweep", JournalUnusable)
        self._pages = pages_root / f"{os.getpid()}-sweep"  # gone with the process's next start, like other pages
        self._id = ""

    def begin(self, subject: SweepSubject, plan: SweepPlan, budget_s: float | None = None) -> str:
        """Start measuring; the sweep's id. Raises SweepBusy while another runs, SweepError where nothing can be written."""
        with self._lock:
            self._refuse_while_busy()
            sweep_id = self._folder.new_id()
            try:
                make_private(self._folder.folder)
                self._folder.path(sweep_id, ".txt").write_bytes(subject.text.encode("utf-8", "surrogatepass"))
                self._folder.path(sweep_id, ".settings.json").write_text(json.dumps(subject.config.to_mapping()))
            except OSError as error:
                raise JournalUnusable(why_unwritable(self._folder.folder, error)) from error
            journal = Journal.create(self._folder.path(sweep_id), subject.header(plan))
            self._start(sweep_id, subject, journal, budget_s)
            self._folder.keep_newest(MAX_KEPT)
            return sweep_id

    def resume(self, sweep_id: str, text: SweepServer, pages: SweepServer, budget_s: float | None = None) -> None:
        """Go on with a journal, on the same models. Raises SweepBusy, JournalUnusable."""
        with self._lock:
            self._refuse_while_busy()
            journal = Journal.resume(self._folder.path(sweep_id))
            try:
                subject = self._subject(sweep_id, journal.header, text, pages)
                check_same(journal.header, subject.header(journal.header.plan))
                self._start(sweep_id, subject, journal, budget_s)
            except BaseException:
                journal.close()
                raise

    def look(self) -> tuple[str, SweepLook] | None:
        """The sweep of this process that was begun or resumed last."""
        with self._lock:
            return None if self._run is None else (self._id, self._run.look())

    def kept(self) -> tuple[KeptSweep, ...]:
        """The newest journals, newest first; files that are no journals are passed over."""
        found = []
        for path in self._folder.newest(MAX_LISTED):
            with suppress(SweepError):
                header, records = read_journal(path)
                settled = sum(record.outcome is not Outcome.FAILED for record in records)
                found.append(KeptSweep(path.stem, header.title, settled, header.plan.task_count))
        return tuple(found)

    def read(self, sweep_id: str) -> tuple[Header, tuple[Record, ...]]:
        """Raises JournalUnusable."""
        return read_journal(self._folder.path(sweep_id))

    def close(self) -> None:
        """At the end of the process: the request under way is given up, the journal stays."""
        self.stop()
        self.wait(5)

    def _start(self, sweep_id: str, subject: SweepSubject, journal: Journal, budget_s: float | None) -> None:
        try:
            run = SweepRun(subject, journal, self._pages / sweep_id, budget_s=budget_s)
        except BaseException:
            journal.close()
            raise
        self._run, self._id = run, sweep_id
        run.start()

    def _refuse_while_busy(self) -> None:
        if self.busy:
            raise SweepBusy("A sweep is being measured; two at once would measure each other. Stop that one first.")
        if self._run is not None:
            self._run.wait(_GIVES_BACK_WITHIN_S)  # one that was stopped gives its journal and its pages back first

    def _subject(self, sweep_id: str, header: Header, text: SweepServer, pages: SweepServer) -> SweepSubject:
        try:
            words = self._folder.path(sweep_id, ".txt").read_bytes().decode("utf-8", "surrogatepass")
            settings = json.loads(self._folder.path(sweep_id, ".settings.json").read_text())
            config = RenderConfig.from_mapping(settings)
        except FileNotFoundError as error:
            raise JournalUnusable(
                "This sweep was begun on the command line: go on there, with "
                f"python scripts/sweep.py --resume {self._folder.path(sweep_id)}"
            ) from error
        except (OSError, ValueError, RenderError) as error:
            raise JournalUnusable(f"What sweep {sweep_id} was begun with cannot be read: {error}") from error
        return SweepSubject(header.title, words, config, text, pages)


_desk = SweepDesk()


def sweep_desk() -> SweepDesk:
    """The process's one desk."""
    return _desk
