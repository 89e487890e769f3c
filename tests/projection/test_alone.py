"""One request alone: the roofline's own figure, plus what a host adds; any page size, any GPU by its datasheet."""

import pytest

from app.projection import (
    ALONE,
    FACTORS,
    GLYPH,
    GPUS,
    OWN_GPU_ID,
    PUBLISHED_SPEEDUPS,
    QWEN3_8B,
    ProjectionError,
    Serving,
    own_gpu,
    pages_prompt,
    prefill_speedup_alone,
    project,
    project_alone,
    shape_named,
    text_prompt,
    tornado,
)

H100 = GPUS["h100-80gb"]


@pytest.mark.parametrize("tokens", [1_000, 32_768, 131_072])
def test_with_nothing_added_it_is_the_rooflines_own_first_token(tokens):
    text, pages = text_prompt(tokens), pages_prompt(tokens, 3)
    assert project_alone(QWEN3_8B, H100, text).ttft_seconds == pytest.approx(
        project(QWEN3_8B, H100, text.tokens).time_to_first_token_seconds
    )
    assert project_alone(GLYPH, H100, pages).ttft_seconds == pytest.approx(
        project(GLYPH, H100, pages.tokens, pages.patches_per_page).time_to_first_token_seconds
    )


def test_the_papers_six_prefill_points_stay_within_a_tenth_by_this_way_too():
    for point in PUBLISHED_SPEEDUPS:
        text, pages = text_prompt(point.text_tokens), pages_prompt(point.text_tokens, 3)
        # The paper's figure is of the prefill: the first decoding step, the same on both sides, is left out of it.
        slow, quick = project_alone(GLYPH, H100, text), project_alone(GLYPH, H100, pages)
        ratio = slow.prefill_seconds / (quick.prefill_seconds + quick.vision_seconds)
        assert ratio == pytest.approx(point.prefill, rel=0.1), point


def test_what_a_host_adds_is_added_once_a_request_and_once_a_page():
    pages = pages_prompt(20_000, 3)
    plain = project_alone(GLYPH, H100, pages)
    slower = project_alone(
        GLYPH, H100, pages, Serving(vision=0.3, cache_bandwidth=0.7, step_ms=0, request_ms=20, page_ms=5)
    )
    assert slower.ttft_seconds - plain.ttft_seconds == pytest.approx(0.020 + 0.005 * len(pages.patches_per_page))


def test_larger_pages_cost_the_encoder_more_for_the_same_tokens():
    small, large = pages_prompt(60_000, 3), pages_prompt(60_000, 3, tokens_per_page=2_520)
    assert sum(small.patches_per_page) == sum(large.patches_per_page)
    assert len(large.patches_per_page) < len(small.patches_per_page) / 3
    one, other = (project_alone(GLYPH, H100, prompt).vision_seconds for prompt in (small, large))
    assert other > 1.1 * one


def test_a_gpu_of_ones_own_projects_as_a_known_one_with_its_figures():
    mine = own_gpu(H100.bf16_tflops, H100.memory_gb, H100.memory_bandwidth_gbps)
    assert mine.id == OWN_GPU_ID
    assert project_alone(QWEN3_8B, mine, text_prompt(9_999)) == project_alone(QWEN3_8B, H100, text_prompt(9_999))
    half = own_gpu(H100.bf16_tflops / 2, H100.memory_gb, H100.memory_bandwidth_gbps)
    assert project_alone(QWEN3_8B, half, text_prompt(50_000)).prefill_seconds == pytest.approx(
        2 * project_alone(QWEN3_8B, H100, text_prompt(50_000)).prefill_seconds
    )


@pytest.mark.parametrize("figures", [(0, 80, 3350), (989, -1, 3350), (989, 80, float("nan")), (1e9, 80, 3350)])
def test_a_figure_that_no_gpu_has_is_refused_by_name(figures):
    with pytest.raises(ProjectionError, match="give more than 0 and at most"):
        own_gpu(*figures)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Qwen/Qwen3-8B", QWEN3_8B),
        ("/models/Qwen3-8B/", QWEN3_8B),
        ("Qwen/Qwen3-8B-FP8", None),
        ("zai-org/Glyph", GLYPH),
        ("zai-org/GLM-4.1V-9B-Thinking", GLYPH),
        ("tiny-qwen3", None),
        ("Qwen/Qwen3-32B", None),
        ("", None),
    ],
)
def test_only_models_whose_shape_is_known_have_one(name, shape):
    assert shape_named(name) is shape


def test_preparing_pages_moves_the_first_token_and_a_batch_not_at_all():
    text, pages = text_prompt(32_768), pages_prompt(32_768, 3)
    swings = tornado(lambda serving: prefill_speedup_alone(QWEN3_8B, text, GLYPH, pages, H100, serving), ALONE)
    by_name = {swing.factor: swing for swing in swings}
    assert set(by_name) == set(FACTORS)
    assert by_name["page_ms"].at_high < by_name["page_ms"].at_low
    assert by_name["memory_share"].width == 0
