"""Gauges and trials: asked in the background, one at a time, and told in words when they fail."""

import threading
import time

from app.clients import Endpoint, Role, ServerMetrics
from app.endpoints.gauges import Gauges, Trial, try_side


def until(condition, within_s=30.0):
    deadline = time.monotonic() + within_s
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


ENDPOINT = Endpoint(Role.TEXT, "text", "http://127.0.0.1:9", "m")


def test_a_screen_never_waits_for_a_server():
    go = threading.Event()
    found = Gauges(look=lambda endpoint: go.wait(30) and ServerMetrics(running=3))
    assert found.metrics(ENDPOINT) is None  # asked, not awaited
    assert found.metrics(ENDPOINT) is None
    assert sum(thread.name == "server-gauges" for thread in threading.enumerate()) == 1
    go.set()
    assert until(lambda: found.metrics(ENDPOINT)) == ServerMetrics(running=3)


def test_a_look_that_fails_is_nothing_told():
    looks = []

    def broken(endpoint):
        looks.append(endpoint)
        raise RuntimeError

    found = Gauges(look=broken)
    assert found.metrics(ENDPOINT) is None
    assert until(lambda: looks and not found._looking)
    assert found.metrics(ENDPOINT) is None


def test_one_trial_at_a_time_and_its_end_is_told():
    go, asked = threading.Event(), []

    def ask(endpoint):
        asked.append(endpoint)
        go.wait(30)
        return Trial(False, 85.0, "nine")

    found = Gauges(ask=ask)
    assert found.trial(ENDPOINT) is None
    found.begin_trial(ENDPOINT)
    found.begin_trial(ENDPOINT)
    assert found.trial(ENDPOINT).running
    go.set()
    assert until(lambda: not found.trial(ENDPOINT).running)
    assert (found.trial(ENDPOINT).ttft_ms, len(asked)) == (85.0, 1)


def test_a_server_that_is_not_there_is_told_in_words():
    trial = try_side(ENDPOINT)
    assert trial.ttft_ms is None
    assert "Nothing answers at" in trial.problem
