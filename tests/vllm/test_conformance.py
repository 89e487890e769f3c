"""The same questions to real vLLM and to our simulator, through our own client and launcher.

Where the simulator answers otherwise than vLLM, the simulator is wrong. CONFORMANCE.md beside this file holds the table.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace

import httpx
import pytest
from PIL import Image

from app.clients import (
    AnswerDelta,
    ContextExceeded,
    EndpointLimits,
    Finished,
    FirstByte,
    HeadersArrived,
    ImageForm,
    ImageLedger,
    PagesPrompt,
    ReasoningDelta,
    RequestSent,
    Resent,
    SamplingSettings,
    ServerTimings,
    Stopped,
    TextPrompt,
    Transport,
    Turn,
    UsageReport,
    build_chat_request,
    count_tokens_on_server,
    probe,
    reset_caches,
    stream_chat,
)
from app.clients.errors import (
    ImageLimitExceeded,
    ImageRefused,
    ModelCannotSee,
    ModelUnknown,
    RequestRefused,
    ServerFailed,
)
from app.paths import CONFIGS
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, count_text_tokens, visual_tokens
from renderer import RenderConfig, render
from tests.clients.simulators import count_request
from tests.vllm.pairs import PAGES_WINDOW, TEXT_WINDOW, draw_pages, page_file

pytestmark = pytest.mark.timeout(900)

SHORT = SamplingSettings(max_tokens=16, temperature=0.0, thinking=False, seed=1)
PAGE = (590, 842)


def ask(endpoint, prompt, sampling=SHORT, *, cancel=None, ledger=None, **options):
    ledger = ledger or ImageLedger()
    request = build_chat_request(endpoint, prompt, sampling, ledger=ledger, **options)
    return list(stream_chat(endpoint, request, cancel or threading.Event(), ledger=ledger))


def the(kind, events):
    found = [event for event in events if isinstance(event, kind)]
    assert found, f"no {kind.__name__} among {[type(event).__name__ for event in events]}"
    return found[-1]


def usage(events) -> UsageReport:
    return the(UsageReport, events)


def ttft_s(events) -> float:
    first = next(event.at for event in events if isinstance(event, (AnswerDelta, ReasoningDelta)))
    return first - events[0].at


def name_of(action):
    """The name and the server's words of what a question raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the test compares the type itself
        action()
    return caught.value


# --- what the servers say of themselves -------------------------------------------------------------------------------


def test_a_server_tells_its_model_and_window(pair, observe):
    text, pages = probe(pair.text, 5.0), probe(pair.pages, 5.0)
    assert text.asked_model_served
    assert pages.asked_model_served
    assert (text.max_model_len, pages.max_model_len) == (TEXT_WINDOW, PAGES_WINDOW)
    assert text.version
    assert text.simulated == (not pair.real)
    observe(pair, "/v1/models: max_model_len", f"{text.max_model_len:,} / {pages.max_model_len:,}")


# --- counts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", ["english", "chinese", "numbers and breaks"])
def test_the_server_counts_text_tokens_as_we_do(pair, story_text, sample, observe):
    text = {
        "english": story_text[:20_000],
        "chinese": "话说天下大势,分久必合,合久必分。周末七国分争,并入于秦。\n" * 50,
        "numbers and breaks": "1234567 3.14159\r\n\r\n\t  x = {'a': 1}\n" * 60,
    }[sample]
    counted, ours = count_tokens_on_server(pair.text, text), count_text_tokens(text).value
    assert counted == ours
    observe(pair, f"/tokenize, {sample}: equal to our count", f"{counted:,}")


def test_usage_equals_tokenize_for_text(pair, story_text, observe):
    prompt = TextPrompt(story_text[:8000], "Who wrote letters?", (Turn("First?", "Yes."),))
    request = build_chat_request(pair.text, prompt, SHORT)
    events = ask(pair.text, prompt)
    assert usage(events).prompt_tokens == count_request(pair.text, request)
    assert usage(events).completion_tokens is not None
    assert 1 <= usage(events).completion_tokens <= 16
    observe(pair, "text: usage.prompt_tokens = /tokenize", "yes")


