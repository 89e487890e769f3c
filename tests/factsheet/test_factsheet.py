"""The factsheet: exact strings by rule, the riskiest first, never beyond its bound, told."""

from __future__ import annotations

import time

import pytest

from app.factsheet import make_factsheet
from app.tokens import count_text_tokens

TEXT = """Mara wrote 28045 into the ledger, and key 4f4f7fcd-4465-4f5d-8e7d-71e8a36569a2 beside it. The call is
app.tokens.count_text_tokens(text), its setting max_model_len, its class RenderConfig; see https://example.org/a/b_2 or
write to keeper@example.org. VAR QLMZA = 48213. It cost $12.50 at 3.5 km. On the 3rd day 7 boats came, 28045 again."""


def test_ids_names_of_code_addresses_and_numbers_are_on_it_in_the_texts_order_each_once():
    sheet = make_factsheet(TEXT)
    assert sheet.strings == (
        "28045",
        "4f4f7fcd-4465-4f5d-8e7d-71e8a36569a2",
        "app.tokens.count_text_tokens",
        "max_model_len",
        "RenderConfig",
        "https://example.org/a/b_2",
        "keeper@example.org",
        "QLMZA",
        "48213",
        "$12.50",
        "3.5 km",
    )
    assert all(one in sheet.text for one in sheet.strings)
    assert sheet.left_out == 0


def test_plain_prose_has_none_and_says_so():
    sheet = make_factsheet("It rained on the harbour, and nobody came. The keeper slept.")
    assert (sheet.strings, sheet.text, sheet.tokens) == ((), "", 0)
    assert "no factsheet is sent" in sheet.words


@pytest.mark.parametrize("bound", [1, 40, 100, 512])
def test_it_keeps_to_its_bound_counts_its_tokens_and_tells_what_did_not_fit(bound):
    text = " ".join(f"Box {n:05d} holds key ab{n:04d}-cd." for n in range(10_000, 10_400))
    sheet = make_factsheet(text, bound)
    assert sheet.tokens <= bound
    assert sheet.tokens == (count_text_tokens(sheet.text).value if sheet.text else 0)
    assert len(sheet.strings) + sheet.left_out == 800
    if sheet.strings:
        assert f"{sheet.left_out:,} more did not fit" in sheet.words
        assert all(one.startswith("ab") for one in sheet.strings)  # IDs go before numbers


def test_a_bound_that_is_none_is_refused():
    with pytest.raises(ValueError, match="choose from 1"):
        make_factsheet(TEXT, 0)


def test_text_made_to_be_slow_is_not_slower_than_text_by_an_order():
    """A ratio on the same machine: hostile runs against prose of the same size."""

    def seconds(text: str) -> float:
        began = time.perf_counter()
        make_factsheet(text, 64)
        return time.perf_counter() - began

    prose = seconds(TEXT * 400)
    for hostile in (
        "a_" * 60_000,
        "1." * 60_000,
        "a-" * 60_000,
        "a.b" * 40_000,
        "/a" * 60_000,
        "aA" * 60_000,
        "@." * 60_000,
    ):
        assert seconds(hostile) < 20 * prose + 1.0
