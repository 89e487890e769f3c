"""A search from its seeds to its front, by a reader whose accuracy is a formula."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from app.search import (
    Advice,
    Arm,
    ItemSet,
    OperatorsOnly,
    Proposal,
    RuleCritic,
    RunState,
    SearchError,
    SearchPlan,
    SearchRun,
    SearchStudy,
    hypervolume,
    run_search,
)
from app.search.critic import checked
from tests.search.by_formula import FormulaReader, documents

ROOT = Path(__file__).resolve().parents[2]


class FirstDpiCritic:
    """Proposes one known child a generation, and notes what it was shown."""

    name = "a test's critic"

    def __init__(self):
        self.standings, self.proposed = [], []

    def advise(self, standing, wanted, rng):
        self.standings.append(standing)
        parent = standing.parents[0]
        for dpi in range(100, 145):
            try:
                child = checked(standing.space, standing, [parent.number], {"dpi": dpi})
            except SearchError:
                continue
            self.proposed.append(child)
            return Advice(
                self.name, "more dots", (Proposal(child, (parent.number,), self.name, "more dots"),), ("bad",)
            )
        return Advice(self.name, "", ())


def begun(folder, critic, **plan):
    reader, texts = FormulaReader(), documents()
    wanted = SearchPlan(**{"evaluations": 24, "population": 6, **plan})
    study = SearchStudy.begin(folder, "one", texts, reader.name, critic.name, wanted)
    return study, texts, reader


def test_what_a_critic_proposes_becomes_children_and_the_best_of_all_become_parents(tmp_path):
    critic = FirstDpiCritic()
    study, texts, reader = begun(tmp_path, critic)
    run_search(study, texts, reader, critic)
    state = study.state(Arm.SEARCH)
    by_genome = {one.proposal.genome: one for one in state.candidates}
    assert [by_genome[child].proposal.by for child in critic.proposed] == [critic.name] * 3
    assert [by_genome[child].generation for child in critic.proposed] == [1, 2, 3]
    assert Counter(one.generation for one in state.candidates) == {0: 6, 1: 6, 2: 6, 3: 6}
    last = critic.standings[-1]
    before = [one for one in state.candidates if one.generation < 3]
    assert len(last.parents) == 6
    for end in (max(before, key=lambda one: one.score.accuracy), max(before, key=lambda one: one.score.compression)):
        points = [one.score.point for one in last.parents]
        assert any(point >= end.score.point or point[1] >= end.score.compression for point in points), "elitism"
    assert [(generation, advice.analysis, advice.refused) for generation, advice in state.advice] == [
        (generation, "more dots", ("bad",)) for generation in (1, 2, 3)
    ]


def test_the_area_never_falls_and_the_front_is_scored_again_on_held_out_items(tmp_path):
    study, texts, reader = begun(tmp_path, RuleCritic())
    run_search(study, texts, reader, RuleCritic())
    state = study.state(Arm.SEARCH)
    assert list(state.areas) == sorted(state.areas)
    again = [one for one in state.front if one.held_out]
    assert state.held_out_area == pytest.approx(hypervolume([one.score.point for one in again]))
    assert state.front[0] in again
    assert state.front[-1] in again
    assert Counter(items for _, items in reader.asked) == {ItemSet.VALIDATION: 24, ItemSet.HELD_OUT: len(again)}


def test_every_arm_has_the_same_budget_and_nothing_is_scored_twice(tmp_path):
    study, texts, reader = begun(tmp_path, RuleCritic(), arms=(Arm.SEARCH, Arm.RANDOM, Arm.MANUAL))
    run_search(study, texts, reader, RuleCritic())
    assert [len(study.state(arm).candidates) for arm in (Arm.SEARCH, Arm.RANDOM, Arm.MANUAL)] == [24, 24, 3]
    for arm in (Arm.SEARCH, Arm.RANDOM):
        genomes = [one.proposal.genome for one in study.state(arm).candidates]
        assert len(set(genomes)) == len(genomes)
    assert [study.settings(Arm.MANUAL, n).dpi for n in range(3)] == [72, 96, 120]


def test_the_search_holds_more_than_chance_where_the_answer_is_known(tmp_path):
    areas = {Arm.SEARCH: 0.0, Arm.RANDOM: 0.0}
    for seed in range(2):
        (tmp_path / str(seed)).mkdir()
        plan = {"evaluations": 48, "population": 8, "seed": seed, "arms": tuple(areas), "seed_published": False}
        study, texts, reader = begun(tmp_path / str(seed), RuleCritic(), **plan)
        run_search(study, texts, reader, RuleCritic())
        for arm in areas:
            areas[arm] += study.state(arm).area
    assert areas[Arm.SEARCH] > 1.1 * areas[Arm.RANDOM]


def test_hopeless_settings_are_not_read_and_are_counted(tmp_path):
    study, texts, reader = begun(tmp_path, OperatorsOnly(), evaluations=40, arms=(Arm.RANDOM,))
    run_search(study, texts, reader, OperatorsOnly())
    state = study.state(Arm.RANDOM)
    assert state.screened > 0
    assert len(state.candidates) == 40
    assert all(not reader.hopeless(study.settings(Arm.RANDOM, one.number)) for one in state.candidates)


def test_it_ends_where_nothing_is_gained(tmp_path):
    class Flat(FormulaReader):
        def read(self, config, items):
            return super().read(config, items).__class__(0.0, 0.0, 0.0, 10)

    critic = OperatorsOnly()
    study, texts, _ = begun(tmp_path, critic, evaluations=60, patience=2)
    run_search(study, texts, Flat(), critic)
    assert len(study.state(Arm.SEARCH).candidates) == 13


def test_the_same_seed_searches_the_same(tmp_path):
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        study, texts, reader = begun(tmp_path / name, RuleCritic(), seed=7)
        run_search(study, texts, reader, RuleCritic())
        found.append([one.proposal for one in study.state(Arm.SEARCH).candidates])
    assert found[0] == found[1]


def test_killed_twice_and_resumed_it_has_every_trial_exactly_once(tmp_path):
    command = [sys.executable, "-m", "tests.search.by_formula", str(tmp_path), "one"]
    for lines in (9, 8):
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(lines):
            assert running.stdout.readline().startswith(("search", "random"))
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "done"
    study, _ = SearchStudy.resume(tmp_path, "one")
    for arm in (Arm.SEARCH, Arm.RANDOM):
        candidates = study.state(arm).candidates
        assert len(candidates) == 18
        assert len({one.proposal.genome for one in candidates}) == 18
    assert Counter(one.generation for one in study.state(Arm.SEARCH).candidates) == dict.fromkeys(range(3), 6)
    assert len(study.state(Arm.SEARCH).advice) == 2, "each generation asked its critic once"


def test_two_processes_do_not_go_on_with_one_search(tmp_path):
    study, texts, reader = begun(tmp_path, RuleCritic())
    study.hold()
    other, _ = SearchStudy.resume(tmp_path, study.id)
    with pytest.raises(SearchError, match="another process"):
        run_search(other, texts, reader, RuleCritic())
    study.let_go()
    run_search(other, texts, reader, RuleCritic())


def test_it_pauses_goes_on_and_stops(tmp_path):
    critic = RuleCritic()
    study, texts, _ = begun(tmp_path, critic, evaluations=200)
    run = SearchRun(study, texts, FormulaReader(0.01), critic)
    run.start()
    _until(lambda: run.look().done >= 3)
    run.pause()
    assert run.look().state is RunState.PAUSED
    run.go_on()
    was = run.look().done
    _until(lambda: run.look().done > was + 1)
    run.stop()
    assert run.wait(30)
    assert run.look().state is RunState.STOPPED


def test_a_budget_of_time_ends_it_and_leaves_what_there_is(tmp_path):
    critic = RuleCritic()
    study, texts, reader = begun(tmp_path, critic)
    run = SearchRun(study, texts, reader, critic, budget_s=-1.0)
    run.work()
    assert run.look().state is RunState.BUDGET_SPENT


@pytest.mark.parametrize(
    ("plan", "said"),
    [({"population": 1}, "population of 1"), ({"evaluations": 2}, "2 evaluations"), ({"arms": ()}, "No arm")],
)
def test_a_plan_that_makes_no_sense_is_refused(plan, said):
    with pytest.raises(SearchError, match=said):
        SearchPlan(**plan)


def test_other_documents_under_a_searchs_name_are_refused(tmp_path):
    study, _, _ = begun(tmp_path, RuleCritic())
    (tmp_path / f"{study.id}.texts.json").write_text('["' + "another text " * 100 + '"]')
    with pytest.raises(SearchError, match="not those it was begun with"):
        SearchStudy.resume(tmp_path, study.id)


def _until(true, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
