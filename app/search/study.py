"""A search on the disk: optuna's journal of its arms, and beside it what it was begun with. A kill loses no scored trial.

ID.journal (optuna's JournalStorage), ID.json (plan, reader, critic, documents' title and hash), ID.texts.json (the documents,
so that it can go on after a restart). Read by whoever holds the folder; written by one run at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from app.search.critic import Advice
from app.search.documents import Documents
from app.search.errors import SearchBusy, SearchError, StudyUnusable
from app.search.genome import Space
from app.search.pareto import hypervolume, non_dominated
from app.search.sampler import PROPOSAL, proposal_from_json, proposal_to_json
from app.search.values import Arm, Candidate, Misread, Proposal, ReaderChoice, ReaderKind, Reading, Score, SearchPlan
from renderer import RenderConfig, RenderError

MAX_HEADER_BYTES, MAX_TEXT_BYTES = 100_000, 40_000_000
_SETTINGS, _READ, _MISREAD, _GENERATION, _SCREENED = "settings", "read", "misread", "generation", "screened"
_HELD_OUT, _ADVICE, _AREA = "held out:", "advice:", "hypervolume:"

# Optuna tells of every trial on stderr; what a user wants to see of a search is drawn by us.
optuna.logging.set_verbosity(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Header:
    """What a search was begun with. `documents_sha256`: of all texts."""

    title: str
    documents_sha256: str
    reader: str
    critic: str
    plan: SearchPlan


@dataclass(frozen=True, slots=True)
class ArmState:
    """What an arm has come to. `areas`: the hypervolume after each scored trial; it never falls."""

    arm: Arm
    candidates: tuple[Candidate, ...]
    front: tuple[Candidate, ...]
    areas: tuple[float, ...]
    screened: int
    advice: tuple[tuple[int, Advice], ...]

    @property
    def area(self) -> float:
        return self.areas[-1] if self.areas else 0.0

    @property
    def held_out_area(self) -> float | None:
        """Of the front's settings that held-out items scored, as they scored them; None until they did."""
        points = [one.held_out.point for one in self.front if one.held_out is not None]
        return hypervolume(points) if points else None


