"""The process's one search at a time, and the journals of earlier ones, which go on after a restart of the app.

In: documents, a reader, a critic, a plan, or the id of a search. Out: looks and studies at once; nothing here blocks for a
reading. What scripts/search.py began in the same folder is shown too.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.evaluation import EvaluationServer
from app.long_runs import OneAtATime, RunFolder
from app.paths import DATA, make_private, why_unwritable
from app.search.critic import Critic
from app.search.documents import Documents
from app.search.errors import SearchBusy, SearchError
from app.search.readers import Reader, make_reader
from app.search.run import SearchLook, SearchRun
from app.search.study import Header, SearchStudy, read_header
from app.search.values import Arm, SearchPlan

SEARCHES = DATA / "searches"
MAX_KEPT = 100
MAX_LISTED = 20
_SUFFIXES = (".journal", ".journal.lock", ".json", ".texts.json")


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """A search on the disk."""

    id: str
    header: Header
    scored: int
    total: int

    @property
    def complete(self) -> bool:
        return self.scored >= self.total


class SearchDesk(OneAtATime[SearchRun]):
    """Thread-safe."""

    def __init__(self, folder: Path = SEARCHES) -> None:
        super().__init__()
        self._folder = RunFolder(folder, _SUFFIXES, "search", SearchError)

    def new_id(self) -> str:
        """For a search that begins now."""
        return self._folder.new_id()

    def begin(
        self, documents: Documents, reader: Reader, critic: Critic, plan: SearchPlan, budget_s: float | None = None
    ) -> str:
        """Start a search; its id. Raises SearchBusy while another runs, SearchError where nothing can be written."""
        with self._lock:
            self._refuse_while_busy()
            search_id = self.new_id()
            try:
                make_private(self._folder.folder)
                study = SearchStudy.begin(self._folder.folder, search_id, documents, reader.name, critic.name, plan)
            except OSError as error:
                raise SearchError(why_unwritable(self._folder.folder, error)) from error
            self._start(SearchRun(study, documents, reader, critic, budget_s))
            self._folder.keep_newest(MAX_KEPT)
            return search_id

    def resume(
        self, search_id: str, critic: Critic, server: EvaluationServer | None, budget_s: float | None = None
    ) -> None:
        """Go on with a search, by the reader it was begun with. Raises SearchBusy, SearchError."""
        with self._lock:
            self._refuse_while_busy()
            study, documents = SearchStudy.resume(self._folder.folder, self._folder.checked(search_id))
            reader = make_reader(study.header.plan.reader, documents, server)
            self._start(SearchRun(study, documents, reader, critic, budget_s))

    def look(self) -> tuple[str, SearchLook] | None:
        """The search of this process that was begun or resumed last."""
        with self._lock:
            return None if self._run is None else (self._run.study.id, self._run.look())

    def open(self, search_id: str) -> SearchStudy:
        """To read a search, running or not. Raises SearchError."""
        return SearchStudy.resume(self._folder.folder, self._folder.checked(search_id))[0]

    def kept(self) -> tuple[KeptSearch, ...]:
        """The newest searches, newest first; what is none is passed over."""
        found = []
        for path in self._folder.newest(MAX_LISTED):
            with suppress(SearchError, OSError):
                study = self.open(path.stem)
                arms = study.header.plan.arms
                scored = sum(len(study.candidates(arm)) for arm in arms)
                total = sum(3 if arm is Arm.MANUAL else study.header.plan.evaluations for arm in arms)
                found.append(KeptSearch(path.stem, study.header, scored, total))
        return tuple(found)

    def header(self, search_id: str) -> Header:
        """Raises SearchError."""
        return read_header(self._folder.folder, self._folder.checked(search_id))

    def _start(self, run: SearchRun) -> None:
        self._run = run
        run.start()

    def _refuse_while_busy(self) -> None:
        if self.busy:
            raise SearchBusy("A search is running; two at once would take each other's time. Stop that one first.")


_desk = SearchDesk()


def search_desk() -> SearchDesk:
    """The process's one desk."""
    return _desk
