"""Genetic operators: parents in, children out. Tournament selection, uniform crossover, mutation in small steps.

All chance comes from the generator that is passed in. A child that nobody would print, or that was tried before, is made
anew; after some tries a random genome takes its place.
"""

from __future__ import annotations

import random
from collections.abc import Container, Sequence

from app.search.genome import Factor, Genome, Space, Value
from app.search.pareto import best_first
from app.search.values import Candidate, Proposal

OPERATORS = "operators"
_TRIES = 40
_MUTATIONS = 1.6  # factors a child, on average
_FAR_SHARE = 0.2  # of mutations go anywhere, the others a few steps
_NEAR_STEPS = 0.12  # of a factor's range


def breed(space: Space, parents: Sequence[Candidate], tried: Container[Genome], rng: random.Random) -> Proposal:
    """One child of these parents, or a random genome where there are none. Raises SearchError."""
    order = best_first([parent.score.point for parent in parents])
    for _ in range(_TRIES if parents else 0):
        one, other = (parents[order[min(rng.randrange(len(order)) for _ in range(2))]] for _ in range(2))
        child = mutated(space, crossed(space, one.proposal.genome, other.proposal.genome, rng), rng)
        if child not in tried and not space.refused(child):
            numbers = tuple(dict.fromkeys((one.number, other.number)))
            return Proposal(child, numbers, OPERATORS, "")
    for _ in range(_TRIES):
        if (child := space.random(rng)) not in tried:
            break
    return Proposal(child, (), OPERATORS, "at random: no new child was found")


def crossed(space: Space, one: Genome, other: Genome, rng: random.Random) -> Genome:
    """Uniform crossover: each factor from either parent that has it."""
    values: dict[str, Value] = {}
    for factor in space.factors:
        first, second = (one, other) if rng.random() < 0.5 else (other, one)
        value = first.get(factor.name)
        value = second.get(factor.name) if value is None else value
        if value is not None:
            values[factor.name] = value
    return space.genome(values)


def mutated(space: Space, genome: Genome, rng: random.Random) -> Genome:
    values = genome.to_mapping()
    active = space.active(values)
    for factor in active:
        if rng.random() < _MUTATIONS / len(active):
            values[factor.name] = _moved(factor, values[factor.name], rng)
    for factor in space.factors:  # a factor that became active takes any value
        if space.is_active(factor, values) and factor.name not in values:
            values[factor.name] = rng.choice(factor.options)
    return space.genome(values)


def _moved(factor: Factor, value: Value, rng: random.Random) -> Value:
    options = factor.options
    others = [one for one in options if one != value]
    if not others:
        return value
    if isinstance(value, str) or rng.random() < _FAR_SHARE:
        return rng.choice(others)
    reach = max(1, round(_NEAR_STEPS * len(options)))
    here = options.index(value)
    near = [options[i] for i in range(max(0, here - reach), min(len(options), here + reach + 1)) if i != here]
    return rng.choice(near)