@pytest.mark.parametrize("transport", [Transport.FILE, Transport.DATA])
@pytest.mark.parametrize("count", [3, 20])
def test_image_tokens_equal_our_own_count(pair, transport, count, observe):
    pages = draw_pages(pair.folder, f"counted-{transport}-{count}", [PAGE] * count)
    prompt = PagesPrompt(pages, "What is written?", transport=transport)
    events = ask(pair.pages, prompt)
    ours = sum(visual_tokens(page.width_px, page.height_px) for page in pages)
    bare = ask(pair.pages, PagesPrompt((), "What is written?"))
    assert usage(events).image_tokens == ours
    assert usage(events).prompt_tokens - usage(bare).prompt_tokens == ours + VISUAL_OVERHEAD_PER_PAGE * count
    observe(pair, f"{count} pages by {transport}: image_tokens", f"{usage(events).image_tokens:,} (ours {ours:,})")


def test_odd_page_sizes_count_as_we_count_them(pair, observe):
    sizes = [(28, 28), (56, 140), (590, 97), (1190, 1684), (842, 595), (601, 843), (30, 300), (200, 2500)]
    for size in sizes:
        (page,) = draw_pages(pair.folder, f"odd-{size[0]}x{size[1]}", [size])
        events = ask(pair.pages, PagesPrompt((page,), "?"), replace(SHORT, max_tokens=4))
        assert usage(events).image_tokens == visual_tokens(*size), size
    observe(pair, f"{len(sizes)} odd page sizes: image_tokens", "equal to ours")


def test_tokenize_expands_pages(pair):
    pages = draw_pages(pair.folder, "tokenized", [PAGE] * 3)
    prompt = PagesPrompt(pages, "What is written?")
    request = build_chat_request(pair.pages, prompt, SHORT)
    assert count_request(pair.pages, request) == usage(ask(pair.pages, prompt)).prompt_tokens


def test_rendered_pages_are_read_from_the_folder(pair, story_text, observe):
    folder = pair.folder / "rendered"
    folder.mkdir(exist_ok=True)
    files = []
    for page in render(story_text[:24_000], RenderConfig.load(CONFIGS / "en.json")):
        path = folder / f"page_{page.number:03d}.png"
        path.write_bytes(page.png)
        files.append(page_file(path, page.width_px, page.height_px))
    pages = tuple(files)
    assert len(pages) >= 3
    prompt = PagesPrompt(pages, "What is written?")
    assert build_chat_request(pair.pages, prompt, SHORT, ledger=ImageLedger()).image_form is ImageForm.FILES
    ours = sum(visual_tokens(page.width_px, page.height_px) for page in pages)
    assert usage(ask(pair.pages, prompt)).image_tokens == ours
    observe(pair, "pages of our renderer, file://", f"{len(pages)} pages, {ours:,} tokens, equal")


# --- the stream ------------------------------------------------------------------------------------------------------


def test_marks_come_in_order_and_the_server_adds_its_own_times(pair, story_text, observe):
    events = ask(pair.text, TextPrompt(story_text[:4000], "Why?"))
    order = [type(event) for event in events]
    assert order.index(RequestSent) < order.index(HeadersArrived) < order.index(FirstByte) < order.index(AnswerDelta)
    assert isinstance(events[-1], Finished)
    timings = the(ServerTimings, events)
    assert timings.time_to_first_token_ms is not None
    assert timings.queue_ms is not None
    assert [event.at for event in events] == sorted(event.at for event in events)
    observe(pair, "metrics in the last chunk", "queue, time to first token, generation")


