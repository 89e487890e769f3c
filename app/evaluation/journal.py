"""An evaluation's memory: an append-only log (app/append_log.py). The first line says what is asked of whom, each other one what
became of one item on one arm, written before the next is begun. A process killed at any moment loses at most the calls under way; no
call that is written down is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from app.append_log import AppendLog, LogHeld, LogLines, LogUnusable, read_log
from app.clients import Role
from app.evaluation.errors import EvaluationBusy, JournalUnusable, PlanError
from app.evaluation.plan import EvaluationPlan
from app.evaluation.tasks import Sources
from app.evaluation.values import Arm, Given, Outcome, Result
from app.long_runs.journal_values import figure, whole, words, yes_or_no
from renderer import RenderConfig, RenderError

VERSION = 1
_FOLDERS = ("essays", "squad", "hotpotqa", "mrcr", "longbench")
_NOT_IN_OLD_ONES = {"likeness", "simulated_gpu", "simulated_speedup"}  # fields that journals of this version may lack
_SIMPLE = ("count", "length", "seed", "answer_tokens", "thinking", "may_abstain", "factsheet_tokens")


@dataclass(frozen=True, slots=True)
class ServerNote:
    """Who was asked. Never an address: it may hold a password."""

    role: Role
    model: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Header:
    """What is evaluated. A journal goes on only under the same header. `book_sha256`: empty without a book of the user's."""

    plan: EvaluationPlan
    sources: Sources
    items: int
    items_sha256: str
    book_sha256: str
    notes: tuple[str, ...]
    """What stands in for sources that were not there."""
    servers: tuple[ServerNote, ...]

    @property
    def calls(self) -> int:
        return self.items * len(self.plan.arms)


