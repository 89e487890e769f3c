"""What an evaluation will cost, reckoned beside the screen: the newest plan's, never blocking, and by the dry run's own function."""

from __future__ import annotations

import threading
import time

from app.evaluation import EvaluationPlan, Price, SourceError, Sources, forecast
from app.evaluation.forecast import Forecast, NotWanted
from app.evaluation.forecasts import Forecasts
from tests.evaluation.conftest import NOTHING, PAGES, TEXT, plan_of

SOURCES = Sources()
FEW, OTHER = plan_of("vt", arms=(TEXT, PAGES)), plan_of("cwe", arms=(TEXT,))


def comes(desk: Forecasts, plan: EvaluationPlan, sources: Sources = SOURCES):
    deadline = time.monotonic() + 60
    while (told := desk.look(plan, sources)) is None:
        assert time.monotonic() < deadline, "no forecast came"
        time.sleep(0.01)
    return told


def test_it_is_the_forecast_of_the_dry_run_and_the_sum_over_its_arms():
    told = comes(Forecasts(), FEW).forecast
    assert told == forecast(FEW, SOURCES)
    assert told.calls == 4
    assert told.prompt_tokens == sum(one.prompt_tokens for one in told.arms)
    assert told.price(Price(2.0, 5.0)) == (2 * told.prompt_tokens + 5 * told.answer_tokens) / 1e6
    assert "4 calls about 2 items" in told.words()
    assert "by the prices given" not in told.words()
    assert "by the prices given" in told.words(Price(1.0))


def test_two_tasks_cost_what_each_costs_alone():
    both = forecast(plan_of("vt", "cwe", arms=(TEXT, NOTHING)), SOURCES)
    alone = [forecast(plan_of(name, arms=(TEXT, NOTHING)), SOURCES) for name in ("vt", "cwe")]
    assert both.prompt_tokens == sum(one.prompt_tokens for one in alone)
    assert both.arms[0].calls == sum(one.arms[0].calls for one in alone)


def test_a_look_never_waits_and_the_plan_of_a_moment_ago_is_given_up():
    begun, given_up = threading.Event(), threading.Event()

    def slow(plan, sources, is_wanted) -> Forecast:
        if plan == OTHER:
            return Forecast(0, (), ())
        begun.set()
        while is_wanted():
            time.sleep(0.005)
        given_up.set()
        raise NotWanted

    desk = Forecasts(slow)
    assert desk.look(FEW, SOURCES) is None
    assert begun.wait(30)
    assert desk.look(FEW, SOURCES) is None  # the same plan again does not begin anew
    assert not given_up.is_set()
    assert comes(desk, OTHER).forecast == Forecast(0, (), ())
    assert given_up.wait(30)


def test_why_none_can_be_made_is_told_once_for_all():
    missing = plan_of("mrcr_2", arms=(TEXT,))
    assert "it needs a local folder of MRCR" in comes(Forecasts(), missing).trouble

    def broken(*_: object) -> Forecast:
        raise RuntimeError("secret words")

    told = comes(Forecasts(broken), FEW)
    assert told.forecast is None
    assert "RuntimeError" in told.trouble
    assert "secret" not in told.trouble

    def refused(*_: object) -> Forecast:
        raise SourceError("The folder is gone.")

    assert comes(Forecasts(refused), FEW).trouble == "The folder is gone."
