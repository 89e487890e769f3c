"""Who proposes children, with reasons: rules of thumb, or nobody but the genetic operators. The language model is beside it.

In: the space, the best of all so far, and what the worst of them misread. Out: an analysis in words, and proposals, each of
them valid and new. What a critic proposes wrongly is counted and told, and never becomes a random value.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.search.errors import SearchError
from app.search.genome import Genome, Space, Value
from app.search.values import Candidate, Proposal

RULES = "rules"
_LAYOUT = (
    "page",
    "margin_x_pt",
    "margin_y_pt",
    "extra_leading_pt",
    "indent",
    "indent_em",
    "space_before_pt",
    "space_after_pt",
    "crop_width",
    "crop_last_page",
    "snap_to_28",
    "newline",
    "border",
    "border_width_pt",
    "border_padding_pt",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a critic is told. `parents`: the elite, best first; `front`: those that none dominates; `history`: others, ranked."""

    space: Space
    parents: tuple[Candidate, ...]
    front: tuple[Candidate, ...]
    history: tuple[Candidate, ...]
    tried: frozenset[Genome]
    generation: int
    documents: str
    reader: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`by`: who said it. `refused`: proposals that were not usable, in words. `trouble`: why nothing came at all."""

    by: str
    analysis: str
    proposals: tuple[Proposal, ...]
    refused: tuple[str, ...] = ()
    trouble: str = ""


class Critic(Protocol):
    @property
    def name(self) -> str: ...

    def advise(self, standing: Standing, wanted: int, rng: random.Random) -> Advice:
        """At most `wanted` proposals. Never raises for what a model says or a server does."""
        ...


class OperatorsOnly:
    """No critic: all children come from crossover and mutation."""

    name = "no critic"

    def advise(self, standing: Standing, wanted: int, rng: random.Random) -> Advice:
        return Advice(self.name, "", ())


@dataclass(frozen=True, slots=True)
class _Rule:
    reason: str
    changes: tuple[tuple[str, Value], ...]


class RuleCritic:
    """Rules of thumb where no language model answers, and named as rules wherever their words are shown."""

    name = "rules"

    def advise(self, standing: Standing, wanted: int, rng: random.Random) -> Advice:
        found: list[Proposal] = []
        taken = set(standing.tried)
        for candidate, parents, rule in self._in_turn(standing, rng):
            if len(found) >= wanted:
                break
            child = changed(standing.space, candidate.proposal.genome, dict(rule.changes))
            if child is None or child in taken or standing.space.refused(child):
                continue
            taken.add(child)
            found.append(Proposal(child, parents, RULES, rule.reason))
        return Advice(self.name, _analysis(standing), tuple(found))

    @staticmethod
    def _in_turn(standing: Standing, rng: random.Random) -> list[tuple[Candidate, tuple[int, ...], _Rule]]:
        """Each kind of idea in turn, so that no kind fills a generation: bundles, crossovers, single steps."""
        front = list(standing.front)
        rng.shuffle(front)
        kinds: list[list[tuple[Candidate, tuple[int, ...], _Rule]]] = [[], [], []]
        for one in front:
            room = list(_room(standing.space, one))
            if len(room) > 1:
                changes = tuple(change for rule in room for change in rule.changes)
                reason = "all at once what holds no letters: " + "; ".join(rule.reason for rule in room)
                kinds[0].append((one, (one.number,), _Rule(reason, changes)))
            other = rng.choice(front)
            if other is not one:
                changes = tuple((name, value) for name, value in other.proposal.genome.genes if name in _LAYOUT)
                reason = f"the letters of {one.number} on the page of {other.number}"
                kinds[1].append((one, (one.number, other.number), _Rule(reason, changes)))
            singles = [*room, *_sharpness(standing.space, one)]
            kinds[2] += [(one, (one.number,), rule) for rule in singles]
        rng.shuffle(kinds[2])
        return [idea for turn in itertools.zip_longest(*kinds) for idea in turn if idea is not None]


def changed(space: Space, genome: Genome, changes: dict[str, Value]) -> Genome | None:
    """The genome with accepted values in place of its own; None where nothing changes."""
    child = space.genome({**genome.to_mapping(), **changes})
    return None if child == genome else child


def _room(space: Space, candidate: Candidate) -> Iterator[_Rule]:
    """What a typesetter would take away first: room that costs no letter its clarity."""
    gene = candidate.proposal.genome.to_mapping()
    if gene["snap_to_28"] == "no":
        yield _Rule(
            "pages of whole 28 px cells are not resampled: clearer at the same tokens", (("snap_to_28", "yes"),)
        )
    if gene["crop_width"] == "no":
        yield _Rule("empty columns beside the text cost tokens and say nothing", (("crop_width", "yes"),))
    if gene["newline"] == "break":
        yield _Rule("a red mark for each line end fills lines that breaks leave half empty", (("newline", "mark"),))
    for name in ("margin_x_pt", "margin_y_pt"):
        least = space.factor(name).low
        if float(gene[name]) > least:
            yield _Rule("margins hold no letters: as narrow as was trained", ((name, round(least)),))
    if float(gene["space_before_pt"]) or float(gene["space_after_pt"]):
        yield _Rule("space between paragraphs holds no letters", (("space_before_pt", 0), ("space_after_pt", 0)))
    if gene["indent"] != "none":
        yield _Rule("an indent holds no letters", (("indent", "none"),))
    if float(gene["extra_leading_pt"]) > 0:
        yield _Rule("lines closer together hold more, and letters stay as large", (("extra_leading_pt", 0),))
    if gene["border"] != "none":
        yield _Rule("a border holds no letters", (("border", "none"),))
    if gene["palette"] not in ("white", "night"):
        yield _Rule("black on white has the most contrast", (("palette", "white"),))


def _sharpness(space: Space, candidate: Candidate) -> Iterator[_Rule]:
    """Larger letters where reading fails, smaller ones where it does not."""
    gene, score = candidate.proposal.genome.to_mapping(), candidate.score
    dpi, finest = int(gene["dpi"]), space.factor("dpi")
    if score.accuracy < 0.98:
        for step in (4, 9, 16):
            if dpi + step <= finest.high:
                yield _Rule(
                    f"{100 * score.accuracy:.0f} % read: {step} dpi more make each letter larger",
                    (("dpi", dpi + step),),
                )
        if float(gene["horizontal_scale"]) < 1:
            yield _Rule("narrowed letters run together: their full width again", (("horizontal_scale", 1.0),))
    if score.accuracy > 0.5:
        for step in (3, 7, 12):
            if dpi - step >= finest.low:
                yield _Rule(
                    f"{100 * score.accuracy:.0f} % read leaves room: {step} dpi less cost fewer tokens",
                    (("dpi", dpi - step),),
                )


def _analysis(standing: Standing) -> str:
    if not standing.front:
        return ""
    clear = max(standing.front, key=lambda one: one.score.accuracy)
    tight = max(standing.front, key=lambda one: one.score.compression)
    return (
        f"The front runs from {100 * clear.score.accuracy:.0f} % read at {clear.score.compression:.2f}x to "
        f"{100 * tight.score.accuracy:.0f} % at {tight.score.compression:.2f}x ({len(standing.front)} settings). "
        "First what costs no letter its clarity, then resolution up where reading fails and down where it does not."
    )


def checked(space: Space, standing: Standing, parents: Sequence[int], changes: dict[str, object]) -> Genome:
    """A model's proposal as a genome. Raises SearchError with the reason where it is not usable."""
    by_number = {one.number: one for one in (*standing.parents, *standing.front, *standing.history)}
    known = [by_number[number] for number in parents if number in by_number]
    if not known:
        raise SearchError(f"it names no parent that was shown ({str(list(parents))[:60]})")
    if problems := space.problems(changes):
        raise SearchError("; ".join(problems[:3]))
    accepted = {name: space.factor(name).cast(value) for name, value in changes.items()}
    child = changed(space, known[0].proposal.genome, accepted)
    if child is None:
        raise SearchError("it changes nothing of its first parent")
    ignored = [name for name in accepted if child.get(name) is None]
    if ignored:
        raise SearchError(f"{', '.join(ignored)} has no effect without the factor it depends on")
    if child in standing.tried:
        raise SearchError("it was tried before")
    if reason := space.refused(child):
        raise SearchError(f"nobody would print it: {reason}")
    return child
