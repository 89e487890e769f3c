"""Order, cold starts, watchers, and the registry's bounds."""

import threading
import time
from dataclasses import replace

import pytest

from app.clients import Dialect, ImageLedger, Role, salt_of
from app.comparisons import Cursor, NothingToAsk, Options, Order, Phase, Registry, TooManyRunning, UnknownComparison
from tests.clients.scripted_server import DONE, HEADERS, KEEP_ALIVE, Pause, Reset, WaitFor, delta, error_answer
from tests.comparisons.comparisons import GOOD, finished, wait_until

# --- order and cold -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("order", "first"), [(Order.TEXT_FIRST, 0), (Order.PAGES_FIRST, 1)])
def test_one_after_the_other(kept, servers, spec, order, first):
    go_on = threading.Event()
    servers[first].chat(WaitFor(go_on), *GOOD)
    servers[1 - first].chat(*GOOD)
    comparison_id = kept.start(replace(spec, options=Options(order=order)))
    roles = (Role.TEXT, Role.PAGES)
    shot = wait_until(kept, comparison_id, lambda shot: shot.side(roles[first]).phase is Phase.READING)
    began = time.perf_counter()
    time.sleep(1)
    assert kept.snapshot(comparison_id).side(roles[1 - first]).phase is Phase.WAITING
    assert servers[1 - first].chats == []
    held_ms = 1000 * (time.perf_counter() - began)
    go_on.set()
    shot = finished(kept, comparison_id)
    assert shot.order is order
    assert {side.phase for side in shot.sides} == {Phase.DONE}
    # The wait for its turn is nobody's time to first token.
    assert shot.side(roles[1 - first]).latencies.ttft_ms < 0.8 * held_ms


def test_the_second_goes_on_when_the_first_fails(kept, servers, spec):
    servers[0].chat(error_answer(503, ""))
    servers[1].chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, options=Options(order=Order.TEXT_FIRST))))
    assert shot.pages.phase is Phase.DONE


def test_stop_reaches_a_side_that_waits_for_its_turn(kept, servers, spec):
    servers[0].chat(HEADERS, WaitFor(threading.Event()))
    comparison_id = kept.start(replace(spec, options=Options(order=Order.TEXT_FIRST)))
    wait_until(kept, comparison_id, lambda shot: shot.text.phase is Phase.READING)
    kept.stop(comparison_id)
    assert {side.phase for side in kept.snapshot(comparison_id).sides} == {Phase.STOPPED}
    time.sleep(0.1)
    assert servers[1].chats == []


def test_random_order_is_decided_once(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    assert finished(kept, kept.start(replace(spec, options=Options(order=Order.RANDOM)))).order in (
        Order.TEXT_FIRST,
        Order.PAGES_FIRST,
    )


def test_cold_resets_caches_and_sends_images_in_full(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
        for route in ("/reset_prefix_cache", "/reset_mm_cache", "/reset_encoder_cache"):
            server.route(route, {})
    finished(kept, kept.start(spec))
    shot = finished(kept, kept.start(replace(spec, options=Options(cold=True))))
    assert "emptied" in shot.pages.cache_note
    body = servers[1].chats[1].json
    assert "cache_salt" not in body
    assert body["messages"][0]["content"][0]["image_url"] is not None
    paths = [asked.path for asked in servers[1].asked]
    assert paths.index("/reset_encoder_cache") < len(paths) - 1 - paths[::-1].index("/v1/chat/completions")


def test_cold_without_resets_uses_salts_and_says_so(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, options=Options(cold=True))))
    salts = {server.chats[0].json["cache_salt"] for server in servers}
    assert len(salts) == 2
    assert all("salt" in side.cache_note for side in shot.sides)


