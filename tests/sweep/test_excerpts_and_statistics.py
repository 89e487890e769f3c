"""Lengths are cut at sentence ends and counted exactly; medians, spreads and speedups are what one computes by hand."""

import itertools
import statistics

import numpy as np
import pytest

from app.clients import Role
from app.measurement import CacheState, Provenance
from app.sweep import (
    Arm,
    Kind,
    Outcome,
    Record,
    SweepPlan,
    SweepPlanError,
    Task,
    novel_for,
    percentile,
    points,
    speedups,
)
from app.sweep import spread as spread_of
from app.sweep.excerpts import excerpts
from app.tokens import count_text_tokens

TEXT, PAGES = Arm(Role.TEXT), Arm(Role.PAGES, 72)


class TestExcerpts:
    def test_every_length_ends_with_a_sentence_and_is_counted_exactly(self):
        _, text = novel_for(SweepPlan(lengths=(4_096,)))
        found = excerpts(text, (100, 777, 4_096))
        for length, excerpt in found.items():
            assert excerpt.at_sentence_end
            assert text.startswith(excerpt.text)
            assert excerpt.text.rstrip("\"'”’)»")[-1] in ".!?…"
            assert excerpt.tokens == count_text_tokens(excerpt.text).value
            assert 0.85 * length < excerpt.tokens <= length

    def test_chinese_sentences_need_no_space_behind_them(self):
        text = "今天天气很好。我们去公园散步吧！" * 200
        excerpt = excerpts(text, (300,))[300]
        assert excerpt.text[-1] in "。！"
        assert 280 < excerpt.tokens <= 300

    def test_a_text_without_sentences_is_cut_between_words_and_says_so(self):
        excerpt = excerpts("word " * 3000, (500,))[500]
        assert not excerpt.at_sentence_end
        assert excerpt.text.endswith("word")
        assert excerpt.tokens <= 500

    def test_a_length_that_the_book_does_not_reach_is_left_out_but_the_whole_book_counts_for_its_own(self):
        text = "This is a sentence. " * 100
        tokens = count_text_tokens(text).value
        found = excerpts(text, (tokens // 2, tokens, 2 * tokens))
        assert set(found) == {tokens // 2, tokens}
        assert found[tokens].text == text


class TestStatistics:
    VALUES = (3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0)

    def test_percentiles_are_numpys(self):
        for percent in (0, 25, 50, 90, 99, 100):
            assert percentile(self.VALUES, percent) == pytest.approx(np.percentile(self.VALUES, percent))

    def test_spread_by_hand(self):
        found = spread_of(self.VALUES)
        assert found.median == statistics.median(self.VALUES) == 3.5
        assert found.mad == statistics.median([0.5, 2.5, 0.5, 2.5, 1.5, 5.5, 1.5, 2.5])
        assert (found.q1, found.q3) == pytest.approx(tuple(np.percentile(self.VALUES, [25, 75])))
        assert spread_of([]) is None
        alone = spread_of([7.0])
        assert alone.q1 == alone.q3 == 7.0

    def test_a_warm_measurement_is_counted_apart(self):
        one = record(TEXT, 100.0)
        warm = record(TEXT, 5.0, repeat=2, cache=CacheState.WARM)
        (point,) = points([one, warm])
        assert point.ttft_ms.median == 100.0
        assert (point.ttft_ms.count, point.warm) == (1, 1)

    def test_speedup_is_text_over_pages_and_its_range_quartile_over_opposite_quartile(self):
        text = [record(TEXT, ms, repeat) for repeat, ms in enumerate((90.0, 100.0, 110.0), 1)]
        pages = [record(PAGES, ms, repeat) for repeat, ms in enumerate((45.0, 50.0, 55.0), 1)]
        (pair,) = speedups(points([*text, *pages]))
        assert pair.ratio == 2.0
        assert pair.low == pytest.approx(95 / 52.5)
        assert pair.high == pytest.approx(105 / 47.5)
        assert pair.ratio_with_rendering == pytest.approx(100 / (50 + 25))

    def test_a_measured_side_is_never_compared_with_a_simulated_one(self):
        text, pages = record(TEXT, 100.0), record(PAGES, 50.0, provenance=Provenance.SIMULATED)
        assert speedups(points([text, pages])) == ()

    def test_more_tokens_a_second_from_pages_is_a_speedup_above_one(self):
        text = record(TEXT, 1.0, kind=Kind.LOAD, rate=100.0)
        pages = record(PAGES, 1.0, kind=Kind.LOAD, rate=250.0)
        (pair,) = speedups(points([text, pages]))
        assert pair.ratio == 2.5

    def test_what_is_missing_is_a_mark_with_its_reason(self):
        failed = Record(Task(Kind.PREFILL, PAGES, 1000), Outcome.FAILED, Provenance.MEASURED, detail="It burnt.")
        (point,) = points([failed])
        assert point.ttft_ms is None
        assert point.marks == ("failed: It burnt.",)


class TestPlan:
    def test_the_order_is_random_and_the_same_for_the_same_seed(self):
        plans = [SweepPlan(seed=seed) for seed in (1, 1, 2)]
        first, again, other = (plan.tasks() for plan in plans)
        assert first == again != other
        assert sorted(task.key for task in first) == sorted(task.key for task in other)
        assert len({task.key for task in first}) == len(first) == plans[0].task_count

    def test_lengths_and_sides_are_mixed_and_not_measured_one_after_the_other(self):
        order = [task.text_tokens for task in SweepPlan(repeats=5).tasks()]
        changes = sum(one != next_one for one, next_one in itertools.pairwise(order))
        assert changes > len(order) / 2

    def test_requests_at_once_come_last_and_from_few_to_many(self):
        tasks = SweepPlan(at_once=(4, 1, 2), dpis=(72, 96)).tasks()
        first = next(index for index, task in enumerate(tasks) if task.kind is Kind.LOAD)
        together = tasks[first:]
        assert all(task.kind is Kind.LOAD for task in together)
        assert [task.at_once for task in together] == [1, 2, 4] * (len(together) // 3)

    @pytest.mark.parametrize(
        ("values", "word"),
        [
            ({"lengths": ()}, "lengths is empty"),
            ({"lengths": (5,)}, "from 64"),
            ({"lengths": (500, 500)}, "twice"),
            ({"dpis": (10,)}, "from 30 to 300 dpi"),
            ({"repeats": 0}, "repeats is 0"),
            ({"at_once": (1000,)}, "requests at once"),
            ({"repeats": 100, "lengths": tuple(range(1000, 1200))}, "measurements"),
        ],
    )
    def test_a_plan_that_cannot_be_carried_out_is_refused_in_words(self, values, word):
        with pytest.raises(SweepPlanError, match=word):
            SweepPlan(**values)


def record(
    arm: Arm,
    ttft_ms: float,
    repeat: int = 1,
    *,
    kind: Kind = Kind.PREFILL,
    rate: float | None = None,
    cache: CacheState = CacheState.COLD,
    provenance: Provenance = Provenance.MEASURED,
) -> Record:
    return Record(
        Task(kind, arm, 1000, 1, repeat),
        Outcome.MEASURED,
        provenance,
        cache=cache,
        ttft_ms=(ttft_ms,),
        tokens_per_second=rate,
        render_ms=25.0 if arm.dpi else None,
    )