class Journal:
    def __init__(self, log: AppendLog, header: Header, results: list[Result]) -> None:
        self.path = log.path
        self.header = header
        self._log = log
        self._results = {result.key: result for result in results}

    @classmethod
    def create(cls, path: Path, header: Header) -> Journal:
        """Raises JournalUnusable where a file lies there already."""
        with _as_our_errors():
            return cls(AppendLog.create(path, header_to_json(header)), header, [])

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Raises JournalUnusable, EvaluationBusy."""
        with _as_our_errors():
            log, lines = AppendLog.resume(path)
            try:
                header, results = _parsed(lines)
                log.cut_torn_line(lines)
            except BaseException:
                log.close()
                raise
            return cls(log, header, results)

    @property
    def results(self) -> tuple[Result, ...]:
        """The last word on each item and arm."""
        return tuple(self._results.values())

    @property
    def settled(self) -> frozenset[str]:
        """Keys of what needs no asking any more: all but calls that failed in passing."""
        return frozenset(key for key, result in self._results.items() if not result.retryable)

    def append(self, result: Result) -> None:
        """On the disk when this returns. Raises JournalUnusable."""
        with _as_our_errors():
            self._log.append(result_to_json(result))
        self._results[result.key] = result

    def close(self) -> None:
        self._log.close()


def read_journal(path: Path) -> tuple[Header, tuple[Result, ...]]:
    """Look into a journal that may be written to; nothing is changed. Raises JournalUnusable."""
    with _as_our_errors():
        header, results = _parsed(read_log(path))
    return header, tuple({result.key: result for result in results}.values())


def check_same(found: Header, wanted: Header) -> None:
    """Raises JournalUnusable, which names what differs."""
    differing = [
        words
        for words, one, other in (
            ("the plan", found.plan, wanted.plan),
            ("the items, which come from other files or another version", found.items_sha256, wanted.items_sha256),
            ("the servers or their models", found.servers, wanted.servers),
        )
        if one != other
    ]
    if differing:
        raise JournalUnusable(
            f"This journal was begun with something else: {'; '.join(differing)}. Use the same again, or begin a new one."
        )


def header_to_json(header: Header) -> dict[str, Any]:
    plan = header.plan
    return {
        "type": "evaluation",
        "version": VERSION,
        "tasks": list(plan.tasks),
        "arms": [_arm_to_json(arm) for arm in plan.arms],
        **{name: getattr(plan, name) for name in _SIMPLE},
        "sources": {
            name: str(path) if (path := getattr(header.sources, name)) is not None else None for name in _FOLDERS
        },
        "book_title": header.sources.book_title,
        "book_sha256": header.book_sha256,
        "items": header.items,
        "items_sha256": header.items_sha256,
        "notes": list(header.notes),
        "servers": [{"role": n.role.value, "model": n.model, "simulated": n.simulated} for n in header.servers],
    }


def result_to_json(result: Result) -> dict[str, Any]:
    return {"type": "result", **asdict(result), "outcome": result.outcome.value}


def _header_from_json(value: Any) -> Header:
    if value["type"] != "evaluation" or value["version"] != VERSION:
        raise ValueError(f"version {VERSION} of an evaluation is expected")
    plan = EvaluationPlan(
        tasks=tuple(str(one) for one in value["tasks"]),
        arms=tuple(_arm_from_json(one) for one in value["arms"]),
        **{name: _same_kind(value[name], getattr(_STANDARD, name)) for name in _SIMPLE},
    )
    essays, squad, hotpotqa, mrcr, longbench = (
        Path(path) if (path := value["sources"][name]) is not None else None for name in _FOLDERS
    )
    notes = tuple(ServerNote(Role(n["role"]), str(n["model"]), n["simulated"] is True) for n in value["servers"])
    return Header(
        plan,
        Sources(essays, squad, hotpotqa, mrcr, longbench, str(value["book_title"])),
        whole(value["items"]),
        str(value["items_sha256"]),
        str(value["book_sha256"]),
        tuple(str(one) for one in value["notes"]),
        notes,
    )


def _result_from_json(value: Any) -> Result:
    if value.pop("type") != "result":
        raise ValueError("a result is expected")
    known = {field.name for field in fields(Result)}
    if not known - _NOT_IN_OLD_ONES <= set(value) <= known:
        raise ValueError("a result has other fields")
    read: dict[str, Any] = {
        name: None if one is None and _may_be_none(name) else _READERS[name](one) for name, one in value.items()
    }
    result = Result(**read)
    if not all(0 <= n <= 1 for n in (result.score, result.likeness or 0.0)):
        raise ValueError("a score is no number between 0 and 1")
    return result


# How each field of a result is read, by its type.
_TYPES = get_type_hints(Result)
_BY_TYPE: dict[type, Callable[[Any], Any]] = {str: words, int: whole, float: figure, bool: yes_or_no, Outcome: Outcome}
_READERS = {name: _BY_TYPE[(get_args(kind) or (kind,))[0]] for name, kind in _TYPES.items()}


def _may_be_none(name: str) -> bool:
    return type(None) in get_args(_TYPES[name])


def _arm_to_json(arm: Arm) -> dict[str, Any]:
    settings = arm.config.to_mapping() if arm.config is not None else None
    return {"given": arm.given.value, "settings": settings, "name": arm.settings_name, "factsheet": arm.factsheet}


def _arm_from_json(value: Any) -> Arm:
    config = RenderConfig.from_mapping(value["settings"]) if value["settings"] is not None else None
    return Arm(Given(value["given"]), config, str(value["name"]), value["factsheet"] is True)


def _same_kind(value: Any, like: Any) -> Any:
    if type(value) is not type(like):
        raise ValueError(f"{value!r} is no {type(like).__name__}")
    return value


_STANDARD = EvaluationPlan(("niah_single_1",), (Arm(Given.TEXT),))


def _parsed(lines: LogLines) -> tuple[Header, list[Result]]:
    try:
        return lines.parsed(_header_from_json, _result_from_json, "an evaluation", PlanError)
    except RenderError as error:
        raise JournalUnusable(
            f"{lines.path}: the page settings it was begun with are not to be had here: {error}"
        ) from error


@contextmanager
def _as_our_errors() -> Iterator[None]:
    try:
        yield
    except LogHeld as error:
        raise EvaluationBusy(str(error)) from error
    except LogUnusable as error:
        raise JournalUnusable(str(error)) from error


def by_key(results: Iterable[Result]) -> dict[str, Result]:
    return {result.key: result for result in results}
