"""A growing answer: the same blocks whichever way the pieces fall, and no more work than the text is long."""

import random

import pytest

from app.markdown import stream as markdown_stream
from app.markdown.stream import MarkdownStream, whole
from app.markdown.tree import markdown_tree

ANSWERS = [
    "One paragraph.",
    "# Head\n\nOne *two* three.\n\nFour `five` six.\n",
    "Before.\n\n```python\nif x:\n\n    y = 1\n```\n\nAfter.",
    "1. one\n\n2. two\n\n   more of two\n\n3. three\n\nThen text.",
    "- a\n- b\n\n- c\n\nText.\n\n> quoted\n\n> again\n\nEnd.",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\nafter the table",
    "~~~\n```\nstill code\n\n~~~\n\ndone",
    "An unclosed fence:\n\n```\ncode\n\nand more",
    "9. nine\n\n10. ten\n\n11. eleven\n\nand 12 more\n",
    "\n\n\nleading blank lines\n\n\n\nthen more\n\n",
]


def grown(pieces) -> list:
    stream, done, tail = MarkdownStream(), [], []
    for piece in pieces:
        step = stream.feed(piece)
        done += step.done
        tail = step.tail
    return done + tail


@pytest.mark.parametrize("answer", ANSWERS)
def test_blocks_are_those_of_the_whole_text(answer):
    grown = whole(answer)
    assert grown.done + grown.tail == markdown_tree(answer)


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_pieces_in_which_a_text_comes_change_nothing(answer):
    dice = random.Random(answer)
    for _ in range(40):
        cuts = sorted(dice.choices(range(len(answer) + 1), k=dice.randint(0, 12)))
        pieces = [answer[a:b] for a, b in zip([0, *cuts], [*cuts, len(answer)], strict=True)]
        assert grown(pieces) == markdown_tree(answer)
    assert grown(list(answer)) == markdown_tree(answer)


def test_what_is_done_never_changes_afterwards():
    answer = "\n\n".join(ANSWERS[:7])
    stream, done = MarkdownStream(), []
    for letter in answer:
        done += stream.feed(letter).done
    assert done == markdown_tree(answer)[: len(done)]


def test_of_half_a_link_only_its_words_are_shown():
    assert MarkdownStream().feed("see [the *page*](http://example.org/a").tail == [["p", "see the ", ["em", "page"]]]
    assert whole("see [this](http://example.org/a").tail == [["p", "see [this](http://example.org/a"]]


def test_a_long_answer_is_parsed_block_by_block_not_over_and_over(monkeypatch):
    parsed = []
    monkeypatch.setattr(markdown_stream, "markdown_tree", lambda text: parsed.append(len(text)) or markdown_tree(text))
    paragraph = "A sentence of some words that goes on for a while. " * 4 + "\n\n"
    stream = MarkdownStream()
    for _ in range(200):
        stream.feed(paragraph)
    assert sum(parsed) < 4 * 200 * len(paragraph)
