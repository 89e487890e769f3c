"""The client's claims against the project's own simulator: what holds for real vLLM must hold for it."""

import hashlib
import threading
import time
from dataclasses import replace

import pytest
from PIL import Image

from app.clients import (
    AnswerDelta,
    Finished,
    ImageForm,
    ImageLedger,
    PageFile,
    PagesPrompt,
    ReasoningDelta,
    Resent,
    Role,
    SamplingSettings,
    ServerTimings,
    Stopped,
    TextPrompt,
    Transport,
    Turn,
    UsageReport,
    build_chat_request,
    errors,
    probe,
    reset_caches,
    stream_chat,
)
from tests.clients.simulators import count_request, requests_running, simulator

SAMPLING = SamplingSettings(max_tokens=60)
BOOK = "The lighthouse keeper was called Marta Venn. She kept a grey cat. " * 60


@pytest.fixture(scope="module")
def text():
    with simulator(Role.TEXT, "--speedup", "50", "--max-model-len", "4000") as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def glyph(folder):
    options = ("--speedup", "50", "--max-model-len", "4000", "--pages-dir", str(folder))
    with simulator(Role.PAGES, *options) as endpoint:
        yield replace(endpoint, media_path=folder)


def page(folder, number, colour="white"):
    path = folder / f"page_{number:03}_{colour}.png"
    Image.new("L", (588, 840), colour).save(path)
    return PageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), 588, 840)


def ask(endpoint, prompt, sampling=SAMPLING, cancel=None, headers=None, **options):
    ledger = options.setdefault("ledger", ImageLedger())
    request = build_chat_request(endpoint, prompt, sampling, **options)
    return list(stream_chat(endpoint, request, cancel or threading.Event(), headers, ledger=ledger))


def last(events, kind):
    return [event for event in events if isinstance(event, kind)][-1]


def test_probe_knows_a_simulator(text):
    state = probe(text, 20.0)
    assert state.simulated
    assert state.asked_model_served
    assert state.max_model_len == 4000


def test_a_whole_answer_with_usage_equal_to_the_count_beforehand(text):
    prompt = TextPrompt(BOOK, "Who kept the lighthouse?")
    events = ask(text, prompt)
    assert last(events, Finished).reason in ("stop", "length")
    assert any(isinstance(event, ReasoningDelta) for event in events)
    assert any(isinstance(event, AnswerDelta) for event in events)
    assert last(events, ServerTimings).queue_ms is not None
    counted = count_request(text, build_chat_request(text, prompt, SAMPLING))
    assert last(events, UsageReport).prompt_tokens == counted


def test_thinking_can_be_turned_off(text):
    events = ask(text, TextPrompt(BOOK, "Who?"), replace(SAMPLING, thinking=False))
    assert not any(isinstance(event, ReasoningDelta) for event in events)


def test_image_tokens_are_21_by_30_a_page_plus_two_in_the_prompt(glyph, folder):
    pages = (page(folder, 1), page(folder, 2, "gray"))
    prompt = PagesPrompt(pages, "Who?")
    usage = last(ask(glyph, prompt), UsageReport)
    assert usage.image_tokens == 2 * 21 * 30
    assert usage.prompt_tokens == count_request(glyph, build_chat_request(glyph, prompt, SAMPLING))


@pytest.mark.parametrize("transport", [Transport.FILE, Transport.DATA])
def test_files_and_data_count_the_same(glyph, folder, transport):
    prompt = PagesPrompt((page(folder, 3),), "Who?", transport=transport)
    assert last(ask(glyph, prompt), UsageReport).image_tokens == 630


def test_a_second_question_names_its_images_and_finds_them_warm(glyph, folder):
    ledger = ImageLedger()
    pages = (page(folder, 4, "silver"),)
    ask(glyph, PagesPrompt(pages, "Who?"), ledger=ledger)
    follow_up = PagesPrompt(pages, "Why?", (Turn("Who?", "She."),))
    assert build_chat_request(glyph, follow_up, SAMPLING, ledger=ledger).image_form is ImageForm.REFERENCES
    events = ask(glyph, follow_up, ledger=ledger)
    assert not any(isinstance(event, Resent) for event in events)
    assert last(events, UsageReport).cached_tokens > 500


def test_a_server_that_forgot_gets_the_images_again(glyph, folder):
    ledger = ImageLedger()
    pages = (page(folder, 5, "gray"),)
    ask(glyph, PagesPrompt(pages, "Who?"), ledger=ledger)
    assert reset_caches(glyph).complete
    events = ask(glyph, PagesPrompt(pages, "Who?"), ledger=ledger)
    assert any(isinstance(event, Resent) for event in events)
    assert last(events, Finished)
    assert ledger.takes_uuids(glyph)


