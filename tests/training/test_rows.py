"""Rows hold what they say: pages, spans, tokens, budgets; and a seed makes them again."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.books.samples import synthetic_novel
from app.styles import RULES, excluded_by
from app.tokens import count_text_tokens, visual_tokens
from app.training.documents import document_of, make_corpus
from app.training.errors import RowSkipped, TrainingError
from app.training.escaping import escape, unescape
from app.training.kinds import Split, Stage, Task
from app.training.making import Limits, Order, Skipped, Source, make_row, make_rows, plan
from app.training.styles import sample_style
from app.training.values import Picture, Words
from renderer import count
from renderer.settings.training_ranges import DPI_BANDS, FONT_SIZES_PT, STYLE_THEMES, untrained_settings


@pytest.fixture(scope="module")
def rows(source):
    orders = plan(11, list(Task), {Split.TRAIN: 4})
    made = [result for result in make_rows(source, orders) if not isinstance(result, Skipped)]
    assert {row.task for row in made} == set(Task)
    return made


def document_for(source, row):
    return next(d for d in source.corpus.documents if d.name == row.document)


def stretches(row):
    """Spans of the document that were drawn by themselves: pages that follow each other without a gap or a text."""
    runs, before = [], None
    for part in row.request:
        if isinstance(part, Picture):
            if isinstance(before, Picture) and before.text_span[1] == part.text_span[0]:
                runs[-1].append(part)
            else:
                runs.append([part])
        before = part
    return runs


def test_each_page_shows_what_the_renderer_says_it_shows(source, rows):
    for row in rows:
        text = document_for(source, row).text
        for pages in stretches(row):
            start, end = pages[0].text_span[0], pages[-1].text_span[1]
            counted = count(text[start:end], row.style.config).pages
            assert [page.text_span for page in pages] == [
                (start + page.text_span[0], start + page.text_span[1]) for page in counted
            ]
            assert [(p.width_px, p.height_px) for p in pages] == [(p.width_px, p.height_px) for p in counted]


def test_an_ocr_row_says_the_text_of_its_pages_and_no_other(source, rows):
    chosen = [row for row in rows if row.task in (Task.OCR, Task.SFT_OCR, Task.GRPO_OCR)]
    assert len(chosen) >= 6
    for row in chosen:
        text = document_for(source, row).text
        shown = "".join(text[slice(*page.text_span)] for page in row.pictures)
        assert row.solution == shown == text[slice(*row.span)]


def test_pages_texts_and_answer_of_pre_training_rows_are_the_span_without_gap_or_overlap(source, rows):
    chosen = [row for row in rows if row.task in (Task.INTERLEAVED, Task.GENERATION)]
    assert len(chosen) >= 4
    for row in chosen:
        text = document_for(source, row).text
        spans = [part.text_span for part in row.request if part.text_span is not None]
        answer = text.index(unescape(row.answer), row.span[0])
        spans = sorted([*spans, (answer, answer + len(row.solution))])
        assert spans[0][0] == row.span[0]
        assert spans[-1][1] == row.span[1]
        assert all(one[1] == other[0] for one, other in pairwise(spans))


def test_tokens_are_counted_and_within_the_budget(source, rows):
    for row in rows:
        texts = [part.text for part in row.request if isinstance(part, Words)] + [row.answer]
        pieces = [piece for text in texts for piece in re.split("(</?think>)", text)]
        tags = sum(piece in ("<think>", "</think>") for piece in pieces)
        assert tags == (2 if row.task.stage is Stage.SFT else 0)
        assert row.tokens.text == tags + sum(
            count_text_tokens(piece).value for piece in pieces if "think>" not in piece
        )
        assert row.tokens.visual == sum(visual_tokens(p.width_px, p.height_px) for p in row.pictures)
        assert row.tokens.marks == 2 * len(row.pictures)
        assert row.tokens.total <= source.limits.most_tokens


def test_mixtures_of_pages_and_text_fill_their_budget():
    text = synthetic_novel(characters=150_000, seed=5).book.text
    corpus = make_corpus([document_of("long", text)], held_out=0, seed=0)
    source = Source(corpus, (), Limits(16_384, 16_384, "code_style"))
    orders = plan(3, [Task.INTERLEAVED, Task.GENERATION], {Split.TRAIN: 4})
    totals = [row.tokens.total for row in make_rows(source, orders) if not isinstance(row, Skipped)]
    assert len(totals) >= 6
    assert max(totals) <= 16_384
    assert sorted(totals)[len(totals) // 2] > 0.7 * 16_384


def test_rows_reach_128k_tokens_and_never_exceed_them():
    text = synthetic_novel(characters=150_000, seed=5).book.text * 6
    corpus = make_corpus([document_of("long", text)], held_out=0, seed=0)
    source = Source(corpus, (), Limits(131_072, 131_072, "document_style"))
    made = [make_row(source, order) for order in plan(9, [Task.OCR, Task.INTERLEAVED], {Split.TRAIN: 5})]
    longest = {task: max(row.tokens.total for row in made if row.task is task) for task in (Task.OCR, Task.INTERLEAVED)}
    assert all(100_000 < tokens <= 131_072 for tokens in longest.values()), longest


def test_a_seed_makes_its_row_again(source, rows):
    for row in rows[::3]:
        assert make_row(source, Order(row.task, row.split, row.seed)) == row


def test_a_known_fact_is_on_the_pages_of_its_question(source, rows):
    chosen = [row for row in rows if row.task in (Task.SFT_QA, Task.GRPO_QA)]
    assert len(chosen) >= 4
    for row in chosen:
        asked = next(q for q in source.questions if escape(q.question) == row.request[-1].text)
        assert row.span[0] <= asked.fact_span[0] < asked.fact_span[1] <= row.span[1]
        assert row.solution == asked.answer
    thought = [row.answer for row in chosen if row.task is Task.SFT_QA]
    assert all(answer.startswith("<think>The pages say: “") and "”</think>" in answer for answer in thought)


def test_more_rows_leave_the_first_ones_as_they_are():
    few, many = (plan(1, [Task.OCR], {Split.TRAIN: n}) for n in (2, 5))
    assert many[:2] == few
    assert len({order.seed for order in many}) == 5


def test_a_question_without_reasoning_gives_no_sft_row(source):
    from app.training.values import AskedQuestion

    document = source.corpus.documents[0]
    bare = Source(source.corpus, (AskedQuestion(document.name, "Who?", "She"),), Limits(100_000, 131_072))
    with pytest.raises(RowSkipped, match="neither reasoning"):
        make_row(bare, Order(Task.SFT_QA, Split.TRAIN, 1))
    assert make_row(bare, Order(Task.GRPO_QA, Split.TRAIN, 1)).solution == "She"


def test_letters_that_no_font_has_give_no_row():
    text = "A line of plain words, and then a rune no font here has: \U00012000.\n" * 40
    source = Source(make_corpus([document_of("runes", text)], held_out=0, seed=0), (), Limits(30_000, 40_000))
    with pytest.raises(RowSkipped, match="no installed font"):
        make_row(source, Order(Task.OCR, Split.TRAIN, 3))


def test_limits_the_wrong_way_round_are_refused():
    with pytest.raises(TrainingError, match="2,000 and the most 1,000"):
        Limits(2_000, 1_000)


def test_stages():
    assert [task.stage for task in Task] == [Stage.CPT] * 3 + [Stage.SFT] * 2 + [Stage.GRPO] * 2


class TestEscaping:
    @given(st.text(alphabet="<\\>|/imageuserthink ", max_size=60) | st.text())
    def test_nothing_is_lost(self, text):
        assert unescape(escape(text)) == text

    @pytest.mark.parametrize("word", ["<image>", "<video>", "<|user|>", "<|image|>", "</think>", "<answer>"])
    @pytest.mark.parametrize("slashes", ["", "\\", "\\\\"])
    def test_no_word_that_a_trainer_acts_on_stays(self, word, slashes):
        text = f"a {word[0]}{slashes}{word[1:]} b {word}"
        assert word not in escape(text)
        assert unescape(escape(text)) == text

    def test_other_text_stays(self):
        assert escape("<b>1 < 2 > 0 <images>") == "<b>1 < 2 > 0 <images>"

    def test_a_row_of_such_a_text_has_one_placeholder_a_page(self):
        from app.training.writers.formats import flat

        text = "He typed <image> and then <|endoftext|> and waited.\n" * 60
        source = Source(make_corpus([document_of("tags", text)], held_out=0, seed=0), (), Limits(30_000, 40_000))
        row = make_row(source, Order(Task.OCR, Split.TRAIN, 5))
        assert flat(row).count("<image>") == len(row.pictures)
        assert "<image>" not in row.answer
        assert "<|" not in row.answer
        assert "<image>" in row.solution


class TestStyles:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 2**64 - 1))
    def test_a_style_lies_within_the_papers_table_and_passes_every_rule(self, seed):
        style = sample_style(random.Random(seed), "Plain words.")
        assert excluded_by(style.config) == ""
        outside = untrained_settings(style.config)
        if ("indent", "hanging") in style.choices:
            outside = tuple(words for words in outside if not words.startswith("First-line indent -"))
        assert outside == ()
        band = next(b for b in DPI_BANDS if b.name == dict(style.choices)["dpi"])
        assert band.lowest <= style.config.dpi <= band.highest
        assert style.theme in (*STYLE_THEMES, "")
        if not style.theme:
            assert style.config.font_size_pt in FONT_SIZES_PT

    def test_every_theme_and_most_choices_come_up(self):
        styles = [sample_style(random.Random(n), "Plain words.") for n in range(400)]
        assert {style.theme for style in styles} == {*STYLE_THEMES, ""}
        free = [dict(style.choices) for style in styles if not style.theme]
        assert {words["alignment"] for words in free} == {"LEFT", "JUSTIFY", "CENTER", "RIGHT"}
        assert {words["margins"] for words in free} == {"equal", "vertical larger", "horizontal larger"}
        assert {words["indent"] for words in free} == {"none", "first line", "block", "hanging"}

    def test_chinese_gets_a_font_that_has_it(self):
        from renderer.fonts.missing_glyphs import missing_glyphs

        style = sample_style(random.Random(2), "天地玄黄")
        assert not missing_glyphs("天地玄黄", style.config.font_path)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"left_indent_pt": 420.0}, "a line is too narrow"),
            ({"page_height_pt": 110.0}, "a page holds too few lines"),
            ({"font_color": "#DDDDDD"}, "letters hardly stand out from what is behind them"),
            ({"dpi": 300}, "the model's image processor would shrink the page"),
            ({"dpi": 18, "page_width_pt": 300.0}, "the page is less than four cells of 28 px wide"),
        ],
    )
    def test_rules_exclude_by_name(self, change, words):
        from dataclasses import replace

        from app.training.styles import THEMES
        from renderer import RenderConfig

        config = RenderConfig.load(THEMES / "document_style.json")
        assert excluded_by(config) == ""
        assert excluded_by(replace(config, **change)) == words
        assert words in {rule.words for rule in RULES}
