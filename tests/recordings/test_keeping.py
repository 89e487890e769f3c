"""What is kept is what was chosen; the environment goes before; what cannot be read keeps the least."""

import pytest

from app.recordings import Keep, KeepChoice
from app.recordings.book_card import book_of


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.delenv("GLYPH_RECORDINGS", raising=False)
    return tmp_path / "recordings" / "keep"


def test_runs_are_kept_whole_until_somebody_says_otherwise(path):
    assert KeepChoice(path).now() is Keep.WHOLE
    assert not KeepChoice(path).fixed


def test_a_choice_is_remembered_by_the_next_process(path):
    KeepChoice(path).choose(Keep.OFF)
    assert KeepChoice(path).now() is Keep.OFF
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("said", "meant"), [("off", Keep.OFF), ("everything", Keep.WITHOUT_BOOK), ("whole", Keep.WHOLE)]
)
def test_the_environment_goes_before(path, monkeypatch, said, meant):
    choice = KeepChoice(path)
    choice.choose(Keep.WHOLE)
    monkeypatch.setenv("GLYPH_RECORDINGS", said)
    assert (choice.now(), choice.fixed) == (meant, True)


def test_a_choice_that_cannot_be_read_leaves_books_out(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe nonsense" * 1000)
    assert KeepChoice(path).now() is Keep.WITHOUT_BOOK


def test_a_choice_that_cannot_be_written_holds_all_the_same(path):
    path.parent.parent.joinpath("recordings").write_text("a file where the folder should be")
    choice = KeepChoice(path)
    with pytest.raises(FileExistsError):
        choice.choose(Keep.OFF)
    assert choice.now() is Keep.OFF


@pytest.mark.parametrize(
    "card",
    [
        b"{",
        b'{"title": "x", "format": "exe", "encoding": "", "byte_count": 1, "chapters": []}',
        b'{"title": "x", "format": "txt", "encoding": "", "byte_count": 1, "chapters": []}',
        b'{"title": "x", "format": "txt", "encoding": "", "byte_count": 1, "chapters": [{"title": "a", "start": 0, "end": 99}]}',
        b'{"title": "x", "format": "txt", "encoding": "", "byte_count": 1, "chapters": [{"title": "a", "start": 3, "end": 2}]}',
        b"[" * 100_000,
    ],
)
def test_a_card_that_does_not_fit_its_text_is_left_aside(card):
    book, questions = book_of("Long ago.", "0" * 64, "Title", card)
    assert (book.title, len(book.chapters), book.chapters[0].end, questions) == ("Title", 1, 9, ())
