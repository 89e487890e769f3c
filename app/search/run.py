"""The search itself: seeds, then generation after generation of critic and operators, scored, until the budget or no gain.

In: a study, its documents, a reader, a critic. The run owns the study; a look at it costs nothing and may be had from any
thread. Every arm gets the same number of scored settings, on the same validation items, with the same screening of hopeless
ones (which costs nothing, and is counted); at the end each arm's front is scored again on held-out items.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import optuna

from app.long_runs import RunState
from app.paths import CONFIGS
from app.search.critic import Advice, Critic, Standing
from app.search.documents import Documents
from app.search.errors import SearchError
from app.search.operators import OPERATORS, breed
from app.search.pareto import best_first
from app.search.readers import Reader
from app.search.sampler import GenomeSampler, RandomSampler, proposed, tried
from app.search.study import SearchStudy
from app.search.values import Arm, Candidate, ItemSet, Proposal, Score
from renderer import RenderConfig, RenderError

CRITICS_SHARE = 0.5  # of a generation; the rest, and what a critic leaves, comes from the operators
MOST_HELD_OUT = 8  # points of a front that are scored again
SCREENED_AN_EVALUATION = 5  # more hopeless settings than this for each scored one end the arm
PUBLISHED_DPI = (72, 96, 120)
_HISTORY = 24


@dataclass(frozen=True, slots=True)
class SearchLook:
    """A moment of a run. `done` of `total` scored settings, held-out ones not among them."""

    state: RunState
    doing: str
    done: int
    total: int
    seconds_left: float | None
    detail: str = ""


class _Ended(Exception):
    """Stopped, or out of budget."""

    def __init__(self, state: RunState) -> None:
        self.state = state


def run_search(study: SearchStudy, documents: Documents, reader: Reader, critic: Critic) -> None:
    """The whole search in this thread."""
    run = SearchRun(study, documents, reader, critic)
    run.work()
    if run.look().state is RunState.BROKEN:
        raise SearchError(run.look().detail)


class SearchRun:
    """A search in a thread of its own. Thread-safe."""

    def __init__(
        self,
        study: SearchStudy,
        documents: Documents,
        reader: Reader,
        critic: Critic,
        budget_s: float | None = None,
        on_scored: Callable[[Arm, Candidate], None] | None = None,
    ) -> None:
        self.study = study
        self._documents, self._reader, self._critic = documents, reader, critic
        self._budget_s, self._on_scored = budget_s, on_scored
        self._stop, self._go = threading.Event(), threading.Event()
        self._go.set()
        self._lock = threading.Lock()
        plan = study.header.plan
        self._total = sum(_evaluations(plan.evaluations, arm) for arm in plan.arms)
        self._done = self._before = sum(len(study.candidates(arm)) for arm in plan.arms)
        self._look = SearchLook(RunState.RUNNING, "", self._done, self._total, None)
        self._thread = threading.Thread(target=self.work, name="search", daemon=True)
        self._began = 0.0

    def start(self) -> None:
        self._thread.start()

    def pause(self) -> None:
        self._go.clear()
        self._tell(state=RunState.PAUSED)

    def go_on(self) -> None:
        self._go.set()
        self._tell(state=RunState.RUNNING)

    def stop(self) -> None:
        self._stop.set()
        self._go.set()

    def wait(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def look(self) -> SearchLook:
        with self._lock:
            return self._look

    def work(self) -> None:
        """What the thread does."""
        self._began = time.monotonic()
        try:
            self.study.hold()
            for arm in self.study.header.plan.arms:
                self._arm(arm)
            for arm in self.study.header.plan.arms:
                self._held_out(arm)
            self._tell(state=RunState.DONE, doing="")
        except _Ended as ended:
            self._tell(state=ended.state, doing="")
        except (SearchError, RenderError, OSError) as error:
            self._tell(state=RunState.BROKEN, doing="", detail=str(error))
        except Exception as error:
            self._tell(state=RunState.BROKEN, doing="", detail=f"An error of ours: {error}")
            raise
        finally:
            self.study.let_go()

    # --- arms -----------------------------------------------------------------------------------------------------

    def _arm(self, arm: Arm) -> None:
        self._tell(doing=arm.value)
        if arm is Arm.MANUAL:
            self._manual()
            return
        plan, space = self.study.header.plan, self.study.space
        sampler: GenomeSampler | RandomSampler = (
            GenomeSampler(space, plan.population, self._breed) if arm is Arm.SEARCH else RandomSampler(space, plan.seed)
        )
        self.study.sweep_running(arm)
        study = self.study.study(arm, sampler)
        scored = len(self.study.candidates(arm))
        screened = self.study.state(arm).screened
        while scored < plan.evaluations and not self._stale(arm):
            self._check()
            trial = study.ask()
            generation = _generation(sampler, study, trial.number, scored, plan.population)
            proposal = proposed(space, study, generation, _suggested(self.study, trial))
            config = space.config(proposal.genome)
            self.study.note(trial, proposal, generation, config)
            if why := self._reader.hopeless(config):
                self.study.screened(arm, trial, why)
                screened += 1
                if screened > SCREENED_AN_EVALUATION * plan.evaluations:
                    raise SearchError(f"{screened} settings in a row of {arm.value} were hopeless to read.")
                continue
            reading = self._reader.read(config, ItemSet.VALIDATION)
            self.study.scored(arm, trial, reading, self._documents.compression(config))
            scored += 1
            self._count(arm)

    def _manual(self) -> None:
        """Glyph's published settings, each once; as many as there are, and no more than the budget."""
        done = len(self.study.candidates(Arm.MANUAL))
        self.study.study(Arm.MANUAL)
        for name, config in published()[done : self.study.header.plan.evaluations]:
            self._check()
            reading = self._reader.read(config, ItemSet.VALIDATION)
            proposal = Proposal(self.study.space.nearest(config), (), "published", name)
            self.study.add_manual(proposal, config, reading, self._documents.compression(config))
            self._count(Arm.MANUAL)

    def _held_out(self, arm: Arm) -> None:
        self._tell(doing=f"{arm.value}, on held-out items")
        for candidate in thinned(self.study.state(arm).front, MOST_HELD_OUT):
            if candidate.held_out is None:
                self._check()
                config = self.study.settings(arm, candidate.number)
                found = self._reader.read(config, ItemSet.HELD_OUT)
                score = Score(found.accuracy, candidate.score.compression, found.low, found.high, found.n)
                self.study.keep_held_out(arm, candidate.number, score)

    def _stale(self, arm: Arm) -> bool:
        """Whether so many generations went by without a gain."""
        plan = self.study.header.plan
        span = plan.patience * plan.population
        if not span:
            return False
        areas = self.study.state(arm).areas
        return len(areas) > span and areas[-1] <= areas[-1 - span] + 1e-9

    # --- a generation's children -----------------------------------------------------------------------------------

    def _breed(self, study: optuna.Study, generation: int, numbers: tuple[int, ...]) -> list[Proposal]:
        plan, space = self.study.header.plan, self.study.space
        had = set(tried(space, study))
        rng = random.Random(f"{plan.seed} generation {generation} after {len(study.get_trials(deepcopy=False))}")
        found: list[Proposal] = []
        if generation == 0:
            found = self._seeds(had)
        else:
            candidates = self.study.candidates(Arm.SEARCH)
            elite = tuple(one for one in candidates if one.number in numbers)
            parents = tuple(elite[i] for i in best_first([one.score.point for one in elite]))
            advice = self._advice(candidates, parents, generation, frozenset(had), rng)
            self.study.keep_advice(generation, advice)
            found = list(advice.proposals)
            had |= {one.genome for one in found}
            while len(found) < plan.population:
                found.append(breed(space, parents, had, rng))
                had.add(found[-1].genome)
        while len(found) < plan.population:
            genome = space.random(rng)
            if genome not in had:
                had.add(genome)
                found.append(Proposal(genome, (), "seed", "at random from the training ranges"))
        return found[: plan.population]

    def _seeds(self, had: set) -> list[Proposal]:
        if not self.study.header.plan.seed_published:
            return []
        found = []
        for name, config in published()[: max(1, self.study.header.plan.population // 2)]:
            genome = self.study.space.nearest(config)
            if genome not in had and not self.study.space.refused(genome):
                had.add(genome)
                found.append(Proposal(genome, (), "seed", f"nearest to {name}"))
        return found

    def _advice(
        self,
        candidates: tuple[Candidate, ...],
        parents: tuple[Candidate, ...],
        generation: int,
        had: frozenset,
        rng: random.Random,
    ) -> Advice:
        wanted = max(1, round(CRITICS_SHARE * self.study.header.plan.population))
        front = self.study.state(Arm.SEARCH).front
        history = tuple(candidates[i] for i in best_first([one.score.point for one in candidates])[:_HISTORY])
        self._tell(doing=f"search, generation {generation}: {self._critic.name} thinks")
        standing = Standing(
            self.study.space, parents, front, history, had, generation, self._documents.title, self._reader.name
        )
        advice = self._critic.advise(standing, wanted, rng)
        self._tell(doing=f"search, generation {generation}")
        return advice

    # --- progress -------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self._go.wait()
        if self._stop.is_set():
            raise _Ended(RunState.STOPPED)
        if self._budget_s is not None and time.monotonic() - self._began > self._budget_s:
            raise _Ended(RunState.BUDGET_SPENT)

    def _count(self, arm: Arm) -> None:
        with self._lock:
            self._done += 1
        here = self._done - self._before
        left = (time.monotonic() - self._began) / here * (self._total - self._done) if here else None
        self._tell(done=self._done, seconds_left=left)
        if self._on_scored is not None:
            self._on_scored(arm, self.study.candidates(arm)[-1])

    def _tell(
        self,
        state: RunState | None = None,
        doing: str | None = None,
        done: int | None = None,
        seconds_left: float | None = None,
        detail: str = "",
    ) -> None:
        with self._lock:
            now = self._look
            if now.state.is_over:
                return
            self._look = SearchLook(
                now.state if state is None else state,
                now.doing if doing is None else doing,
                now.done if done is None else done,
                self._total,
                now.seconds_left if seconds_left is None else seconds_left,
                detail,
            )


def published() -> list[tuple[str, RenderConfig]]:
    """Glyph's English setting at the paper's three resolutions."""
    base = RenderConfig.load(CONFIGS / "en.json").to_mapping()
    return [
        (f"en.json at {dpi} dpi", RenderConfig.from_mapping({**base, "dpi": dpi}, CONFIGS)) for dpi in PUBLISHED_DPI
    ]


def thinned(front: tuple[Candidate, ...], most: int) -> tuple[Candidate, ...]:
    """At most so many points of a front, its ends among them, evenly by rank along it."""
    if len(front) <= most:
        return front
    return tuple(front[round(i * (len(front) - 1) / (most - 1))] for i in range(most))


def _evaluations(evaluations: int, arm: Arm) -> int:
    return min(evaluations, len(PUBLISHED_DPI)) if arm is Arm.MANUAL else evaluations


def _generation(
    sampler: GenomeSampler | RandomSampler, study: optuna.Study, number: int, scored: int, population: int
) -> int:
    if isinstance(sampler, GenomeSampler):
        return sampler.get_trial_generation(study, study.get_trials(deepcopy=False)[number])
    return scored // population


def _suggested(study: SearchStudy, trial: optuna.Trial):
    """The trial's genome: only active factors are suggested, so that optuna's own views know which those were."""
    values: dict = {}
    for factor in study.space.factors:
        if not study.space.is_active(factor, values):
            continue
        if factor.choices:
            values[factor.name] = trial.suggest_categorical(factor.name, factor.choices)
        elif factor.whole:
            values[factor.name] = trial.suggest_int(
                factor.name, int(factor.low), int(factor.high), step=int(factor.step)
            )
        else:
            values[factor.name] = trial.suggest_float(factor.name, factor.low, factor.high, step=factor.step)
    return study.space.genome(values)


__all__ = ["OPERATORS", "RunState", "SearchLook", "SearchRun", "published", "run_search", "thinned"]