class SearchStudy:
    """One search. Not thread-safe: its run owns it; others open it again to read."""

    def __init__(self, folder: Path, search_id: str, header: Header, space: Space) -> None:
        self.id, self.header, self.space = search_id, header, space
        self._folder = folder
        self._held: int | None = None
        self._open()

    def _open(self) -> None:
        with _damage_told(self.id):
            self._storage = JournalStorage(JournalFileBackend(str(_path(self._folder, self.id, ".journal"))))
        self._studies: dict[Arm, optuna.Study] = {}

    def hold(self) -> None:
        """One process at a time goes on with a search (flock). Raises SearchBusy while another does, and StudyUnusable.

        Optuna's own lock outlives a killed process by half a minute; whoever holds the search knows that nobody has it.
        """
        number = os.open(_path(self._folder, self.id, ".json"), os.O_RDONLY)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(number)
            raise SearchBusy(f"Search {self.id} is running in another process.") from error
        self._held = number
        _path(self._folder, self.id, ".journal.lock").unlink(missing_ok=True)
        if _cut_torn_line(_path(self._folder, self.id, ".journal")):
            self._open()

    def let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    @classmethod
    def begin(
        cls, folder: Path, search_id: str, documents: Documents, reader: str, critic: str, plan: SearchPlan
    ) -> SearchStudy:
        """Raises OSError where nothing can be written."""
        header = Header(documents.title, _hash(documents.texts), reader, critic, plan)
        _path(folder, search_id, ".texts.json").write_text(json.dumps(documents.texts), encoding="utf-8")
        _path(folder, search_id, ".json").write_text(json.dumps(asdict(header)), encoding="utf-8")
        return cls(folder, search_id, header, Space(documents.fonts()))

    @classmethod
    def resume(cls, folder: Path, search_id: str) -> tuple[SearchStudy, Documents]:
        """The search and its documents. Raises StudyUnusable."""
        header = read_header(folder, search_id)
        path = _path(folder, search_id, ".texts.json")
        try:
            if path.stat().st_size > MAX_TEXT_BYTES:
                raise StudyUnusable(f"{path.name} is too large to be a search's documents.")
            texts = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise StudyUnusable(f"The documents of search {search_id} cannot be read: {error}") from error
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise StudyUnusable(f"{path.name} holds no documents.")
        documents = Documents.of(header.title, tuple(texts))
        if _hash(documents.texts) != header.documents_sha256:
            raise StudyUnusable(f"The documents of search {search_id} are not those it was begun with.")
        return cls(folder, search_id, header, Space(documents.fonts())), documents

    def study(self, arm: Arm, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study:
        """Optuna's study of an arm, made where there is none; with a `sampler` it can be asked for trials."""
        with _damage_told(self.id):
            if sampler is not None or arm not in self._studies:
                self._studies[arm] = self._loaded(arm, sampler) or optuna.create_study(
                    storage=self._storage, study_name=arm.value, directions=["maximize", "maximize"], sampler=sampler
                )
            return self._studies[arm]

    def _loaded(self, arm: Arm, sampler: optuna.samplers.BaseSampler | None = None) -> optuna.Study | None:
        """None where the arm was not begun. Whoever only reads makes none: optuna writes a line even for one that it finds
        (load_if_exists), and a reader does not hold the search."""
        try:
            return optuna.load_study(study_name=arm.value, storage=self._storage, sampler=sampler)
        except KeyError:
            return None

    def sweep_running(self, arm: Arm) -> int:
        """Trials that a kill left running become failed ones: their genomes are tried again. How many there were."""
        running = self.study(arm).get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        for trial in running:
            self.study(arm).tell(trial.number, state=TrialState.FAIL)
        return len(running)

    # --- writing --------------------------------------------------------------------------------------------------

    def note(self, trial: optuna.Trial, proposal: Proposal, generation: int, config: RenderConfig) -> None:
        trial.set_user_attr(PROPOSAL, proposal_to_json(proposal))
        trial.set_user_attr(_GENERATION, generation)
        trial.set_user_attr(_SETTINGS, json.dumps(config.to_mapping()))

    def scored(self, arm: Arm, trial: optuna.Trial, reading: Reading, compression: float) -> None:
        for name, value in _read_attributes(reading):
            trial.set_user_attr(name, value)
        self.study(arm).tell(trial, [reading.accuracy, compression])

    def screened(self, arm: Arm, trial: optuna.Trial, why: str) -> None:
        trial.set_user_attr(_SCREENED, why)
        self.study(arm).tell(trial, state=TrialState.PRUNED)

    def add_manual(self, proposal: Proposal, config: RenderConfig, reading: Reading, compression: float) -> None:
        """A published setting, which no sampler proposed."""
        attributes = {
            PROPOSAL: proposal_to_json(proposal),
            _GENERATION: 0,
            _SETTINGS: json.dumps(config.to_mapping()),
            **dict(_read_attributes(reading)),
        }
        trial = create_trial(values=[reading.accuracy, compression], user_attrs=attributes)
        self.study(Arm.MANUAL).add_trial(trial)

    def keep_advice(self, generation: int, advice: Advice) -> None:
        kept = {"by": advice.by, "analysis": advice.analysis, "refused": advice.refused, "trouble": advice.trouble}
        kept["proposals"] = [proposal_to_json(one) for one in advice.proposals]
        self.study(Arm.SEARCH).set_user_attr(f"{_ADVICE}{generation}", json.dumps(kept))

    def keep_held_out(self, arm: Arm, number: int, score: Score) -> None:
        self.study(arm).set_user_attr(f"{_HELD_OUT}{number}", json.dumps(asdict(score)))

    # --- reading --------------------------------------------------------------------------------------------------

    def candidates(self, arm: Arm) -> tuple[Candidate, ...]:
        """Raises StudyUnusable, as all that reads here does, for a journal that was changed or is damaged."""
        with _damage_told(self.id):
            study = self._loaded(arm)
            if study is None:
                return ()
            held_out = {
                int(key.removeprefix(_HELD_OUT)): Score(**json.loads(value))
                for key, value in study.user_attrs.items()
                if key.startswith(_HELD_OUT)
            }
            done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
            return tuple(_candidate(self.space, trial, held_out.get(trial.number)) for trial in done)

    def state(self, arm: Arm) -> ArmState:
        candidates = self.candidates(arm)
        with _damage_told(self.id):
            return self._state(arm, candidates)

    def _state(self, arm: Arm, candidates: tuple[Candidate, ...]) -> ArmState:
        points = [one.score.point for one in candidates]
        front = tuple(candidates[i] for i in reversed(non_dominated(points)))
        areas = tuple(hypervolume(points[: i + 1]) for i in range(len(points)))
        study = self._loaded(arm)
        screened = len(study.get_trials(deepcopy=False, states=(TrialState.PRUNED,))) if study is not None else 0
        return ArmState(arm, candidates, front, areas, screened, self._advice(arm))

    def settings(self, arm: Arm, number: int) -> RenderConfig:
        """Raises SearchError for a trial that there is not."""
        with _damage_told(self.id):
            study = self._loaded(arm)
            trials = study.get_trials(deepcopy=False) if study is not None else []
            if not 0 <= number < len(trials) or _SETTINGS not in trials[number].user_attrs:
                raise SearchError(f"There is no setting {number} in the arm {arm.value}.")
            return RenderConfig.from_mapping(json.loads(trials[number].user_attrs[_SETTINGS]))

    def _advice(self, arm: Arm) -> tuple[tuple[int, Advice], ...]:
        found = []
        study = self._loaded(arm)
        for key, value in study.user_attrs.items() if study is not None else ():
            if key.startswith(_ADVICE):
                kept = json.loads(value)
                proposals = tuple(proposal_from_json(self.space, one) for one in kept["proposals"])
                advice = Advice(kept["by"], kept["analysis"], proposals, tuple(kept["refused"]), kept["trouble"])
                found.append((int(key.removeprefix(_ADVICE)), advice))
        return tuple(sorted(found, key=lambda one: one[0]))


def read_header(folder: Path, search_id: str) -> Header:
    """Raises StudyUnusable."""
    path = _path(folder, search_id, ".json")
    try:
        if path.stat().st_size > MAX_HEADER_BYTES:
            raise StudyUnusable(f"{path.name} is too large to be a search's.")
        read = json.loads(path.read_text(encoding="utf-8"))
        plan = read.pop("plan")
        plan["arms"] = tuple(Arm(arm) for arm in plan["arms"])
        plan["reader"] = ReaderChoice(**{**plan["reader"], "kind": ReaderKind(plan["reader"]["kind"])})
        return Header(**read, plan=SearchPlan(**plan))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StudyUnusable(f"Search {search_id} cannot be read: {error}") from error


@contextmanager
def _damage_told(search_id: str) -> Iterator[None]:
    """What optuna, and what reads its values, makes of a journal that was changed or cut: any kind of error, told in one way."""
    try:
        yield
    except (SearchError, RenderError, OSError):
        raise
    except Exception as error:
        raise StudyUnusable(
            f"The journal of search {search_id} was changed or is damaged ({type(error).__name__}). Begin a new search."
        ) from error


def _cut_torn_line(journal: Path) -> bool:
    """Half a line of a full disk or a killed process goes, before the next is written behind it and both are lost with all that
    follows. True where there was one."""
    try:
        data = journal.read_bytes()
    except FileNotFoundError:
        return False
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(journal, whole)
    return whole < len(data)


def _path(folder: Path, search_id: str, suffix: str) -> Path:
    return folder / f"{search_id}{suffix}"


def _hash(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()


def _read_attributes(reading: Reading) -> list[tuple[str, str]]:
    misread = [[one.text, one.read] for one in reading.misread]
    return [(_READ, json.dumps([reading.low, reading.high, reading.n])), (_MISREAD, json.dumps(misread))]


def _candidate(space: Space, trial: FrozenTrial, held_out: Score | None) -> Candidate:
    attributes = trial.user_attrs
    low, high, n = json.loads(attributes[_READ])
    misread = tuple(Misread(text, read) for text, read in json.loads(attributes[_MISREAD]))
    score = Score(trial.values[0], trial.values[1], low, high, n)
    key = hashlib.sha256(attributes[_SETTINGS].encode()).hexdigest()[:12]
    proposal = proposal_from_json(space, attributes[PROPOSAL])
    return Candidate(trial.number, attributes[_GENERATION], proposal, score, key, misread, held_out)