def test_the_thinking_switch_decides_where_words_go(pair, observe):
    prompt = TextPrompt("", "Say something.")
    on = ask(pair.text, prompt, replace(SHORT, thinking=True, max_tokens=24))
    off = ask(pair.text, prompt, replace(SHORT, thinking=False, max_tokens=24))
    assert any(isinstance(event, ReasoningDelta) for event in on)
    assert not any(isinstance(event, ReasoningDelta) for event in off)
    assert any(isinstance(event, AnswerDelta) for event in off)
    observe(pair, "enable_thinking", "on: reasoning first; off: content only")


def test_max_tokens_ends_with_reason_length(pair):
    assert (
        the(Finished, ask(pair.text, TextPrompt("", "Tell a long story."), replace(SHORT, max_tokens=5))).reason
        == "length"
    )


def test_prompt_plus_max_tokens_over_the_window_is_clamped(pair, observe):
    pages = draw_pages(pair.folder, "clamped", [PAGE] * 25)
    room = PAGES_WINDOW - 25 * (visual_tokens(*PAGE) + VISUAL_OVERHEAD_PER_PAGE)
    filler = "one " * (room - 120)
    events = ask(pair.pages, PagesPrompt(pages, filler), replace(SHORT, max_tokens=4000))
    told = usage(events)
    assert told.prompt_tokens + told.completion_tokens <= PAGES_WINDOW
    observe(pair, "prompt + max_tokens over the window", f"200, clamped, finish_reason {the(Finished, events).reason}")


# --- cold and warm, and what the server remembers --------------------------------------------------------------------


def test_cold_is_cold_and_warm_is_warm(pair, observe):
    pages = draw_pages(pair.folder, "warmth", [PAGE] * 10)
    prompt = PagesPrompt(pages, "What is written?")
    assert reset_caches(pair.pages).complete
    cold = ask(pair.pages, prompt)
    warm = ask(pair.pages, prompt)
    again = reset_caches(pair.pages)
    cold_again = ask(pair.pages, prompt)
    assert again.complete
    assert not usage(cold).cached_tokens
    assert not usage(cold_again).cached_tokens
    # Whole blocks (16 tokens on a GPU; larger on the CPU build) come from the cache, all but the prompt's end.
    assert usage(warm).cached_tokens >= 0.9 * usage(warm).prompt_tokens
    assert ttft_s(warm) < 0.7 * min(ttft_s(cold), ttft_s(cold_again))
    observe(pair, "10 pages: cached_tokens cold / warm", f"0 / {usage(warm).cached_tokens:,}")
    observe(
        pair,
        "10 pages: TTFT cold / warm / after a reset (s)",
        f"{ttft_s(cold):.2f} / {ttft_s(warm):.2f} / {ttft_s(cold_again):.2f}",
    )


def test_a_salt_keeps_the_prefix_cache_out(pair, observe):
    pages = draw_pages(pair.folder, "salted", [PAGE] * 3)
    prompt = PagesPrompt(pages, "What is written?")
    ask(pair.pages, prompt)
    ledger = ImageLedger()
    salted = ask(pair.pages, prompt, salt="another", ledger=ledger)
    assert not usage(salted).cached_tokens
    again = ask(
        pair.pages, prompt, salt="another", ledger=ledger
    )  # as a conversation's second question: its pages named alone
    assert usage(again).cached_tokens >= 0.8 * usage(again).prompt_tokens
    assert the(RequestSent, again).body_bytes < the(RequestSent, salted).body_bytes
    assert not any(isinstance(event, Resent) for event in again)
    assert usage(salted).image_tokens == 3 * visual_tokens(*PAGE)
    observe(pair, "cache_salt: cached_tokens", "0")


def test_a_second_question_names_pages_by_uuid_alone(pair, observe):
    pages = draw_pages(pair.folder, "remembered", [PAGE] * 20)
    ledger = ImageLedger()
    first = ask(pair.pages, PagesPrompt(pages, "First?", transport=Transport.DATA), ledger=ledger)
    prompt = PagesPrompt(pages, "Second?", transport=Transport.DATA)
    request = build_chat_request(pair.pages, prompt, SHORT, ledger=ledger)
    assert request.image_form is ImageForm.REFERENCES
    second = list(stream_chat(pair.pages, request, threading.Event(), ledger=ledger))
    assert not any(isinstance(event, Resent) for event in second)
    assert usage(second).image_tokens == 20 * visual_tokens(*PAGE)
    assert the(RequestSent, second).body_bytes < 0.05 * the(RequestSent, first).body_bytes
    observe(pair, "second question by uuid", "no resend, same image_tokens")


