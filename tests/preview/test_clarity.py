"""Print clarity on the Pages screen's routes: the table while a slider moves, measured once when it rests."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.books.samples import story
from app.bookshelf.shelf import shelf
from app.legibility import Clarity, ClaritySource, ReadingUnwanted
from app.preview import clarity as served
from app.preview.advice import advice
from app.preview.previews import previews
from app.preview.routes import preview_routes, preview_url
from app.preview.settings_query import read_settings
from renderer import RenderCancelled

MEASURED = Clarity(0.02, 0.01, 0.03, ClaritySource.MEASURED, 21.0, True)


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=preview_routes())) as made:
        yield made


@pytest.fixture(scope="module")
def url():
    return preview_url(shelf().put(story().book))


@pytest.fixture
def measuring(monkeypatch):
    """Counts what is measured, without the OCR program; `go` lets it end."""
    calls, go = [], threading.Event()

    def measure(config, wanted):
        calls.append(config.key)
        assert go.wait(30)
        return MEASURED

    monkeypatch.setattr(served, "measured_clarity", measure)
    return calls, go


def test_figures_carry_the_tables_clarity_until_it_was_measured(client, url, measuring):
    _, go = measuring
    go.set()
    asked = {"d": "73"}
    moving = client.get(f"{url}/figures.json", params=asked).json()["clarity"]
    assert (moving["source"], moving["contrast"]) == ("table", 21)
    assert "stored table" in moving["words"]
    assert client.get(f"{url}/clarity.json", params=asked).json()["misread"] == "2.0\u00a0%"
    assert client.get(f"{url}/figures.json", params=asked).json()["clarity"]["source"] == "measured"


def test_many_who_ask_for_one_setting_share_one_measurement(measuring):
    calls, go = measuring
    config = read_settings({"d": "74"})
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(served.clarity_at_rest, config, lambda: True) for _ in range(6)]
        go.set()
        assert [one.result(30) for one in waiting] == [MEASURED] * 6
    assert len(calls) == 1


def test_who_is_overtaken_while_waiting_measures_nothing(measuring):
    calls, go = measuring
    go.set()
    with pytest.raises(RenderCancelled):
        served.clarity_at_rest(read_settings({"d": "75"}), lambda: False)
    assert calls == []


def test_who_is_overtaken_in_the_middle_is_let_go_and_keeps_nothing(monkeypatch):
    def overtaken(config, wanted):
        raise ReadingUnwanted

    config = read_settings({"d": "76"})
    with monkeypatch.context() as patch:
        patch.setattr(served, "measured_clarity", overtaken)
        with pytest.raises(RenderCancelled, match="newer"):
            served.clarity_at_rest(config, lambda: True)
    monkeypatch.setattr(served, "measured_clarity", lambda config, wanted: MEASURED)
    assert served.clarity_at_rest(config, lambda: True) == MEASURED


def test_impossible_settings_are_refused(client, url):
    answer = client.get(f"{url}/clarity.json", params={"d": "many"})
    assert answer.status_code == 422
    assert "no number" in answer.json()["error"]


def test_advice_names_the_clarity_of_whole_cells():
    found = advice(previews(), story().book, read_settings({"d": "60"}), lambda: True)
    (snapped,) = [one for one in found if "whole cells" in one.title]
    assert snapped.clearer
    assert "504 x 700 pages are not resampled" in snapped.cost
    assert "stored table" in snapped.cost
    already = advice(previews(), story().book, read_settings({"d": "60", "k": "1"}), lambda: True)
    assert not [one for one in already if one.clearer]
