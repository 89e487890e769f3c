"""The bundled story and the generated novels."""

from __future__ import annotations

import pytest

from app.books.samples import story, synthetic_novel
from app.tokens import count_text_tokens


def test_the_story_has_some_four_thousand_tokens_and_five_chapters():
    sample = story()
    assert 3_500 <= count_text_tokens(sample.book.text).value <= 4_500
    assert len(sample.book.chapters) == 5
    assert len(sample.questions) >= 10
    assert all(q.question.endswith("?") and q.answer for q in sample.questions)


def test_the_story_holds_the_names_of_its_answers():
    text = story().book.text
    for name in ("Saint Orlan", "Osk and Daughter", "Edric Sole", "Perpetua", "Lucan Frey", "powder store"):
        assert name in text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("tokens", [2_000, 50_000])
def test_a_novel_has_about_the_tokens_asked_for(language, tokens):
    sample = synthetic_novel(text_tokens=tokens, seed=3, language=language)
    assert count_text_tokens(sample.book.text).value == pytest.approx(tokens, rel=0.08)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_facts_stand_once_each_spread_evenly_with_their_answers_in_them(language):
    sample = synthetic_novel(characters=200_000, seed=1, facts=20, language=language)
    text = sample.book.text
    assert len(sample.questions) == 20
    for index, question in enumerate(sample.questions):
        fact = text[slice(*question.fact_span)]
        assert text.count(fact) == 1
        assert all(part in fact for part in question.answer.replace("the ", "").split(" crowns, for ")[:1])
        assert question.fact_span[0] / len(text) == pytest.approx((index + 0.5) / 20, abs=0.02)
    assert len({q.question for q in sample.questions}) == 20


def test_the_same_seed_gives_the_same_book_and_another_another():
    one, two = (synthetic_novel(characters=20_000, seed=7) for _ in range(2))
    assert one == two
    assert synthetic_novel(characters=20_000, seed=8).book.text != one.book.text


def test_chapters_of_a_novel_begin_with_their_headings():
    book = synthetic_novel(characters=100_000, seed=2).book
    assert len(book.chapters) > 4
    assert all(book.text.startswith(c.title, c.start) for c in book.chapters)
    assert book.chapters[-1].end == len(book.text)


@pytest.mark.parametrize(
    "arguments", [{}, {"characters": 5}, {"characters": 9_000, "facts": 99}, {"characters": 9_000, "language": "xx"}]
)
def test_impossible_novels_are_refused(arguments):
    with pytest.raises(ValueError, match=r"choose|Give"):
        synthetic_novel(**arguments)
