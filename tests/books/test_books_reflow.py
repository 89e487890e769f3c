"""Reflow: wrapped prose joined, everything else left alone, no word lost, offsets carried over."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.books import BookFormat, chapter_at, read_book, reflow, reflow_book
from app.books.samples import synthetic_novel
from tests.books.make_books import PROSE, shared


def wrap(text: str, width: int = 72) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False))


WRAPPED = "\n\n".join(wrap(PROSE * n) for n in (2, 3, 1, 4))


def test_jane_eyre_reflowed_has_the_words_of_the_flowing_edition_in_order():
    book = reflow_book(read_book(shared("jane_eyre.txt"), "jane_eyre.txt"), blank_lines="drop")
    flow = shared("jane_eyre_flow.txt").decode()
    assert book.text.split() == flow.split()
    assert len(book.chapters) == 38
    assert all(book.text[c.start :].startswith("CHAPTER") for c in book.chapters)
    # Verse keeps its lines; but for it the paragraphs are those of the flowing edition.
    paragraphs = {" ".join(line.split()) for line in flow.split("\n")}
    ours = [" ".join(line.split()) for line in book.text.split("\n")]
    assert sum(line in paragraphs for line in ours) > 0.97 * len(paragraphs)


def test_reflowing_what_flows_already_changes_nothing():
    flow = shared("jane_eyre_flow.txt").decode()
    assert reflow(flow).text == flow
    assert reflow(flow, "drop").text == flow.rstrip("\n") + ("\n" if flow.endswith("\n") else "")


def test_wrapped_paragraphs_become_one_line_each():
    done = reflow(WRAPPED)
    assert done.text.split("\n\n") == [(PROSE * n).strip() for n in (2, 3, 1, 4)]
    assert done.joined_lines == WRAPPED.count("\n") - 2 * 3
    assert reflow(WRAPPED, "drop").text == done.text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    "block",
    [
        "   The tide goes out, the tide comes in,\n   The keeper counts his lamps again,\n   And what was sand is sea.",
        "The lamp is lit, the glass is clean,\nThe boats are in from sea,\nAnd all that I have never seen\nIs coming home to me.",
        "- bread\n- salt and a longer list of the things that one might need\n- a lamp",
        "1. First\n2. Second\n3. Third",
        "| name | steps |\n|------|-------|\n| Corrin Point lighthouse on the northern coast | 163 |\n| Hallam | 90 |",
        "name          steps       oil\nCorrin        163         41\nHallam        90          12",
        "def lamp(oil):\n    if oil > 41:\n        return False\n    return oil * 2",
        "Thornfield Road 12,\nMarrick,\nThe Coast.",
        "```\na line of code which is rather long and so reaches the margin of the text here\nx = 1\n```",
        "* * *",
        "# Heading\n## Another",
    ],
)
def test_verse_lists_tables_and_code_amid_prose_are_left_alone(block):
    text = f"{WRAPPED}\n\n{block}\n\n{WRAPPED}\n"
    assert f"\n\n{block}\n\n" in reflow(text).text


def test_a_wrapped_list_item_is_joined_to_its_own_lines_only():
    items = ["- " + PROSE.strip(), "- " + PROSE.strip()]
    block = "\n".join("\n  ".join(textwrap.wrap(item, 70)) for item in items)
    done = reflow(f"{WRAPPED}\n\n{block}\n").text
    assert done.endswith("\n\n" + "\n".join(items) + "\n")


def test_indented_paragraphs_without_blank_lines_stay_apart():
    text = "\n".join("    " + wrap(PROSE * 2, 68) for _ in range(4))
    assert reflow(text).text.split("\n") == ["    " + (PROSE * 2).strip()] * 4


def test_chinese_lines_join_without_a_space():
    sentence = "他们在渡口等了很久，河上的雾慢慢散开，远处传来了钟声，船夫说今天不会再有船了。"
    paragraph = sentence * 4
    lines = "\n".join(paragraph[i : i + 36] for i in range(0, len(paragraph), 36))
    text = "\n\n".join([lines] * 4)
    assert reflow(text).text == "\n\n".join([paragraph] * 4)


def test_code_and_books_that_know_their_paragraphs_are_not_joined():
    code = read_book(WRAPPED.encode(), "a.py")
    assert reflow_book(code, "drop") is code
    page = read_book(f"<html><body><p>{'</p><p>'.join(WRAPPED.split(chr(10)))}</p></body></html>".encode(), "a.html")
    assert page.format is BookFormat.HTML
    assert reflow_book(page).text == page.text


def test_offsets_lead_to_the_same_words():
    done = reflow(WRAPPED, "drop")
    for old in range(0, len(WRAPPED), 7):
        if WRAPPED[old : old + 6].isalpha():
            assert done.text.startswith(WRAPPED[old : old + 6], done.offset(old))


def test_chapters_move_with_their_text():
    text = "\n\n\n".join(f"CHAPTER {i}\n\n{WRAPPED}" for i in range(1, 6))
    book = reflow_book(read_book(text.encode(), "a.txt"), "drop")
    assert [book.text[c.start : c.start + 9] for c in book.chapters] == [f"CHAPTER {i}" for i in range(1, 6)]
    assert book.chapters[-1].end == len(book.text)
    assert chapter_at(book, book.text.index("CHAPTER 3")).title == "CHAPTER 3"
    assert "lines joined" in book.notes[-1]


def test_a_generated_novel_wrapped_and_reflowed_is_itself_again():
    text = synthetic_novel(characters=60_000, seed=5).book.text
    paragraphs = [line for line in text.split("\n") if line]
    wrapped = "\n\n".join(wrap(p, 74) for p in paragraphs)
    assert reflow(wrapped).text == "\n\n".join(paragraphs)


_WORD = st.text(alphabet="abcdefgXYZ.,;-'\"ÀéЖ中あ#*|>`{}12", min_size=1, max_size=18)
_LINE = st.builds(
    lambda indent, words, end: indent + " ".join(words) + end,
    st.sampled_from(["", "", " ", "    ", "\t", "　"]),
    st.lists(_WORD, max_size=16),
    st.sampled_from(["", "", " ", "  "]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_LINE, max_size=40), st.sampled_from(["keep", "drop"]))
def test_no_character_of_any_word_is_ever_lost(lines, blank_lines):
    text = "\n".join(lines)
    done = reflow(text, blank_lines)
    assert "".join(done.text.split()) == "".join(text.split())
    if not any(c in text for c in "中あ"):
        assert done.text.split() == text.split()


@settings(max_examples=100, deadline=None)
@given(st.lists(_LINE, max_size=30), st.integers(30, 90))
def test_wrapping_and_reflowing_loses_no_word(lines, width):
    text = "\n\n".join(wrap(line, width) for line in lines)
    assert "".join(reflow(text).text.split()) == "".join(text.split())


def test_a_wrong_choice_for_blank_lines_names_the_right_ones():
    with pytest.raises(ValueError, match="'keep' or 'drop'"):
        reflow("a", "maybe")
