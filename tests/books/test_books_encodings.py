"""Encodings found without being told, and chosen by hand."""

from __future__ import annotations

import os

import pytest

from app.books import CHOOSABLE_ENCODINGS, BookEncodingError, BookNotText, read_book
from tests.books.make_books import shared

SIMPLIFIED = (
    "他说：“这件事我们已经知道了，你们不要再来问我。”于是大家都走了，只有她一个人还坐在门前，看着天上的月亮。\n" * 8
)
TRADITIONAL = (
    "他說：「這件事我們已經知道了，你們不要再來問我。」於是大家都走了，只有她一個人還坐在門前，看著天上的月亮。\n" * 8
)
JAPANESE = "その日は朝から雨が降っていた。私は窓の前に座って、遠くの山を見ながら、彼の言ったことを考えていた。\n" * 8
KOREAN = "그는 아무 말도 하지 않고 그 길을 걸어갔다. 나는 그 사람을 다시 보지 못했다. 이것은 오래된 이야기이다.\n" * 8
FRENCH = "L'été dernier, à la fenêtre, Hélène rêvait. «Où êtes-vous allé ?» Ça ira, cœur naïf…\n" * 8
RUSSIAN = "Вечером они сидели у реки и говорили о том, что было давно и чего уже никогда не будет.\n" * 8


@pytest.mark.parametrize(
    ("text", "written_as", "found"),
    [
        (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (SIMPLIFIED, "utf-16", "utf-16-le"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (SIMPLIFIED, "utf-8", "utf-8"),
        (TRADITIONAL, "big5", "big5"),
        (JAPANESE, "shift_jis", "shift_jis"),
        (JAPANESE, "euc-jp", "euc-jp"),
        (JAPANESE, "iso2022_jp", "iso2022_jp"),
        (KOREAN, "euc-kr", "euc-kr"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH, "utf-8-sig", "utf-8"),
        (FRENCH, "utf-16-be", "utf-16-be"),
        (FRENCH, "utf-32", "utf-32-le"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
    ],
)
def test_the_encoding_is_found(text, written_as, found):
    book = read_book(text.encode(written_as), "a.txt")
    assert book.text == text
    assert book.encoding == found


def test_a_chinese_novel_in_gb18030_reads_like_in_utf_8():
    text = shared("hongloumeng_1.txt").decode()
    book = read_book(text.encode("gb18030"), "a.txt")
    assert (book.text, book.encoding, len(book.chapters)) == (text, "gb18030", 5)


def test_one_accent_in_an_english_text_is_latin():
    book = read_book(b"An English text of some length with a single caf\xe9 in it. " * 3, "a.txt")
    assert "café" in book.text


def test_invalid_bytes_amid_utf_8_leave_the_rest_whole():
    data = FRENCH.encode() + b"\xff\xfe\x81" + FRENCH.encode()
    book = read_book(data, "a.txt")
    assert book.encoding == "utf-8"
    assert book.text.count(FRENCH) == 2
    assert "not valid utf-8" in book.notes[0]


def test_a_character_cut_off_at_the_end_is_left_out():
    book = read_book(("é" * 20).encode()[:-1], "a.txt")
    assert book.text == "é" * 19
    assert book.notes


def test_the_caller_may_choose():
    data = SIMPLIFIED.encode("gb18030")
    assert read_book(data, "a.txt", encoding="gb18030").text == SIMPLIFIED
    assert read_book(FRENCH.encode("cp1252"), "a.txt", encoding="cp1251").text != FRENCH


@pytest.mark.parametrize("name", CHOOSABLE_ENCODINGS)
def test_every_encoding_of_the_menu_exists(name):
    assert read_book("plain words".encode(name), "a.txt", encoding=name).text == "plain words"


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "../x"])
def test_an_unknown_encoding_is_refused_with_the_list(name):
    with pytest.raises(BookEncodingError, match="utf-8"):
        read_book(b"abc", "a.txt", encoding=name)


def test_a_choice_that_destroys_the_text_is_refused():
    with pytest.raises(BookEncodingError, match="would be lost"):
        read_book(SIMPLIFIED.encode("gb18030"), "a.txt", encoding="utf-8")


def test_binary_garbage_is_not_text():
    with pytest.raises(BookNotText, match="control codes"):
        read_book(os.urandom(200_000), "a.txt")