def test_forgotten_pages_are_sent_again(pair, observe):
    pages = draw_pages(pair.folder, "forgotten", [PAGE] * 3)
    ledger = ImageLedger()
    ask(pair.pages, PagesPrompt(pages, "First?"), ledger=ledger)
    assert reset_caches(pair.pages).complete
    events = ask(pair.pages, PagesPrompt(pages, "Second?"), ledger=ledger)
    the(Resent, events)
    assert usage(events).image_tokens == 3 * visual_tokens(*PAGE)
    observe(pair, "uuid it no longer holds", "400, told as ImagesForgotten, sent again")


def test_250_pages_work(pair, observe):
    pages = draw_pages(pair.folder, "many", [(112, 112)] * 250)
    events = ask(pair.pages, PagesPrompt(pages, "?"))
    assert usage(events).image_tokens == 250 * visual_tokens(112, 112)
    observe(pair, "250 pages in one request", f"{usage(events).image_tokens:,} image tokens")


def test_a_body_of_30_mb_works(pair, observe, tmp_path):
    pages = []
    for number in range(16):  # noise does not compress: about 1.5 MB a page
        path = pair.folder / f"noise_{number}.png"
        Image.frombytes("RGB", PAGE, os.urandom(PAGE[0] * PAGE[1] * 3)).save(path, compress_level=0)
        pages.append(page_file(path, *PAGE))
    events = ask(pair.pages, PagesPrompt(tuple(pages), "?", transport=Transport.DATA))
    assert the(RequestSent, events).body_bytes > 30_000_000
    assert usage(events).image_tokens == 16 * visual_tokens(*PAGE)
    observe(pair, "a body above 30 MB", "200, counted")


# --- errors ----------------------------------------------------------------------------------------------------------


def test_too_long_a_text_is_told_with_both_numbers(pair, observe):
    error = name_of(lambda: ask(pair.text, TextPrompt("one two three four " * 40_000, "?")))
    assert type(error) is ContextExceeded
    assert error.status == 400
    assert error.window_tokens == TEXT_WINDOW
    observe(pair, "text too long", f"{error.status} {type(error).__name__}: {error.server_message[:60]}")


def test_too_many_page_tokens_are_told_with_both_numbers(pair, observe):
    pages = draw_pages(pair.folder, "too-long", [PAGE] * 27)
    error = name_of(lambda: ask(pair.pages, PagesPrompt(pages, "?")))
    assert type(error) is ContextExceeded
    assert error.status == 400
    assert error.window_tokens == PAGES_WINDOW
    assert error.prompt_tokens > PAGES_WINDOW
    observe(pair, "pages too long", f"{error.status} {type(error).__name__}: {error.server_message[:30]}")


def test_too_many_images_are_refused(pair, observe):
    (page,) = draw_pages(pair.folder, "one", [(112, 112)])
    endpoint = replace(pair.pages, limits=EndpointLimits(max_images=5000))
    error = name_of(lambda: ask(endpoint, PagesPrompt((page,) * 1000, "?")))
    assert type(error) is ImageLimitExceeded
    assert error.status == 400
    observe(pair, "1000 images", f"{error.status} {type(error).__name__}: {error.server_message[:42]}")


def test_a_broken_image_is_refused(pair, observe):
    (page,) = draw_pages(pair.folder, "broken", [PAGE])
    page.path.write_bytes(page.path.read_bytes()[:400])
    error = name_of(lambda: ask(pair.pages, PagesPrompt((page,), "?", transport=Transport.DATA)))
    assert type(error) is ImageRefused
    assert error.status == 400
    observe(pair, "broken image", f"{error.status} {type(error).__name__}: {error.server_message[:21]}")


