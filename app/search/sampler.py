"""Optuna's side of an arm: which genome a trial gets. Genetic algorithm over the public BaseGASampler; a plain one for random.

Why a sampler and not enqueued trials: those never become parents. Optuna replaces a value out of range by a random one without a
word, so nothing but checked genomes is returned. A generation's children are proposed once, and kept in the study: whoever
resumes goes on with the same ones, and no critic is asked twice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState

from app.search.genome import Factor, Genome, Space
from app.search.pareto import best_first
from app.search.values import Proposal

PROPOSAL = "proposal"  # a trial's own: what it tries, where it comes from, why
_CHILDREN = "children:"  # a study's: the proposals of a generation

Breed = Callable[[optuna.Study, int, tuple[int, ...]], list[Proposal]]
"""A study, a generation and the numbers of its parents, best first, in; the generation's children out."""


def distribution(factor: Factor) -> BaseDistribution:
    if factor.choices:
        return CategoricalDistribution(factor.choices)
    if factor.whole:
        return IntDistribution(int(factor.low), int(factor.high), step=int(factor.step))
    return FloatDistribution(factor.low, factor.high, step=factor.step)


def proposal_to_json(proposal: Proposal) -> str:
    genes, parents = proposal.genome.to_mapping(), list(proposal.parents)
    return json.dumps({"genes": genes, "parents": parents, "by": proposal.by, "reason": proposal.reason})


def proposal_from_json(space: Space, text: str) -> Proposal:
    read = json.loads(text)
    return Proposal(space.genome(read["genes"]), tuple(read["parents"]), read["by"], read["reason"])


class GenomeSampler(optuna.samplers.BaseGASampler):
    """Each trial gets the next proposal of its generation that no finished trial has had."""

    def __init__(self, space: Space, population: int, breed: Breed) -> None:
        super().__init__(population_size=population)
        self._space, self._breed = space, breed

    def select_parent(self, study: optuna.Study, generation: int) -> list[FrozenTrial]:
        """Elitism: the best of the last generation and of its parents, by rank and crowding."""
        pool = {t.number: t for t in self.get_population(study, generation - 1)}
        pool |= {t.number: t for t in self.get_parent_population(study, generation - 1)}
        trials = list(pool.values())
        assert self.population_size is not None
        order = best_first([(t.values[0], t.values[1]) for t in trials])
        return [trials[i] for i in order[: self.population_size]]

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {factor.name: distribution(factor) for factor in self._space.factors}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        generation = self.get_trial_generation(study, trial)
        return dict(next(self._open(study, generation)).genome.to_mapping())

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        raise AssertionError(f"{param_name} is no gene of the proposal")  # never a random value in its place

    def _open(self, study: optuna.Study, generation: int) -> Iterator[Proposal]:
        had = tried(self._space, study)
        rounds = 0
        while True:
            key = f"{_CHILDREN}{generation}:{rounds}"
            kept = study.user_attrs.get(key)
            if kept is None:
                parents = tuple(trial.number for trial in self.get_parent_population(study, generation))
                kept = [proposal_to_json(one) for one in self._breed(study, generation, parents)]
                study.set_user_attr(key, kept)
            for text in kept:
                proposal = proposal_from_json(self._space, text)
                if proposal.genome not in had:
                    yield proposal
            rounds += 1


def proposed(space: Space, study: optuna.Study, generation: int, genome: Genome) -> Proposal:
    """Where a trial's genome comes from, as the study keeps it."""
    prefix = f"{_CHILDREN}{generation}:"
    kept = [text for key, texts in study.user_attrs.items() if key.startswith(prefix) for text in texts]
    found = (proposal_from_json(space, text) for text in kept)
    return next((one for one in found if one.genome == genome), Proposal(genome, (), "random"))


class RandomSampler(optuna.samplers.BaseSampler):
    """A random genome that can be printed, by the trial's number and the seed."""

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        return {factor.name: distribution(factor) for factor in self._space.factors}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: Mapping[str, BaseDistribution]
    ) -> dict[str, Any]:
        rng = random.Random(f"{self._seed} random {trial.number}")
        had = tried(self._space, study)
        genome = self._space.random(rng)
        while genome in had:
            genome = self._space.random(rng)
        return dict(genome.to_mapping())

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        raise AssertionError(f"{param_name} is no gene of the genome")


def tried(space: Space, study: optuna.Study) -> frozenset[Genome]:
    """Genomes of trials that were scored or screened out; what a kill left half done may be tried again."""
    done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    return frozenset(proposal_from_json(space, t.user_attrs[PROPOSAL]).genome for t in done)
