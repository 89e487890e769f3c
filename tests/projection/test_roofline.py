import time

import pytest

from app.projection import ASSUMED, GLYPH, GPUS, LABEL, QWEN3_8B, Efficiency, ProjectionError, prefill_speedup, project

H100 = GPUS["h100-80gb"]


def test_shapes_give_the_published_sizes():
    assert QWEN3_8B.params == pytest.approx(8.19e9, rel=0.002)
    assert GLYPH.params == pytest.approx(10.29e9, rel=0.002)
    assert QWEN3_8B.kv_bytes_per_token == 147_456
    assert GLYPH.kv_bytes_per_token == 40_960


def test_kv_cache_counts_prompt_and_output():
    assert project(QWEN3_8B, H100, 1000, output_tokens=24).kv_cache_bytes == 1024 * 147_456


def test_prefill_operations_by_hand():
    tokens = 10_000
    linear = 2 * 36 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 12288) * tokens + 2 * 151936 * 4096
    attention = 36 * 2 * 2 * 4096 * tokens**2 / 2
    seconds = linear / (989.4e12 * ASSUMED.linear) + attention / (989.4e12 * ASSUMED.attention)
    assert project(QWEN3_8B, H100, tokens).prefill_seconds == pytest.approx(seconds, rel=1e-9)


def test_attention_makes_long_prompts_more_than_proportionally_slow():
    short, long = (project(QWEN3_8B, H100, tokens).prefill_seconds for tokens in (16_384, 131_072))
    assert long > 2.5 * 8 * short


def test_a_tiny_prompt_costs_one_reading_of_the_weights():
    floor = QWEN3_8B.bytes_read_per_step / (H100.memory_bandwidth_gbps * 1e9 * ASSUMED.bandwidth)
    assert project(QWEN3_8B, H100, 1).prefill_seconds == pytest.approx(floor)
    assert project(QWEN3_8B, H100, 0).prefill_seconds == 0


def test_cached_tokens_are_not_paid_again_but_are_looked_at():
    whole = project(QWEN3_8B, H100, 100_000).prefill_seconds
    half = project(QWEN3_8B, H100, 50_000).prefill_seconds
    rest = project(QWEN3_8B, H100, 100_000, cached_tokens=50_000).prefill_seconds
    # The head runs once in each of the three, which is why the sum is not exact to the last digit.
    assert half + rest == pytest.approx(whole, rel=1e-4)
    assert rest > half
    assert project(QWEN3_8B, H100, 100_000, cached_tokens=100_000).prefill_seconds == 0


def test_vision_is_linear_in_pages_and_attends_within_a_page_only():
    one, ten = (project(GLYPH, H100, 100, [2520] * pages).vision_seconds for pages in (1, 10))
    one_large = project(GLYPH, H100, 100, [25_200]).vision_seconds
    assert ten == pytest.approx(10 * one)
    assert one_large > 1.5 * ten


def test_decoding_slows_as_the_cache_grows_and_more_on_the_model_with_more_kv_heads():
    qwen = [project(QWEN3_8B, H100, tokens).decode_tokens_per_second for tokens in (1_000, 128_000)]
    glyph = [project(GLYPH, H100, tokens).decode_tokens_per_second for tokens in (1_000, 128_000)]
    assert 100 < qwen[0] < 250
    assert qwen[0] / qwen[1] > 1.5 * glyph[0] / glyph[1]


def test_time_to_first_token_is_the_sum_of_its_parts():
    projection = project(GLYPH, H100, 6320, [2520] * 10)
    parts = projection.vision_seconds + projection.prefill_seconds + 1 / projection.decode_tokens_per_second
    assert projection.time_to_first_token_seconds == parts


def test_everything_is_labelled_a_projection():
    assert project(QWEN3_8B, H100, 10).label == LABEL == "projection"


def test_every_gpu_names_its_source_and_a_faster_one_is_faster():
    assert all(gpu.source and gpu.id == key for key, gpu in GPUS.items())
    seconds = {key: project(QWEN3_8B, gpu, 50_000).prefill_seconds for key, gpu in GPUS.items()}
    assert seconds["h100-80gb"] < seconds["l40s"] < seconds["rtx4090"]


def test_more_text_for_the_same_pages_means_more_speedup():
    pages = [2520] * 40
    assert prefill_speedup(100_000, pages) > prefill_speedup(50_000, pages) > 0


def test_quick_enough_for_a_slider():
    pages = [2520] * 250
    started = time.process_time()  # ours alone, whatever else the machine does
    for _ in range(20):
        prefill_speedup(240_000, pages)
    assert (time.process_time() - started) / 20 < 0.02


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: project(QWEN3_8B, H100, -1), "prompt_tokens=-1"),
        (lambda: project(QWEN3_8B, H100, 5, cached_tokens=6), "cached_tokens=6"),
        (lambda: project(QWEN3_8B, H100, 5, [2520]), "Qwen3-8B has no vision encoder"),
        (lambda: prefill_speedup(100, []), "page_patches is empty"),
        (lambda: Efficiency(linear=0), "linear=0"),
    ],
)
def test_a_wrong_figure_is_refused_by_name(call, word):
    with pytest.raises(ProjectionError, match=word):
        call()