def test_a_page_outside_the_folder_goes_as_data_instead(pair, observe, tmp_path):
    pages = draw_pages(tmp_path, "outside", [PAGE])
    events = ask(pair.pages, PagesPrompt(pages, "?", transport=Transport.FILE))
    assert "folder" in the(Resent, events).reason
    assert usage(events).image_tokens == visual_tokens(*PAGE)
    observe(pair, "file:// outside the folder", "400, told, sent again as data")


def test_a_page_file_that_is_gone_is_told(pair, observe):
    (page,) = draw_pages(pair.folder, "gone", [PAGE])
    request = build_chat_request(
        pair.pages, PagesPrompt((page,), "?", transport=Transport.FILE), SHORT, ledger=ImageLedger()
    )
    page.path.unlink()
    error = name_of(lambda: list(stream_chat(pair.pages, request, threading.Event(), ledger=ImageLedger())))
    assert page.path.name in str(error)
    answer = httpx.post(
        f"{pair.pages.api_base}/chat/completions",
        content=request.body,
        timeout=30,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 500
    observe(pair, "missing file://", f"{answer.status_code} {answer.json()['error']['message'][:38]}")


def test_a_wrong_model_name_is_told(pair, observe):
    error = name_of(lambda: ask(replace(pair.text, model="nobody"), TextPrompt("", "?")))
    assert type(error) is ModelUnknown
    assert error.status == 404
    observe(pair, "wrong model", f"{error.status} {type(error).__name__}: {error.server_message[:33]}")


def test_pages_to_a_text_model_are_refused(pair, observe):
    pages = draw_pages(pair.folder, "unseen", [PAGE])
    error = name_of(lambda: ask(pair.text, PagesPrompt(pages, "?", transport=Transport.DATA)))
    assert type(error) is ModelCannotSee
    assert isinstance(error, (RequestRefused, ServerFailed))
    observe(pair, "image to a text model", f"{error.status} {type(error).__name__}")


# --- stop ------------------------------------------------------------------------------------------------------------


def _slow(pair, failure):
    """The simulator answers too fast to be stopped: it is told to wait."""
    return None if pair.real else {"x-simulate-failure": failure}


def test_a_stop_reaches_the_server(pair, observe):
    cancel = threading.Event()
    request = build_chat_request(pair.text, TextPrompt("", "Tell all."), replace(SHORT, max_tokens=20_000))
    began, last = None, None
    for event in stream_chat(pair.text, request, cancel, _slow(pair, "stall-mid:3:60")):
        last = event
        if isinstance(event, AnswerDelta) and not cancel.is_set():
            assert pair.metric(pair.text, "vllm:num_requests_running") == 1
            cancel.set()
            began = time.monotonic()
    assert isinstance(last, Stopped)
    deadline = time.monotonic() + 10
    while pair.metric(pair.text, "vllm:num_requests_running") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert pair.metric(pair.text, "vllm:num_requests_running") == 0
    observe(pair, "after Stop: num_requests_running", f"0 within {max(1, round(time.monotonic() - began))} s")


def test_a_stop_during_a_long_prefill_reaches_the_server(pair):
    pages = draw_pages(pair.folder, "stopped", [PAGE] * 20)
    cancel = threading.Event()
    request = build_chat_request(
        pair.pages, PagesPrompt(pages, "?"), replace(SHORT, max_tokens=4000), ledger=ImageLedger()
    )
    threading.Timer(1.5, cancel.set).start()
    events = list(stream_chat(pair.pages, request, cancel, _slow(pair, "stall:60"), ledger=ImageLedger()))
    assert isinstance(events[-1], Stopped)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not pair.metric(pair.pages, "vllm:num_requests_running") + pair.metric(
            pair.pages, "vllm:num_requests_waiting"
        ):
            return
        time.sleep(0.2)
    pytest.fail("the server still works on a request that nobody waits for")
