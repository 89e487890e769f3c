"""The file that says afterwards what went wrong."""

import logging
import stat
import subprocess
import sys
import threading
import tomllib

import pytest

from app.logbook import MAX_BYTES, OLDER_FILES, close_log, keep_log
from app.paths import ROOT


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "log" / "app.log"
    assert keep_log(path) == path
    yield path
    close_log()


def test_an_error_is_kept_with_its_traceback(book):
    try:
        raise LookupError("page 7 is gone")
    except LookupError:
        logging.getLogger("app.somewhere").exception("A page could not be shown")
    text = book.read_text()
    assert "A page could not be shown" in text
    assert "LookupError: page 7 is gone" in text


def test_what_streamlit_says_of_an_uncaught_exception_is_kept_once(book):
    from streamlit import error_util

    error_util._LOGGER.error("Uncaught app execution", exc_info=ValueError("in a page"))
    assert book.read_text().count("ValueError: in a page") == 1


def test_the_app_has_streamlit_print_exceptions_through_logging():
    settings = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text())
    assert settings["logger"]["enableRich"] is False


def test_the_terminal_hears_of_it_too(tmp_path):
    script = (
        "import logging; from pathlib import Path; from app.logbook import keep_log;"
        f"keep_log(Path({str(tmp_path / 'app.log')!r})); logging.getLogger('app.books').error('torn')"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert told.stderr.count("torn") == 1


def test_an_error_that_ends_a_thread_is_kept(book):
    def work():
        raise RuntimeError("the worker fell")

    thread = threading.Thread(target=work, name="page-worker")
    thread.start()
    thread.join()
    assert "page-worker ended by an error" in book.read_text()
    assert "RuntimeError: the worker fell" in book.read_text()


def test_the_files_stay_bounded(book):
    for number in range(30):
        logging.getLogger("app").error("%d %s", number, "x" * (MAX_BYTES // 4))
    files = list(book.parent.glob("app.log*"))
    assert len(files) == 1 + OLDER_FILES
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES * (1 + OLDER_FILES)


def test_one_endless_message_leaves_room_for_others(book):
    logging.getLogger("app").error("first")
    logging.getLogger("app").error("x" * (10 * MAX_BYTES))
    assert "first" in "".join(path.read_text() for path in book.parent.glob("app.log*"))


def test_no_key_is_written(book, monkeypatch):
    monkeypatch.setenv("GLYPH_TEXT_KEY", "sk-of-somebody")
    logging.getLogger("app").error("sent Authorization: Bearer another-key with sk-of-somebody")
    text = book.read_text()
    assert "sent Authorization: Bearer …" in text
    assert "sk-of-somebody" not in text
    assert "another-key" not in text


def test_only_its_owner_may_read_it(book):
    assert stat.S_IMODE(book.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_leaves_the_app_without_its_log(tmp_path, capsys):
    (tmp_path / "file").write_text("in the way")
    assert keep_log(tmp_path / "file" / "app.log") is None
    assert "Errors cannot be kept in" in capsys.readouterr().err
