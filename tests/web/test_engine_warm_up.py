"""While the fast engine is compiled beside the app, the reference engine draws and says why; then the fast one takes over."""

import sys
import threading

import pytest

from app.books.samples import story
from app.paths import CONFIGS
from app.preview.laid_book import Drawing, FastLaid
from app.preview.previews import Previews
from app.web.engine_warm_up import Compiling, EngineWarmUp
from renderer import EngineUnavailable, PopplerMissing, RenderConfig, choose_engine, count, readiness, render
from renderer.fast import machine_code
from renderer.readiness import STILL_COMPILING

TEXT = "A page that someone waits for.\n"
WAITS = "print('3 12', flush=True); import time; time.sleep(600)"


@pytest.fixture
def config():
    return RenderConfig.load(CONFIGS / "en.json")


@pytest.fixture
def held():
    readiness.hold_fast_engine()
    yield
    readiness.release_fast_engine()


@pytest.fixture
def nothing_compiled(monkeypatch):
    monkeypatch.setattr(machine_code, "is_whole", lambda: False)
    yield
    readiness.release_fast_engine()


def until(condition, timeout_s: float = 60) -> bool:
    tick = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return True
        tick.wait(0.02)
    return False


def test_pages_come_from_the_reference_engine_which_says_why(held, config):
    used = choose_engine(TEXT, config)
    assert (used.name, used.reason) == ("reference", STILL_COMPILING)


def test_pages_drawn_meanwhile_do_not_say_later_that_it_is_still_being_compiled(held):
    assert readiness.reason_by_now(STILL_COMPILING) == STILL_COMPILING
    readiness.release_fast_engine()
    assert readiness.reason_by_now(STILL_COMPILING) == "the fast engine was being compiled then"
    assert readiness.reason_by_now("it was asked for") == "it was asked for"
    assert readiness.reason_by_now(None) is None


def test_the_fast_engine_asked_for_by_name_is_refused_in_the_same_words(held, config):
    with pytest.raises(EngineUnavailable, match=STILL_COMPILING):
        choose_engine(TEXT, config, "fast")


@pytest.mark.parametrize("ask", [render, count])
def test_without_poppler_whoever_asks_too_early_is_told_to_wait_a_moment(held, config, monkeypatch, ask):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(PopplerMissing, match=r"^The fast engine is still being compiled; try again in a moment"):
        ask(TEXT, config)
    with pytest.raises(PopplerMissing, match="poppler-utils"):  # asked for by name it is what is missing
        list(render(TEXT, config, "reference"))


def test_the_pages_screen_asks_again_once_it_is_ready(held, config):
    previews, book = Previews(), story().book
    waiting = previews.look(book, config, settled=False)
    assert isinstance(waiting, Drawing)
    assert waiting.reason == STILL_COMPILING
    readiness.release_fast_engine()
    assert isinstance(previews.look(book, config), FastLaid)


def test_progress_is_told_and_the_engine_held_until_the_process_ends(nothing_compiled):
    warm_up = EngineWarmUp((sys.executable, "-c", WAITS))
    warm_up.hold()
    assert readiness.fast_engine_is_held()
    running = threading.Thread(target=warm_up.run)
    running.start()
    assert until(lambda: warm_up.progress() == Compiling(3, 12))
    assert warm_up.progress().share == 0.25
    assert readiness.fast_engine_is_held()
    warm_up.close()  # the app ends: so does the process
    running.join(60)
    assert not running.is_alive()
    assert warm_up.progress() is None


def test_a_compiler_that_fails_leaves_an_engine_that_compiles_as_it_goes(nothing_compiled, caplog):
    warm_up = EngineWarmUp((sys.executable, "-c", "raise SystemExit(7)"))
    warm_up.hold()
    warm_up.run()
    assert not readiness.fast_engine_is_held()
    assert "exit 7" in caplog.text


def test_nothing_is_held_where_the_machine_code_is_there(monkeypatch):
    monkeypatch.setattr(machine_code, "is_whole", lambda: True)
    warm_up = EngineWarmUp()
    warm_up.hold()
    assert warm_up.progress() is None
    assert not readiness.fast_engine_is_held()
