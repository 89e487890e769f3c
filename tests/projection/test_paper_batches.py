"""The projection of many requests against the Glyph paper's decoding figure: one H100, 256 output tokens, largest batch.

Three factors were chosen with this table in sight (app/projection/serving.py says which); `pytest -s` prints the table.
"""

import itertools

import pytest

from app.projection import (
    ASSUMED_SERVING,
    FACTORS,
    GLYPH,
    GPUS,
    LABEL,
    PUBLISHED_COMPRESSION,
    PUBLISHED_SPEEDUPS,
    QWEN3_8B,
    ProjectionError,
    Serving,
    batch_speedup,
    kv_bytes_per_request,
    kv_room_bytes,
    kv_saving,
    longest_prompt,
    most_users,
    pages_prompt,
    project,
    project_batch,
    text_prompt,
    tornado,
)

H100 = GPUS["h100-80gb"]
TOLERANCE = 0.15


def as_in_the_paper(text_tokens: int, serving: Serving = ASSUMED_SERVING):
    return batch_speedup(text_tokens, PUBLISHED_COMPRESSION, gpu=H100, text_shape=GLYPH, serving=serving)


def test_per_sample_inference_time_is_within_15_percent_of_the_paper_at_all_six_lengths(capsys):
    rows = [(point, as_in_the_paper(point.text_tokens)) for point in PUBLISHED_SPEEDUPS]
    with capsys.disabled():
        print("\n text tokens  batch text/pages  s a sample text/pages  projected  published  off")
        for point, both in rows:
            print(
                f"{point.text_tokens:>12,}  {both.text.batch:>6} / {both.pages.batch:<6}  "
                f"{both.text.seconds_per_sample:>9.3f} / {both.pages.seconds_per_sample:<8.3f} "
                f"{both.per_sample:>9.2f} {point.decoding:>10.1f}  {both.per_sample / point.decoding - 1:+.1%}"
            )
    for point, both in rows:
        assert both.per_sample == pytest.approx(point.decoding, rel=TOLERANCE), point


def test_the_cache_shrinks_by_about_two_thirds_at_compression_3():
    for point in PUBLISHED_SPEEDUPS:
        pages = pages_prompt(point.text_tokens, PUBLISHED_COMPRESSION)
        assert 0.64 < kv_saving(GLYPH, text_prompt(point.text_tokens), GLYPH, pages) < 0.67


def test_three_times_as_many_long_texts_fit_as_pages():
    text, pages = text_prompt(131_072), pages_prompt(131_072, 3)
    assert most_users(GLYPH, H100, pages, 256) / most_users(GLYPH, H100, text, 256) == pytest.approx(3, rel=0.1)


def test_the_largest_batch_fits_and_one_more_does_not():
    prompt, room = text_prompt(30_000), kv_room_bytes(QWEN3_8B, H100)
    users = most_users(QWEN3_8B, H100, prompt, 256)
    each = kv_bytes_per_request(QWEN3_8B, 30_256)
    assert users * each <= room < (users + 1) * each


def test_the_longest_prompt_fits_its_users_and_one_block_more_does_not():
    for users in (1, 7):
        longest = longest_prompt(QWEN3_8B, H100, 256, users)
        assert most_users(QWEN3_8B, H100, text_prompt(longest), 256) == users
        assert most_users(QWEN3_8B, H100, text_prompt(longest + 16), 256) == users - 1


def test_a_gpu_that_cannot_hold_the_weights_serves_nobody():
    small = GPUS["rtx4090"]
    starved = Serving(working_gb=8)
    assert kv_room_bytes(GLYPH, small, starved) == 0
    assert longest_prompt(GLYPH, small, 256, serving=starved) == 0
    with pytest.raises(ProjectionError, match="do not fit NVIDIA GeForce RTX 4090"):
        batch_speedup(4096, 3, gpu=small, serving=starved)


def test_a_batch_of_one_is_the_request_alone_but_for_what_the_engine_adds():
    alike = Serving(vision=0.30, cache_bandwidth=0.70, step_ms=0)
    alone = project(GLYPH, H100, 10_000, output_tokens=256)
    batch = project_batch(GLYPH, H100, text_prompt(10_000), 256, 1, alike)
    assert batch.decode_tokens_per_second == pytest.approx(alone.decode_tokens_per_second)
    assert batch.prefill_seconds == alone.prefill_seconds
    assert batch.label == alone.label == LABEL


def test_more_requests_at_once_give_more_tokens_a_second_and_ever_less_for_each_more():
    rates = [
        project_batch(QWEN3_8B, H100, text_prompt(8_192), 256, batch).decode_tokens_per_second
        for batch in (1, 2, 4, 8, 16, 32)
    ]
    gains = [later / earlier for earlier, later in itertools.pairwise(rates)]
    assert rates == sorted(rates)
    assert gains == sorted(gains, reverse=True)


def test_output_tokens_a_second_count_the_prefill_too():
    batch = project_batch(QWEN3_8B, H100, text_prompt(8_192), 256, 16)
    whole = 16 * batch.prefill_seconds + 256 * batch.step_seconds
    assert batch.output_tokens_per_second == pytest.approx(16 * 256 / whole)
    assert batch.output_tokens_per_second < batch.decode_tokens_per_second


def test_pages_of_any_compression_cost_their_tokens_and_two_a_page():
    for compression in (1.2, 2.2, 3.0, 4.0, 7.8):
        prompt = pages_prompt(100_000, compression)
        visual = round(100_000 / compression)
        assert prompt.tokens == visual + 2 * len(prompt.patches_per_page)
        assert sum(prompt.patches_per_page) == 4 * visual


class TestTornado:
    def test_the_widest_comes_first_and_every_factor_is_there(self):
        swings = tornado(lambda serving: as_in_the_paper(32_768, serving).per_sample)
        assert {swing.factor for swing in swings} == set(FACTORS)
        assert [swing.width for swing in swings] == sorted((swing.width for swing in swings), reverse=True)
        assert swings[0].width > 0.1

    def test_no_factor_alone_turns_the_result_round(self):
        for swing in tornado(lambda serving: as_in_the_paper(32_768, serving).per_sample):
            assert min(swing.at_low, swing.at_high) > 1.5, swing

    def test_the_assumed_value_lies_in_every_range_and_says_where_it_comes_from(self):
        for name, factor in FACTORS.items():
            assumed = getattr(ASSUMED_SERVING, name)
            assert factor.low < assumed < factor.high or assumed == factor.low == 0, (
                name
            )  # what is left out, is left out whole
            assert factor.source


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: project_batch(QWEN3_8B, H100, text_prompt(5), 1, 0), "batch=0"),
        (lambda: longest_prompt(QWEN3_8B, H100, 1, 0), "users=0"),
        (lambda: most_users(QWEN3_8B, H100, text_prompt(0), 0), "both 0"),
        (lambda: pages_prompt(5, 0), "compression=0"),
        (lambda: text_prompt(-1), "text_tokens=-1"),
        (lambda: kv_saving(GLYPH, text_prompt(0), GLYPH, text_prompt(1)), "no tokens"),
        (lambda: Serving(cache_bandwidth=1.2), "cache_bandwidth=1.2"),
        (lambda: Serving(step_ms=-1), "step_ms=-1"),
    ],
)
def test_a_wrong_figure_is_refused_by_name(call, word):
    with pytest.raises(ProjectionError, match=word):
        call()