def test_a_conversations_salt_goes_with_each_of_its_questions_and_pages_go_once(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    own = replace(spec, salt=salt_of("a conversation's key"))
    for _ in range(2):
        assert not finished(kept, kept.start(own)).pages.cache_note
    assert {asked.json["cache_salt"] for server in servers for asked in server.chats} == {own.salt}
    assert "conversation" not in own.salt
    images = [asked.json["messages"][0]["content"][0] for asked in servers[1].chats]
    assert [image["image_url"] is None for image in images] == [False, True]
    assert all(image["uuid"].endswith(own.salt) for image in images)


def test_cold_at_a_hosted_server_promises_nothing(kept, servers, spec):
    servers[0].chat(*GOOD)
    hosted = replace(spec.text_endpoint, dialect=Dialect.PLAIN)
    shot = finished(
        kept, kept.start(replace(spec, text_endpoint=hosted, pages_endpoint=None, options=Options(cold=True)))
    )
    assert "not known" in shot.text.cache_note
    assert "cache_salt" not in servers[0].chats[0].json


# --- watching -------------------------------------------------------------------------------------------------------


def test_words_after_a_cursor_add_up_to_the_answer(kept, servers, spec):
    words = [delta(content=f"w{number} ") for number in range(50)]
    for server in servers:
        server.chat(HEADERS, *[step for word in words for step in (word, Pause(0.002))], delta(finish="stop"), DONE)
    comparison_id = kept.start(spec)
    cursor, answer, version = Cursor(), "", -1
    while True:
        version = kept.wait_changed(comparison_id, version, 2)
        news = kept.deltas_since(comparison_id, Role.TEXT, cursor)
        answer = news.answer if news.restart else answer + news.answer
        cursor = news.cursor
        if news.phase.is_over:
            break
    assert answer == "".join(f"w{number} " for number in range(50)) == kept.snapshot(comparison_id).text.answer


def test_a_cursor_of_an_older_try_starts_again(kept, servers, spec):
    text, pages = servers
    text.chat(HEADERS, delta(content="half"), Reset())
    text.chat(*GOOD)
    pages.chat(*GOOD)
    comparison_id = kept.start(spec)
    finished(kept, comparison_id)
    cursor = kept.deltas_since(comparison_id, Role.TEXT, Cursor()).cursor
    kept.retry(comparison_id, Role.TEXT)
    finished(kept, comparison_id)
    news = kept.deltas_since(comparison_id, Role.TEXT, cursor)
    assert news.restart
    assert news.answer == "She did."


def test_wait_changed_gives_up_in_time_and_wakes_at_once(kept, servers, spec):
    go_on = threading.Event()
    servers[0].chat(HEADERS, WaitFor(go_on), *GOOD[1:])
    comparison_id = kept.start(replace(spec, pages_endpoint=None))
    version = wait_until(
        kept, comparison_id, lambda shot: shot.text.marks.first_byte or shot.text.marks.headers
    ).version
    started = time.perf_counter()
    version = kept.wait_changed(comparison_id, version, 0.2)
    assert kept.wait_changed(comparison_id, version, 0.05) == version
    assert time.perf_counter() - started < 30  # nothing changes before it gives up
    threading.Timer(0.1, go_on.set).start()
    started = time.perf_counter()
    assert kept.wait_changed(comparison_id, version, 90) > version
    assert time.perf_counter() - started < 45  # woken, not timed out


def test_watchers_are_called_until_they_leave(kept, servers, spec):
    go_on = threading.Event()
    servers[0].chat(HEADERS, WaitFor(go_on), *GOOD[1:])
    comparison_id = kept.start(replace(spec, pages_endpoint=None))
    called = threading.Event()
    leave = kept.subscribe(comparison_id, called.set)
    go_on.set()
    assert called.wait(2)
    leave()
    leave()


def test_keep_alive_lines_wake_the_watchers_and_are_no_token(kept, servers, spec):
    go_on = threading.Event()
    servers[0].chat(HEADERS, Pause(0.1), KEEP_ALIVE, WaitFor(go_on), *GOOD[1:])
    comparison_id = kept.start(replace(spec, pages_endpoint=None))
    shot = wait_until(kept, comparison_id, lambda shot: shot.text.marks.first_byte is not None)
    assert shot.text.phase is Phase.READING
    assert shot.text.marks.first_token is None
    assert shot.text.marks.first_byte - shot.text.marks.headers > 0.05
    go_on.set()


def test_a_snapshot_never_changes(kept, servers, spec):
    go_on = threading.Event()
    for server in servers:
        server.chat(HEADERS, delta(content="a"), WaitFor(go_on), *GOOD[3:])
    comparison_id = kept.start(spec)
    shot = wait_until(kept, comparison_id, lambda shot: shot.text.answer == "a")
    go_on.set()
    finished(kept, comparison_id)
    assert (shot.text.answer, shot.text.phase) == ("a", Phase.ANSWERING)


# --- the registry's bounds ------------------------------------------------------------------------------------------


def test_finished_comparisons_are_evicted_oldest_first(servers, spec):
    kept = Registry(max_kept=3, ledger=ImageLedger())
    servers[0].chat(*GOOD)
    alone = replace(spec, pages_endpoint=None)
    ids = []
    for _ in range(5):
        ids.append(kept.start(alone))
        finished(kept, ids[-1])
    assert len(kept) == 3
    assert [comparison_id in kept for comparison_id in ids] == [False, False, True, True, True]
    with pytest.raises(UnknownComparison):
        kept.snapshot(ids[0])


def test_books_of_finished_comparisons_are_bounded_and_a_shared_one_counts_once(servers, spec):
    kept = Registry(max_kept_characters=250, ledger=ImageLedger())
    servers[0].chat(*GOOD)
    ids = []
    for document in ("a" * 100, "b" * 100, "c" * 100):
        same = replace(spec, pages_endpoint=None, document=document)
        for _ in range(2):
            ids.append(kept.start(same))
            finished(kept, ids[-1])
    assert [comparison_id in kept for comparison_id in ids] == [False, False, True, True, True, True]


def test_running_comparisons_are_bounded_and_never_evicted(servers, spec):
    kept = Registry(max_kept=2, max_running=2, ledger=ImageLedger())
    servers[0].chat(HEADERS, WaitFor(threading.Event()))
    alone = replace(spec, pages_endpoint=None)
    ids = [kept.start(alone), kept.start(alone)]
    with pytest.raises(TooManyRunning, match="2 comparisons are running"):
        kept.start(alone)
    assert all(comparison_id in kept for comparison_id in ids)
    kept.stop_all()


def test_ids_cannot_be_guessed_and_nonsense_is_refused(kept, servers, spec):
    for server in servers:
        server.chat(*GOOD)
    ids = {kept.start(spec) for _ in range(3)}
    assert len(ids) == 3
    assert all(len(comparison_id) >= 32 for comparison_id in ids)
    with pytest.raises(NothingToAsk):
        kept.start(replace(spec, question="  "))
    with pytest.raises(NothingToAsk):
        kept.start(replace(spec, text_endpoint=None, pages_endpoint=None))
    with pytest.raises(UnknownComparison):
        kept.snapshot("guess")


def test_neither_book_nor_key_is_in_a_specs_repr(spec):
    assert "Long ago" not in repr(spec)
