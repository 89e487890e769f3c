"""RULER's eight needle tasks (niah). Source: NVIDIA/RULER, scripts/data/synthetic/niah.py and synthetic.yaml (Apache-2.0).

A real one: "One of the special magic numbers for gentle-lantern is: 4820713." hidden in prose; the question, "What is the special
magic number for gentle-lantern mentioned in the provided text?", comes after it. The introduction that RULER puts before the text
is left out, because the text may be pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.evaluation.tasks.dice import Dice
from app.evaluation.tasks.haystacks import NOISE, joined, prose_sentences, random_word
from app.evaluation.tasks.sizing import Draft, Make

_DEPTHS = [round(100 * step / 39) for step in range(40)]


class Hay(StrEnum):
    NOISE = "noise"
    PROSE = "essay"
    NEEDLES = "needle"


class Kind(StrEnum):
    WORDS = "words"
    NUMBERS = "numbers"
    UUIDS = "uuids"


@dataclass(frozen=True, slots=True)
class NeedleTask:
    """`keys` needles' names, `values` for each, of which `queries` are asked for."""

    hay: Hay
    key_kind: Kind = Kind.WORDS
    value_kind: Kind = Kind.NUMBERS
    keys: int = 1
    values: int = 1
    queries: int = 1


NEEDLE_TASKS: dict[str, NeedleTask] = {
    "niah_single_1": NeedleTask(Hay.NOISE),
    "niah_single_2": NeedleTask(Hay.PROSE),
    "niah_single_3": NeedleTask(Hay.PROSE, value_kind=Kind.UUIDS),
    "niah_multikey_1": NeedleTask(Hay.PROSE, keys=4),
    "niah_multikey_2": NeedleTask(Hay.NEEDLES),
    "niah_multikey_3": NeedleTask(Hay.NEEDLES, key_kind=Kind.UUIDS, value_kind=Kind.UUIDS),
    "niah_multivalue": NeedleTask(Hay.PROSE, values=4),
    "niah_multiquery": NeedleTask(Hay.PROSE, keys=4, queries=4),
}


def needle_sentence(kind: Kind, key: str, value: str) -> str:
    return f"One of the special magic {kind} for {key} is: {value}."


def needle_question(kind: Kind, keys: list[str], values: int) -> str:
    asked = f"{', '.join(keys[:-1])}, and {keys[-1]}" if len(keys) > 1 else keys[0]
    if len(keys) * values == 1:
        return f"What is the special magic {kind.removesuffix('s')} for {asked} mentioned in the provided text?"
    return f"What are all the special magic {kind} for {asked} mentioned in the provided text?"


def needle_maker(task: NeedleTask, essays: Path | None) -> Make:
    def make(dice: Dice, size: int) -> Draft:
        keys = [_random(dice, task.key_kind) for _ in range(task.keys)]
        values = [[_random(dice, task.value_kind) for _ in range(task.values)] for _ in keys]
        asked = dice.sample(range(len(keys)), task.queries)
        needles = [
            (needle_sentence(task.value_kind, key, value), number in asked)
            for number, (key, own) in enumerate(zip(keys, values, strict=True))
            for value in own
        ]
        dice.shuffle(needles)
        context, evidence = _hidden(task, dice, size, needles, essays)
        question = needle_question(task.value_kind, [keys[one] for one in asked], task.values)
        return Draft(context, question, tuple(value for one in asked for value in values[one]), evidence)

    return make


def _hidden(
    task: NeedleTask, dice: Dice, size: int, needles: list[tuple[str, bool]], essays: Path | None
) -> tuple[str, tuple[tuple[int, int], ...]]:
    if task.hay is Hay.PROSE:
        hay = prose_sentences(essays, size)
        places = sorted(len(hay) * depth // 100 for depth in dice.sample(_DEPTHS, len(needles)))
        blank = " "
    else:
        hay = [NOISE if task.hay is Hay.NOISE else _other_needle(task, dice) for _ in range(size)]
        places = sorted(dice.sample(range(len(hay)), len(needles)))
        blank = "\n"
    pieces: list[tuple[str, bool]] = []
    begin = 0
    for place, needle in zip(places, needles, strict=True):
        pieces += [(one, False) for one in hay[begin:place]]
        pieces.append(needle)
        begin = place
    pieces += [(one, False) for one in hay[begin:]]
    return joined(pieces, blank)


def _other_needle(task: NeedleTask, dice: Dice) -> str:
    return needle_sentence(task.value_kind, _random(dice, task.key_kind), _random(dice, task.value_kind))


def _random(dice: Dice, kind: Kind) -> str:
    if kind is Kind.NUMBERS:
        return str(dice.between(1_000_000, 9_999_999))
    return dice.uuid4() if kind is Kind.UUIDS else random_word(dice)
