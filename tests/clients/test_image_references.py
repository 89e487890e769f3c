"""Images that a server should still hold are only named, and sent in full when it does not."""

import threading
from dataclasses import replace

import pytest

from app.clients import (
    AnswerDelta,
    Endpoint,
    ImageLedger,
    PageFile,
    PagesPrompt,
    RequestSent,
    RequestStarted,
    Resent,
    Role,
    SamplingSettings,
    build_chat_request,
    errors,
    stream_chat,
)
from tests.clients.scripted_server import DONE, HEADERS, delta, error_answer

SAMPLING = SamplingSettings()


def said(events, kind):
    return "".join(event.text for event in events if isinstance(event, kind))


def kinds(events):
    return [type(event) for event in events]


@pytest.fixture
def known(server, tmp_path):
    """A pages endpoint, its prompt, and a ledger that thinks the server holds the page."""
    path = tmp_path / "page_001.png"
    path.write_bytes(b"png")
    endpoint = Endpoint(Role.PAGES, "Glyph", server.url, "glyph")
    prompt = PagesPrompt((PageFile(path, "sha1", 590, 842),), "Who?")
    ledger = ImageLedger()
    ledger.remember(endpoint, ["sha1"])
    return endpoint, prompt, ledger


def ask_pages(known):
    endpoint, prompt, ledger = known
    request = build_chat_request(endpoint, prompt, SAMPLING, ledger=ledger)
    return list(stream_chat(endpoint, request, threading.Event(), ledger=ledger))


GOOD = (HEADERS, delta(content="She"), delta(finish="stop"), DONE)


def image_urls(asked):
    return [part["image_url"] for part in asked.json["messages"][0]["content"] if part["type"] == "image_url"]


def test_first_question_sends_images_and_the_second_only_names_them(server, known):
    endpoint, prompt, _ = known
    known = endpoint, prompt, ImageLedger()
    server.chat(*GOOD)
    ask_pages(known)
    ask_pages(known)
    assert image_urls(server.chats[0])[0]["url"].startswith("data:image/png;base64,")
    assert image_urls(server.chats[1]) == [None]


def test_forgotten_images_are_sent_again_without_a_word_from_the_user(server, known):
    server.chat(error_answer(400, "Cache miss for image at index 0 but data is not provided."))
    server.chat(*GOOD)
    events = ask_pages(known)
    assert said(events, AnswerDelta) == "She"
    assert kinds(events)[:3] == [RequestStarted, Resent, RequestSent]
    assert [image_urls(asked) == [None] for asked in server.chats] == [True, False]


def test_a_server_without_uuids_is_asked_in_full_and_remembered(server, known):
    endpoint, _, ledger = known
    server.chat(error_answer(400, "image_url: Input should be a valid dictionary"))
    server.chat(*GOOD)
    assert Resent in kinds(ask_pages(known))
    assert not ledger.takes_uuids(endpoint)
    ask_pages(known)
    assert image_urls(server.chats[2]) != [None]


def test_a_refusal_that_has_nothing_to_do_with_uuids_does_not_end_them(server, known):
    endpoint, _, ledger = known
    server.chat(error_answer(400, "temperature must be non-negative"))
    with pytest.raises(errors.RequestRefused, match="temperature"):
        ask_pages(known)
    assert len(server.chats) == 2
    assert ledger.takes_uuids(endpoint)


def test_a_named_refusal_is_not_asked_twice(server, known):
    server.chat(error_answer(400, "Input length (300) exceeds model's maximum context length (200)."))
    with pytest.raises(errors.ContextExceeded):
        ask_pages(known)
    assert len(server.chats) == 1


def test_files_the_server_may_not_read_go_as_data(server, known, tmp_path):
    endpoint, prompt, _ = known
    server.chat(error_answer(400, "The file path /x must be a subpath of `--allowed-local-media-path /y`."))
    server.chat(*GOOD)
    events = ask_pages((replace(endpoint, media_path=tmp_path), prompt, ImageLedger()))
    urls = [image_urls(asked)[0]["url"][:5] for asked in server.chats]
    assert urls == ["file:", "data:"]
    assert Resent in kinds(events)


def test_a_server_that_takes_no_salt_is_asked_without_it(server, known):
    endpoint, prompt, ledger = known
    server.chat(
        error_answer(400, "Parameter 'cache_salt' is not supported with this instance of vLLM, which uses engine V0.")
    )
    server.chat(*GOOD)
    request = build_chat_request(endpoint, prompt, SAMPLING, salt="s", ledger=ledger)
    events = list(stream_chat(endpoint, request, threading.Event(), ledger=ledger))
    assert said(events, AnswerDelta) == "She"
    assert Resent in kinds(events)
    assert [asked.json.get("cache_salt") for asked in server.chats] == ["s", None]
    assert image_urls(server.chats[1]) == [None]  # it holds them under their own names


def test_images_are_known_under_the_salt_that_they_were_sent_with(server, known):
    endpoint, prompt, _ = known
    ledger = ImageLedger()
    server.chat(*GOOD)
    for salt in ("s", "s", "other", None):
        request = build_chat_request(endpoint, prompt, SAMPLING, salt=salt, ledger=ledger)
        list(stream_chat(endpoint, request, threading.Event(), ledger=ledger))
    assert [image_urls(asked) == [None] for asked in server.chats] == [False, True, False, False]
    assert [asked.json.get("cache_salt") for asked in server.chats] == ["s", "s", "other", None]
