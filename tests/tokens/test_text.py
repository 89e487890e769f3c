"""Text tokens: Qwen's, offline, exact; spans and cuts that add up."""

import itertools
import random
import subprocess
import sys
import time
import unicodedata
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tokens import CountSource, RanksMissing, count_text_tokens, cut_middle, encode_spans, qwen
from app.tokens import text_tokens as text_module

ROOT = Path(__file__).resolve().parents[2]


def whole(text: str) -> int:
    """Tokens of the text counted in one go, without segments."""
    return len(qwen.encoding().encode_ordinary(qwen.normalised(text)))


def words(count: int, seed: int = 3) -> str:
    dice = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    gaps = (" ", " ", " ", "\n", "\n\n", "  ", ", ", ".\r\n", "'s ", " — ", "\u3000", "\t")
    return (
        "".join("".join(dice.choices(letters, k=dice.randint(1, 9))) + dice.choice(gaps) for _ in range(count))
        + "尾聲" * 50
    )


class TestCounting:
    def test_a_whole_novel_counts_as_qwen_counts_it(self, shared_dir):
        text = (shared_dir / "data" / "jane_eyre_flow.txt").read_text(encoding="utf-8")
        count = count_text_tokens(text)
        assert count.value == 243_630
        assert count.source is CountSource.TOKENIZER

    @pytest.mark.parametrize(
        ("text", "tokens"),
        # Known from Qwen's own tokenizer: digits one by one, contractions apart, a space before a word is part of it.
        [("", 0), ("Hello world", 2), ("12345", 5), ("don't", 2), ("\n\n", 1), ("你好", 1)],
    )
    def test_known_texts(self, text, tokens):
        assert count_text_tokens(text).value == tokens

    def test_special_tokens_in_a_book_are_ordinary_text(self):
        assert count_text_tokens("<|im_start|>").value > 1
        assert count_text_tokens("<|endoftext|>").value > 1

    def test_decomposed_text_counts_as_composed(self):
        text = "Café naïve Ångström " * 20
        assert count_text_tokens(unicodedata.normalize("NFD", text)) == count_text_tokens(text)

    def test_segments_change_no_count(self):
        text = words(120_000)
        assert len(list(qwen.segments(text))) > 3
        assert "".join(qwen.segments(text)) == text
        assert count_text_tokens(text).value == whole(text)

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet="ab ,.'s\n\r\t1中\u3000\x1c\u00e9-", min_size=1, max_size=60))
    def test_every_cut_of_a_segment_is_between_pieces(self, text):
        cuts = [0, *(found.start() for found in qwen._CUT.finditer(text)), len(text)]
        parts = [text[a:b] for a, b in itertools.pairwise(cuts)]
        ids = [token for part in parts for token in qwen.encoding().encode_ordinary(part)]
        assert ids == qwen.encoding().encode_ordinary(text)

    @pytest.mark.timeout(90)
    @pytest.mark.parametrize("unit", ["a", " ", "\n", "-", "中", "word "])
    def test_ten_megabytes_in_one_line_take_seconds(self, unit):
        began = time.process_time()  # ours alone, whatever else the machine does
        assert count_text_tokens(unit * (10_000_000 // len(unit.encode()))).value > 1000
        assert time.process_time() - began < 30  # 0.5 to 3 s

    def test_half_a_character_is_counted_not_fatal(self):
        assert count_text_tokens("a\ud800b").value == count_text_tokens("a\ufffdb").value

    def test_neither_the_network_nor_dashscope_is_touched(self):
        code = (
            "import socket, sys\n"
            "socket.socket.connect = lambda *a: sys.exit('connected')\n"
            "from app.tokens import count_text_tokens\n"
            "assert count_text_tokens('Hello world').value == 2\n"
            "assert 'dashscope' not in sys.modules, 'imported'\n"
        )
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

    def test_missing_ranks_say_how_to_get_them(self, monkeypatch):
        monkeypatch.setattr(qwen.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(RanksMissing, match=r"requirements\.txt"):
            qwen.ranks_path()

    def test_another_vocabulary_is_refused(self, tmp_path):
        path = tmp_path / "qwen.tiktoken"
        path.write_bytes(b"IQ== 0\nIg== 1\n")
        with pytest.raises(RanksMissing, match="2 entries, 151,643"):
            qwen._read_ranks(path)


class TestSpans:
    @settings(max_examples=150, deadline=None)
    @given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
    def test_there_is_an_end_for_each_token_and_the_last_is_the_texts(self, text):
        ends = encode_spans(text)
        assert len(ends) == count_text_tokens(text).value
        assert all(a <= b for a, b in itertools.pairwise(ends))
        assert not text or ends[-1] == len(text)

    def test_ends_lie_behind_each_tokens_text(self):
        assert encode_spans("Hello world, 12").tolist() == [5, 11, 12, 13, 14, 15]

    def test_a_character_of_several_tokens_ends_once(self):
        text = "𓀀x"
        ends = encode_spans(text).tolist()
        assert len(ends) > 2
        assert ends[-2:] == [1, 2]
        assert set(ends[:-2]) == {0}

    def test_ends_of_decomposed_text_are_in_its_own_characters(self):
        composed, decomposed = "Café noir", unicodedata.normalize("NFD", "Café noir")
        at = {end: end + (end > 3) for end in encode_spans(composed).tolist()}
        assert encode_spans(decomposed).tolist() == [at[end] for end in encode_spans(composed).tolist()]


class TestCuttingTheMiddle:
    def test_what_fits_is_left_whole(self):
        cut = cut_middle("Hello world", 2)
        assert (cut.text, cut.kept_tokens, cut.removed_tokens, cut.removed_span) == ("Hello world", 2, 0, None)

    def test_beginning_and_end_are_kept_in_equal_parts(self):
        text = words(5_000)
        total = count_text_tokens(text).value
        cut = cut_middle(text, 1_000)
        start, end = cut.removed_span
        assert cut.text == text[:start] + text[end:]
        assert 990 <= cut.kept_tokens <= 1_000
        assert cut.kept_tokens == count_text_tokens(cut.text).value
        assert cut.removed_tokens == total - cut.kept_tokens
        assert abs(count_text_tokens(text[:start]).value - count_text_tokens(text[end:]).value) <= 3

    @settings(max_examples=150, deadline=None)
    @given(st.text(alphabet="ab é中𓀀e\u0301\n 1,", max_size=60), st.integers(0, 40))
    def test_a_cut_never_exceeds_its_limit_nor_splits_a_character(self, text, limit):
        cut = cut_middle(text, limit)
        assert cut.kept_tokens == count_text_tokens(cut.text).value <= limit
        if cut.removed_span is None:
            assert cut.text == text
        else:
            start, end = cut.removed_span
            assert 0 <= start <= end <= len(text)
            assert cut.text == text[:start] + text[end:]

    def test_a_negative_limit_is_a_mistake(self):
        with pytest.raises(ValueError, match="-1"):
            cut_middle("text", -1)


def test_a_text_asked_for_by_many_at_once_is_counted_once(monkeypatch):
    asked = []

    def slow_count(text: str) -> int:
        asked.append(text)
        time.sleep(0.2)
        return 7

    monkeypatch.setattr(qwen, "count_ids", slow_count)
    monkeypatch.setattr(text_module, "_counted", OrderedDict())
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(count_text_tokens, ["a text that nobody else counts"] * 8))
    assert {count.value for count in counts} == {7}
    assert len(asked) == 1


def test_a_count_that_failed_is_tried_again(monkeypatch):
    text = "another text that nobody else counts"
    monkeypatch.setattr(qwen, "count_ids", lambda _: 1 / 0)
    monkeypatch.setattr(text_module, "_counted", OrderedDict())
    with pytest.raises(ZeroDivisionError):
        count_text_tokens(text)
    monkeypatch.undo()
    assert count_text_tokens(text).value > 0