def test_reset_and_salt_make_cold(text):
    prompt = TextPrompt(BOOK, "How cold?")
    ask(text, prompt)
    assert last(ask(text, prompt), UsageReport).cached_tokens > 300
    assert last(ask(text, prompt, salt="s1"), UsageReport).cached_tokens == 0
    assert reset_caches(text).complete
    assert last(ask(text, prompt), UsageReport).cached_tokens == 0


# --- its refusals are vLLM's ----------------------------------------------------------------------------------------


def failure(endpoint, prompt, **options):
    with pytest.raises(errors.ClientError) as caught:
        ask(endpoint, prompt, **options)
    return caught.value


def test_text_that_is_too_long(text):
    error = failure(text, TextPrompt(BOOK * 10, "Who?"))
    assert type(error) is errors.ContextExceeded
    assert error.window_tokens == 4000
    assert error.prompt_tokens is None or error.prompt_tokens > 4000


def test_pages_that_are_too_many_tokens(glyph, folder):
    error = failure(glyph, PagesPrompt((page(folder, 6),) * 7, "Who?"))
    assert type(error) is errors.ContextExceeded
    assert (error.window_tokens, error.prompt_tokens > 4000) == (4000, True)


def test_wrong_model_names_those_served(text):
    error = failure(replace(text, model="nobody/nothing"), TextPrompt(BOOK, "Who?"))
    assert type(error) is errors.ModelUnknown
    assert "Qwen/Qwen3-8B" in error.what_happened


def test_images_to_a_text_model(text, folder):
    assert type(failure(text, PagesPrompt((page(folder, 7),), "Who?"))) is errors.ModelCannotSee


def test_a_broken_image(glyph, folder):
    path = folder / "broken.png"
    path.write_bytes(b"this is no image")
    broken = PageFile(path, "beef" * 16, 10, 10)
    assert type(failure(glyph, PagesPrompt((broken,), "?"))) is errors.ImageRefused


def test_a_page_file_that_vanished(glyph, folder):
    gone = PageFile(folder / "gone.png", "dead" * 16, 10, 10)
    request = build_chat_request(glyph, PagesPrompt((gone,), "?"), SAMPLING, ledger=ImageLedger())
    assert request.image_form is ImageForm.FILES
    # The server cannot find it, and neither can we when it shall go as data: the nearer cause is the one told.
    assert type(failure(glyph, PagesPrompt((gone,), "?"))) is errors.PageUnreadable


def test_a_folder_it_may_not_read_makes_pages_travel_as_data(glyph, tmp_path):
    outside = replace(glyph, media_path=tmp_path)
    events = ask(outside, PagesPrompt((page(tmp_path, 8),), "Who?"))
    assert any(isinstance(event, Resent) for event in events)
    assert last(events, UsageReport).image_tokens == 630


@pytest.mark.parametrize(
    ("ordered", "kind"),
    [
        ("error-500", errors.ServerFailed),
        ("error-503", errors.ServerNotReady),
        ("refuse", errors.StreamEnded),
        ("disconnect:5", errors.StreamEnded),
        ("stream-error:5", errors.EngineCrashed),
    ],
)
def test_ordered_failures_have_their_names(text, ordered, kind):
    assert type(failure(text, TextPrompt(BOOK, "Who?"), headers={"x-simulate-failure": ordered})) is kind


def test_split_bytes_old_fields_and_tags_say_the_same(text):
    def words(headers):
        events = ask(
            text, TextPrompt(BOOK, "Who?"), replace(SAMPLING, max_tokens=150, temperature=0.0), headers=headers
        )
        return ["".join(e.text for e in events if isinstance(e, kind)) for kind in (ReasoningDelta, AnswerDelta)]

    assert words({"x-simulate-failure": "split-bytes,old-fields"}) == words(None)


@pytest.mark.parametrize("stall", ["slow-headers:90", "stall:90", "stall-mid:5"])
def test_stop_ends_the_work_at_the_server(text, stall):
    cancel = threading.Event()
    events = []
    asked = {"cancel": cancel, "headers": {"x-simulate-failure": stall}}
    thread = threading.Thread(target=lambda: events.extend(ask(text, TextPrompt(BOOK, "Who?"), **asked)), daemon=True)
    thread.start()
    deadline = time.perf_counter() + 1  # one that holds back its headers may not count it yet
    while requests_running(text) == 0 and time.perf_counter() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    stopped_at = time.perf_counter()
    cancel.set()
    thread.join(30)
    assert isinstance(events[-1], Stopped)
    while requests_running(text):  # it would stall for a minute more
        assert time.perf_counter() - stopped_at < 30
        time.sleep(0.02)
