"""Headings of plain texts: which lines begin a chapter."""

from __future__ import annotations

import pytest

from app.books import read_book
from app.books.headings import number_value

BODY = (
    "\n\nThe keeper lit the lamp and went down to supper, and nothing happened until the morning of the next day.\n\n"
)


def titles(text: str, name: str = "book.txt") -> list[str]:
    return [chapter.title for chapter in read_book(text.encode(), name).chapters]


@pytest.mark.parametrize(
    "headings",
    [
        ["CHAPTER I", "CHAPTER II", "CHAPTER III"],
        ["Chapter 1. The Lamp", "Chapter 2. The Oil", "Chapter 3. The Sand"],
        ["CHAPTER ONE", "CHAPTER TWO", "CHAPTER TWENTY-ONE"],
        ["Chapter the First", "Chapter the Second", "Chapter the Last"],
        ["PROLOGUE", "Chapter 1", "Chapter 2", "EPILOGUE"],
        ["LETTER I", "LETTER II", "LETTER III"],
        ["STAVE ONE: A LAMP", "STAVE TWO: THE OIL"],
        ["第一回 灯塔", "第二回 渡口", "第十二回 归途"],
        ["第一章：海", "第二章：山"],
        ["楔子", "第一章 开始", "第二章 结束", "后记"],
        ["Kapitel 1", "Kapitel 2"],
        ["CHAPITRE II", "CHAPITRE III"],
        ["Глава 1", "Глава 2"],
        ["I", "II", "III", "IV"],
        ["I. A SCANDAL AT SEA", "II. THE RED LAMP", "III. A CASE OF OIL"],
        ["1", "2", "3"],
        ["一", "二", "三"],
    ],
)
def test_these_lines_begin_chapters(headings):
    assert titles("\n\n".join(heading + BODY for heading in headings)) == headings


@pytest.mark.parametrize(
    "line",
    [
        "Chapter 3 of the report describes what the keeper had seen on that night, and",
        "chapters in the Bible, which lasted an hour.  By the time that exercise",
        "Part of the oil was missing.",
        "Book the room, he said.",
        "I went down to the sea.",
        "第一次见面的时候，他什么也没有说。",
        "Act as if nothing had happened",
    ],
)
def test_these_lines_do_not(line):
    text = f"CHAPTER I{BODY}{line}{BODY}CHAPTER II{BODY}"
    assert titles(text) == ["CHAPTER I", "CHAPTER II"]


def test_a_table_of_contents_is_not_taken_for_the_chapters():
    names = ["The Lamp", "The Oil", "The Sand", "The Chart"]
    contents = "CONTENTS\n\n" + "\n".join(f" CHAPTER {i}. {name}" for i, name in enumerate(names, 1))
    text = (
        "A BOOK\n\n" + contents + "\n\n\n" + "".join(f"CHAPTER {i}\n\n{name}{BODY}" for i, name in enumerate(names, 1))
    )
    book = read_book(text.encode(), "book.txt")
    assert [c.title for c in book.chapters] == [f"CHAPTER {i}. {name}" for i, name in enumerate(names, 1)]
    assert book.chapters[0].start == text.index("CHAPTER 1\n\n")


@pytest.mark.parametrize(
    ("contents", "headings", "expected"),
    [
        (
            "Letter 1\n Letter 2\n Chapter 1",
            ["Letter 1", "Letter 2", "Chapter 1"],
            ["Letter 1", "Letter 2", "Chapter 1"],
        ),
        (
            "Book the First--Lamps\n\n CHAPTER I      The Oil\n CHAPTER II     The Sand\n\n\n Book the Second--Sea\n\n CHAPTER I",
            [
                "Book the First--Lamps\n\n\nCHAPTER I.\nThe Oil",
                "CHAPTER II.\nThe Sand",
                "Book the Second--Sea\n\n\nCHAPTER I.\nFoam",
            ],
            ["CHAPTER I. The Oil", "CHAPTER II. The Sand", "CHAPTER I. Foam"],
        ),
        (
            "CHAPTER I\n\n                                     Page\n\nThe Keeper's Journal                                  1\n\n"
            "CHAPTER II\n\nThe Journal of the Inspector                            14\n\n\n\n\nTHE LAMP",
            ["CHAPTER I\n\nTHE KEEPER'S JOURNAL\n\n(_Kept in shorthand._)", "CHAPTER II\n\nTHE JOURNAL--_continued_"],
            ["CHAPTER I. THE KEEPER'S JOURNAL", "CHAPTER II. THE JOURNAL--continued"],
        ),
        ("第一回 海\n第二回 山", ["第一回 海", "第二回 山"], ["第一回 海", "第二回 山"]),
    ],
)
def test_tables_of_contents_of_many_shapes_are_passed_over(contents, headings, expected):
    text = f"A BOOK\n\nContents\n\n {contents}\n\n\n\n" + "".join(heading + BODY for heading in headings)
    assert titles(text) == expected


def test_chapters_that_start_again_in_each_part_are_told_apart():
    text = "".join(f"PART {p}\n\n" + "".join(f"CHAPTER {c}{BODY}" for c in ("I", "II")) for p in ("ONE", "TWO"))
    assert titles(text) == [f"PART {p} — CHAPTER {c}" for p in ("ONE", "TWO") for c in ("I", "II")]


def test_a_heading_may_stand_right_above_a_paragraph_of_one_line():
    text = "\n".join(
        f"CHAPTER {n}\n" + "The keeper lit the lamp and went down to supper. " * 5 for n in ("I", "II", "III")
    )
    assert titles(text) == ["CHAPTER I", "CHAPTER II", "CHAPTER III"]


@pytest.mark.parametrize(
    ("numeral", "value"), [("XIV", 14), ("7", 7), ("十二", 12), ("二十", 20), ("百二", 102), ("abc", None)]
)
def test_numerals_have_their_values(numeral, value):
    assert number_value(numeral) == value
