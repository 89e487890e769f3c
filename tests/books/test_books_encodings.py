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


def notes_of(data: bytes) -> str:
    return " ".join(read_book(data, "a.txt").notes)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"An English text with a single caf\xe9 in it. ", "only 1 of its bytes"),
        (RUSSIAN.encode("mac-cyrillic"), "Windows-1251"),
        (b"\xb0\xb1\xb2 \xa4\xa6\xa8 \xd7\xf7 \xb6\xa7 plain words about lamps", "no language"),
    ],
)
def test_a_doubtful_guess_says_so_and_names_the_menu(data, says):
    notes = notes_of(data)
    assert "is a guess" in notes
    assert says in notes
    assert "menu of encodings" in notes


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r"])
def test_a_sure_guess_says_nothing(codec):
    assert read_book(RUSSIAN.encode(codec), "a.txt").notes == ()


@pytest.mark.parametrize("other", ["gb18030", "big5", "shift_jis"])
def test_lines_in_another_encoding_than_utf_8_are_read_in_theirs(other):
    text = {"gb18030": SIMPLIFIED, "big5": TRADITIONAL, "shift_jis": JAPANESE}[other]
    book = read_book(text.encode() + text.encode(other) + text.encode(), "a.txt")
    assert book.text == 3 * text
    assert "8 lines are not in UTF-8" in book.notes[0]


def test_short_western_lines_amid_utf_8_are_read_too():
    book = read_book("été à Évian\n".encode() * 20 + "forêt brûlée, où êtes-vous\n".encode("cp1252") * 20, "a.txt")
    assert book.text == "été à Évian\n" * 20 + "forêt brûlée, où êtes-vous\n" * 20


def test_a_text_in_gbk_with_short_lines_is_not_taken_for_utf_8_in_part():
    text = "他们\n我们\n知道\n这件\n事情\n已经\n来了\n回去\n一些\n人们\n" * 30
    assert read_book(text.encode("gbk"), "a.txt").text == text


PLAIN = "The ferry left the landing at noon, with nine passengers and a crate of hens.\n" * 200


@pytest.mark.parametrize("padding", [b"\0" * 3, b"\0" * 40_000])
@pytest.mark.parametrize("text", [PLAIN, FRENCH, RUSSIAN])
def test_zero_bytes_at_the_end_are_left_out(text, padding):
    for codec in ("utf-8", "cp1251" if text is RUSSIAN else "cp1252"):
        book = read_book(text.encode(codec) + padding, "a.txt")
        assert book.text == text
        assert "zero bytes of padding" in book.notes[-1]


def test_zero_bytes_between_records_are_left_out():
    assert read_book(b"one record" + bytes(90) + b" and another" + bytes(90) + b" word" * 90, "a.txt").text.startswith(
        "one record and another"
    )


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("where", ["start", "middle", "end", "lost"])
def test_one_odd_byte_does_not_garble_utf_16(codec, where):
    whole = PLAIN.encode(codec)
    data = {
        "start": b"\n" + whole,
        "middle": whole[:7_001] + b"x" + whole[7_001:],
        "end": whole + b"\n",
        "lost": whole[:7_000] + whole[7_001:],
    }[where]
    book = read_book(data, "a.txt")
    assert book.text.count(PLAIN[:77]) >= 198
    assert "half a character" in " ".join(book.notes)


@pytest.mark.parametrize("text", [PLAIN, RUSSIAN, KOREAN, JAPANESE, "سار الرجل إلى البيت في المساء.\n" * 9])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_found_without_a_mark(text, codec):
    assert read_book(text.encode(codec), "a.txt").text == text


def test_surrogates_written_as_utf_8_become_the_characters_they_mean():
    data = "a lamp 💡 and a lone half ".encode("utf-16-le").decode("utf-16-le").encode()
    cesu = data.replace("💡".encode(), "\ud83d\udca1".encode("utf-8", "surrogatepass"))
    book = read_book(cesu + b"\xed\xa0\x80 end", "a.txt")
    assert book.text == "a lamp 💡 and a lone half \ufffd end"
    assert "not valid utf-8" in book.notes[0]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\r", "\r\r\n", "\x85", "\u2028", "\x0b"])
def test_every_kind_of_line_end_ends_one_line(end):
    text = "One line of a text.\nAnother.\n\nA paragraph.\n"
    data = text.replace("\n", end).encode()
    assert read_book(data, "a.txt").text == text


def test_a_text_of_next_line_controls_is_read_in_one_pass():
    # Each search from the begin of half a million characters would take minutes.
    book = read_book(("a\x85" * 250_000).encode(), "a.txt")
    assert book.text == "a\n" * 250_000


def test_a_letter_under_a_million_marks_is_read_in_time():
    # Bringing one run of marks in order takes time by the square of its length.
    text = "a" + "\u0316\u0301" * 250_000
    assert len(read_book(text.encode(), "a.txt").text) >= 499_000


@pytest.mark.parametrize("codec", ["cp874", "cp1254", "cp1257", "big5hkscs"])
def test_letters_of_a_legacy_encoding_are_not_repaired_as_if_they_were_utf_8(codec):
    text = {
        "cp874": "ร่มยอยรัร" * 40,
        "cp1254": "ğ ışık ÄŸ Ã§ Ã¼ güçlü " * 40,
        "cp1257": "šī ūdens Ā Å« žēl " * 40,
        "big5hkscs": "喺度嘅嘢" * 40,
    }[codec]
    book = read_book(text.encode(codec, "ignore"), "a.txt", encoding=codec)
    assert not any("repaired" in note for note in book.notes)
