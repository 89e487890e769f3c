"""What a window asks of a text, the settings that reach it, counted, and what they cost."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from app.books.samples import synthetic_novel
from app.legibility import ClaritySource
from app.paths import CONFIGS, FONTS
from app.tokens import count_text_tokens, page_grid
from app.whatif import PRESETS, Price, WhatIfError, cost_of, need_of, reaching_settings
from renderer import RenderCancelled, RenderConfig, count

CJK = FONTS / "DroidSansFallbackFull.ttf"


@lru_cache
def novel() -> tuple[str, int, RenderConfig]:
    text = synthetic_novel(text_tokens=20_000, seed=3).book.text
    return text, count_text_tokens(text).value, RenderConfig.load(CONFIGS / "en.json")


def test_a_million_tokens_in_a_128k_window_need_7_8_times():
    need = need_of(1_000_000, 131_072, 2_048)
    assert round(need.compression, 1) == 7.8
    assert not need.fits_as_text
    assert PRESETS[0].text_tokens == need.text_tokens


def test_what_a_need_promises_fits_the_window_to_the_last_token():
    need = need_of(500_000, 65_536, 1_024, question_tokens=50)
    pages = -(-need.visual_tokens // need.tokens_per_page)
    assert need.visual_tokens + 2 * pages + 50 + 1_024 <= 65_536 + 2
    assert need.text_tokens / need.compression == pytest.approx(need.visual_tokens)
    assert need_of(60_000, 65_536, 1_024).fits_as_text


class TestReaching:
    def test_every_setting_told_reaches_it_by_an_exact_count_and_one_dpi_more_does_not(self):
        text, tokens, base = novel()
        found = reaching_settings(text, tokens, base, 5.0)
        for one in found:
            pages = count(text, one.config).pages
            assert one.visual_tokens == sum(page_grid(page.width_px, page.height_px).tokens for page in pages)
            assert one.pages == len(pages)
            assert one.compression >= 5.0
            finer = count(text, replace(one.config, dpi=one.config.dpi + 1)).pages
            assert tokens / sum(page_grid(page.width_px, page.height_px).tokens for page in finer) < 5.0

    def test_the_clearest_print_comes_first_and_is_told_to_be_from_the_table(self):
        text, tokens, base = novel()
        found = reaching_settings(text, tokens, base, 5.0)
        shares = [one.clarity.share_wrong for one in found]
        assert shares == sorted(shares)
        assert {one.clarity.source for one in found} == {ClaritySource.TABLE}
        assert len({(one.config.font_size_pt, one.config.snap_to_28) for one in found}) == len(found) == 8

    def test_stronger_compression_costs_clarity(self):
        text, tokens, base = novel()
        mild, strong = (reaching_settings(text, tokens, base, ratio)[0] for ratio in (3.0, 7.8))
        assert strong.clarity.share_wrong > 5 * mild.clarity.share_wrong
        assert not mild.untrained or "dpi" not in " ".join(mild.untrained)

    def test_what_nothing_reaches_is_said(self):
        text, tokens, base = novel()
        with pytest.raises(WhatIfError, match="No setting tried reaches 5000"):
            reaching_settings(text, tokens, base, 5_000)

    def test_it_stops_when_nobody_wants_it_any_more(self):
        text, tokens, base = novel()
        with pytest.raises(RenderCancelled):
            reaching_settings(text, tokens, base, 5.0, lambda: False)

    def test_a_text_that_only_the_reference_engine_draws_is_refused_in_words(self):
        _, _, base = novel()
        with pytest.raises(WhatIfError, match="cannot be searched on this text"):
            reaching_settings("漢字 and letters. " * 50, 200, replace(base, fallback_fonts=(CJK,)), 5.0)


def test_a_cost_is_tokens_times_price():
    cost = cost_of(150_000, 2_000, Price(0.5, 2.0), questions=10)
    assert cost.prompt == pytest.approx(10 * 0.15 * 0.5)
    assert cost.total == pytest.approx(10 * (0.15 * 0.5 + 0.002 * 2.0))


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: need_of(1_000, 2_000, 2_000), "no room beside an answer of 2,000"),
        (lambda: need_of(0, 2_000, 10), "at least 1"),
        (lambda: Price(-1, 0), "-1 for a million prompt tokens"),
        (lambda: Price(0, float("nan")), "a million answer tokens"),
        (lambda: cost_of(1, 1, Price(0, 0), questions=0), "0 questions"),
        (lambda: reaching_settings(*novel(), float("nan")), "nan×"),
    ],
)
def test_a_wrong_figure_is_refused_by_name(call, word):
    with pytest.raises(WhatIfError, match=word):
        call()
