"""Cold and warm: prefix, processor and encoder caches, by what a client sees of them."""

import pytest

from tests.simulator.harness import data_url, image, png, text

LONG = "The wind turned at dawn and the fleet went out. " * 2_000
QUESTION = "\n\nWhen did the wind turn?"


def details(streamed):
    usage = streamed.events[-1]["usage"]
    return usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"]


def first_token_ms(streamed):
    return streamed.events[-1]["metrics"]["time_to_first_token_ms"]


def test_a_repeated_prompt_is_cached_in_whole_blocks_but_for_its_last_token(text_server):
    cold, warm = text_server.stream(LONG + QUESTION), text_server.stream(LONG + QUESTION)
    tokens, cached = details(warm)
    assert details(cold) == (tokens, 0)
    assert cached == (tokens - 1) // 16 * 16


@pytest.mark.timed
def test_another_question_on_the_same_text_pays_only_for_what_is_new(start_server):
    server = start_server("--role", "text", "--speedup", "1")
    cold = server.stream(LONG + QUESTION, max_tokens=2)
    warm = server.stream(LONG + "\n\nWho went out?", max_tokens=2)
    tokens, cached = details(warm)
    assert tokens - 40 < cached < tokens
    assert first_token_ms(warm) < first_token_ms(cold) / 3


def test_a_salt_makes_a_prompt_cold_again(text_server):
    text_server.stream(LONG + QUESTION)
    assert details(text_server.stream(LONG + QUESTION, cache_salt="a"))[1] == 0
    assert details(text_server.stream(LONG + QUESTION, cache_salt="a"))[1] > 0
    assert details(text_server.stream(LONG + QUESTION, cache_salt="b"))[1] == 0


def test_resetting_the_prefix_cache_makes_all_prompts_cold(text_server):
    text_server.stream(LONG + QUESTION)
    assert text_server.post("/reset_prefix_cache").json() == {"success": True}
    assert details(text_server.stream(LONG + QUESTION))[1] == 0


def test_other_pictures_are_another_prompt(pages_server):
    first = [image(data_url(png(1))), text("Hm?")]
    other = [image(data_url(png(2))), text("Hm?")]
    pages_server.stream(first)
    assert details(pages_server.stream(first))[1] > 600
    assert details(pages_server.stream(other))[1] == 0


def test_an_image_sent_once_may_be_named_by_its_uuid(pages_server):
    pages_server.stream([image(data_url(png(1)), "u1"), text("Hm?")])
    again = pages_server.stream([image(None, "u1"), text("Hm?")])
    assert again.events[-1]["usage"]["prompt_tokens_details"]["multimodal_tokens"] == {"image": 630}
    pages_server.post("/reset_mm_cache")
    assert pages_server.chat([image(None, "u1"), text("Hm?")]).status_code == 400


def test_the_same_uuid_with_other_bytes_gives_the_old_image(pages_server):
    pages_server.stream([image(data_url(png(1)), "u1"), text("Hm?")])
    other = pages_server.stream([image(data_url(png(2, 280, 280)), "u1"), text("Hm?")])
    assert other.events[-1]["usage"]["prompt_tokens_details"]["multimodal_tokens"] == {"image": 630}


def test_a_request_that_misses_one_image_leaves_none_behind(pages_server):
    assert pages_server.chat([image(data_url(png(1)), "u1"), image(None, "u2"), text("Hm?")]).status_code == 400
    assert pages_server.chat([image(None, "u1"), text("Hm?")]).status_code == 400


@pytest.mark.parametrize(("pages", "kept"), [(10, True), (30, False)])
@pytest.mark.timed
def test_a_salt_leaves_the_encoder_cache_warm_for_few_pages_but_not_for_many(start_server, pages, kept):
    server = start_server("--role", "pages", "--speedup", "2")
    content = [*(image(data_url(png(shade))) for shade in range(pages)), text("Hm?")]
    cold = first_token_ms(server.stream(content, max_tokens=2))
    salted = first_token_ms(server.stream(content, max_tokens=2, cache_salt="x"))
    if not kept:
        assert salted > 0.85 * cold
        return
    assert salted < 0.8 * cold
    server.post("/reset_encoder_cache")
    assert first_token_ms(server.stream(content, max_tokens=2, cache_salt="y")) > 0.85 * cold


def test_the_hits_are_in_the_metrics(pages_server):
    content = [image(data_url(png(1))), text("Hm?")]
    prefix, images = (pages_server.metric(f"vllm:{name}_hits_total") for name in ("prefix_cache", "mm_cache"))
    pages_server.stream(content)
    pages_server.stream(content)
    assert pages_server.metric("vllm:prefix_cache_hits_total") > prefix + 600
    assert pages_server.metric("vllm:mm_cache_hits_total") == images + 1
