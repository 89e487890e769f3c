"""What is said of the servers' caches is what the requests really carried: a salt that was refused keeps nothing out, and one that
nothing was asked with before says "cold" where no report came."""

import threading
from dataclasses import replace

import pytest

from app.clients import Dialect, Role, salt_of
from app.comparisons import Options, Phase, verdict_line
from app.measurement import CacheState
from app.recordings import Recorder, RecordingStore
from app.recordings.playing import played
from app.web.comparison_json import side_view
from tests.clients.scripted_server import DONE, HEADERS, WaitFor, delta, error_answer, usage
from tests.comparisons.comparisons import GOOD, finished, wait_until

REFUSED = error_answer(400, "Parameter 'cache_salt' is not supported with this instance of vLLM, which uses engine V0.")
NOT_TOLD = (HEADERS, delta(content="She did."), delta(finish="stop"), usage(cached=None), DONE)
OWN = salt_of("a conversation's key")


@pytest.fixture
def recorded(kept, tmp_path):
    """Plays what was recorded of a comparison."""
    store = RecordingStore(tmp_path / "recordings")
    recorder = Recorder(store)
    kept.observe(recorder)

    def play(comparison_id):
        assert recorder.flush()
        return played(store.load(comparison_id)).snapshot()

    yield play
    recorder.close()


def caches_of(shot):
    return {side.cache for side in shot.sides}


@pytest.mark.parametrize("options", [Options(cold=True), Options()])
def test_a_refused_salt_is_not_told_as_sent_and_what_follows_is(kept, servers, spec, recorded, options):
    for server in servers:
        server.chat(REFUSED)
        server.chat(*NOT_TOLD)
    comparison_id = kept.start(replace(spec, options=options, salt=OWN, salt_is_new=True))
    for shot in (finished(kept, comparison_id), recorded(comparison_id)):
        for side in shot.sides:
            assert "salt was sent" not in side.cache_note
            assert side.cache_note.endswith(
                "The server refused a cache salt and was asked without one, so what anybody asked before counts as read."
            )
            assert side.cache_note.startswith("The server did not empty its ") is options.cold
        assert caches_of(shot) == {CacheState.UNKNOWN}
    assert {"cache_salt" in asked.json for asked in servers[0].chats[1:]} == {False}


def test_only_the_side_with_pages_is_said_to_have_sent_image_ids(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, options=Options(cold=True))))
    assert shot.text.cache_note.endswith("A cache salt was sent instead, which keeps every cache from matching.")
    assert "A cache salt and fresh image ids were sent instead" in shot.pages.cache_note


@pytest.mark.parametrize(
    ("options", "salt"), [(Options(cold=True), None), (Options(), OWN)], ids=["every question", "the first one"]
)
def test_a_stopped_answer_is_cold_by_its_new_salt_and_not_by_a_report(kept, servers, spec, recorded, options, salt):
    for server in servers:
        server.chat(HEADERS, delta(content="Half"), WaitFor(threading.Event()))
    comparison_id = kept.start(replace(spec, options=options, salt=salt, salt_is_new=salt is not None))
    running = wait_until(kept, comparison_id, lambda shot: all(side.answer for side in shot.sides))
    assert caches_of(running) == {CacheState.UNKNOWN}  # it may still report
    kept.stop(comparison_id)
    for shot in (finished(kept, comparison_id), recorded(comparison_id)):
        assert caches_of(shot) == {CacheState.SALTED}
        view = side_view(shot.text, shot, texts=True)
        assert view["cache"] == "cold by its salt"
        assert "the server did not report" in view["cache_help"]
        told = verdict_line(shot)
        assert told.endswith("By its new cache salt neither had read it before (cold); the servers did not report it.")
        assert "was not told" not in told


def test_a_server_that_reports_no_caches_was_cold_by_the_new_salt_and_a_report_goes_before_it(kept, servers, spec):
    text, pages = servers
    text.chat(*NOT_TOLD)
    pages.chat(*GOOD[:-2], usage(prompt=1000, cached=900), DONE)
    shot = finished(kept, kept.start(replace(spec, salt=OWN, salt_is_new=True)))
    assert (shot.text.cache, shot.pages.cache) == (CacheState.SALTED, CacheState.WARM)
    assert verdict_line(shot).endswith(
        "Glyph had read it before (warm). By its new cache salt the text model had not read it before (cold); its server did "
        "not report it."
    )


def test_a_salt_that_was_used_says_nothing_nor_does_one_that_is_not_sent(kept, servers, spec):
    for server in servers:
        server.chat(*NOT_TOLD)
    assert caches_of(finished(kept, kept.start(replace(spec, salt=OWN)))) == {CacheState.UNKNOWN}
    hosted = replace(spec.text_endpoint, dialect=Dialect.PLAIN)
    shot = finished(kept, kept.start(replace(spec, text_endpoint=hosted, salt=OWN, salt_is_new=True)))
    assert (shot.text.cache, shot.pages.cache) == (CacheState.UNKNOWN, CacheState.SALTED)
    kept.retry(shot.comparison_id, Role.PAGES)
    assert finished(kept, shot.comparison_id).pages.cache is CacheState.UNKNOWN  # it was asked with this salt before


def test_a_stopped_answer_after_emptied_caches_is_cold(kept, servers, spec):
    for server in servers:
        server.chat(HEADERS, delta(content="Half"), WaitFor(threading.Event()))
        for route in ("/reset_prefix_cache", "/reset_mm_cache", "/reset_encoder_cache"):
            server.route(route, {})
    comparison_id = kept.start(replace(spec, options=Options(cold=True)))
    wait_until(kept, comparison_id, lambda shot: all(side.answer for side in shot.sides))
    kept.stop(comparison_id)
    assert caches_of(finished(kept, comparison_id)) == {CacheState.COLD}


def test_a_side_without_a_word_says_nothing_of_its_caches(kept, servers, spec):
    for server in servers:
        server.chat(HEADERS, WaitFor(threading.Event()))
    comparison_id = kept.start(replace(spec, salt=OWN, salt_is_new=True))
    wait_until(kept, comparison_id, lambda shot: all(side.phase is Phase.READING for side in shot.sides))
    kept.stop(comparison_id)
    assert caches_of(finished(kept, comparison_id)) == {CacheState.UNKNOWN}
