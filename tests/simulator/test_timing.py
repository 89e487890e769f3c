"""Simulated times are those of the projection, divided by the speed-up."""

import statistics
import threading
import time

import httpx
import pytest

from app.projection import GLYPH, GPUS, QWEN3_8B, project
from tests.simulator.harness import data_url, image, png, text

# Jane Eyre as text, and as pages of 630 visual tokens.
TEXT_TOKENS, PAGES = 240_000, 130


@pytest.fixture(scope="module")
def at_speed(start_server):
    common = ("--speedup", "40", "--max-model-len", "300000")
    return start_server("--role", "text", *common), start_server("--role", "pages", *common)


@pytest.mark.timed
def test_a_novel_as_text_and_as_pages_take_the_time_of_the_projection(at_speed):
    text_server, pages_server = at_speed
    gpu = GPUS["h100-80gb"]
    words = text_server.stream(" house" * TEXT_TOKENS + "\n\nHm?", max_tokens=2).events[-1]
    pages = [*(image(data_url(png(shade))) for shade in range(PAGES)), text("Hm?")]
    images = pages_server.stream(pages, max_tokens=2).events[-1]

    def projected(shape, event, patches=()):
        projection = project(shape, gpu, event["usage"]["prompt_tokens"], patches, 256)
        return projection.time_to_first_token_seconds

    text_ms, pages_ms = (event["metrics"]["time_to_first_token_ms"] for event in (words, images))
    text_seconds, pages_seconds = projected(QWEN3_8B, words), projected(GLYPH, images, [2520] * PAGES)
    assert text_seconds / pages_seconds > 4
    assert text_ms / 1e3 * 40 == pytest.approx(text_seconds, rel=0.15)
    assert text_ms / pages_ms == pytest.approx(text_seconds / pages_seconds, rel=0.25)


@pytest.mark.timed
def test_tokens_come_at_the_projected_rate(start_server):
    server = start_server("--role", "text")  # real time
    metrics = server.stream("Where is the owl?").events[-1]["metrics"]
    rate = project(QWEN3_8B, GPUS["h100-80gb"], 30, (), 256).decode_tokens_per_second
    assert 1e3 / metrics["mean_itl_ms"] == pytest.approx(rate, rel=0.15)


@pytest.mark.timed
def test_the_named_gpu_sets_the_pace(start_server):
    prompt = "The owl. " * 8_000
    fast, slow = (
        start_server("--role", "text", "--speedup", "4", "--gpu", gpu).stream(prompt, max_tokens=2).events[-1]
        for gpu in ("h100-80gb", "l40s")
    )
    ratio = slow["metrics"]["time_to_first_token_ms"] / fast["metrics"]["time_to_first_token_ms"]
    tokens = fast["usage"]["prompt_tokens"]
    projected = [project(QWEN3_8B, GPUS[gpu], tokens).time_to_first_token_seconds for gpu in ("l40s", "h100-80gb")]
    assert ratio == pytest.approx(projected[0] / projected[1], rel=0.3)


@pytest.mark.timed
def test_a_short_prompt_waits_behind_a_long_one_in_the_queue(start_server):
    server = start_server("--role", "text", "--speedup", "4")  # some two seconds of prefill
    long = threading.Thread(target=lambda: server.stream(" boat" * 90_000, max_tokens=2))
    long.start()
    while not server.metric("vllm:num_requests_running"):
        time.sleep(0.02)
    metrics = server.stream("Hm?", max_tokens=2).events[-1]["metrics"]
    long.join()
    assert metrics["queue_time_ms"] > 300
    assert metrics["time_to_first_token_ms"] < 300  # counted from scheduling, as vLLM counts it


@pytest.mark.timed
def test_short_answers_flow_while_a_long_prompt_is_tokenised(at_speed):
    """The event loop must not be held up by the work on somebody else's novel."""
    text_server, _ = at_speed
    done = threading.Event()

    def long() -> None:
        text_server.post("/tokenize", {"prompt": "The river rose and fell again. " * 100_000})
        done.set()

    thread = threading.Thread(target=long)
    thread.start()
    waits = []
    with httpx.Client(timeout=10) as client:
        while not done.is_set():
            started = time.perf_counter()
            client.get(text_server.url + "/health")
            waits.append(time.perf_counter() - started)
    thread.join()
    assert len(waits) > 5
    assert statistics.median(waits) < 0.1
