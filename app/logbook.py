"""What went wrong inside the app, kept in a file: the records of every logger, and what ends a thread.

    DATA/log/app.log, app.log.1 …   warnings and errors with their tracebacks, at most MAX_BYTES × (1 + OLDER_FILES)

In: Python's logging. Out: the file, and its path for people. Secrets are replaced before a line is written. Knows nothing
of Streamlit, though it listens to its loggers: they do not hand their records on, so each is given the file by itself.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import re
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path

from app.paths import DATA, make_private

LOG_DIR = DATA / "log"
APP_LOG = "app.log"
CRASH_LOG = "crash.log"  # where the interpreter itself fell: it has no time left for a logger
MAX_BYTES = 1_000_000
OLDER_FILES = 3
# Loggers that print what they hear themselves and pass nothing on, also those not made yet when the book is opened.
_KEEP_TO_THEMSELVES = ("streamlit", "streamlit.error_util", "uvicorn", "uvicorn.error")
_LINE = "%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"
_BEARER = re.compile(r"(?i)\b(bearer\s+)[^\s'\"]+")
_SECRET_NAME = re.compile(r"(?i)(_|^)(key|token|secret|password)$")
_SHORTEST_SECRET = 6  # characters; anything shorter would also stand in ordinary words


def log_path() -> Path:
    """Where errors of this process are written, to be named to people; the file may not be there yet."""
    return LOG_DIR / APP_LOG


def keep_log(path: Path | None = None) -> Path | None:
    """Write every warning and error of this process to `path` from now on. Once a process; a second call changes nothing.

    Returns the file, or None where it cannot be written (told on stderr): the app is worth having without its log.
    """
    path = path or log_path()
    root = logging.getLogger()
    if any(isinstance(handler, _Book) for handler in root.handlers):
        return path
    try:
        make_private(path.parent)
        book = _Book(path)
    except OSError as error:
        print(f"Errors cannot be kept in {path}: {error.strerror}. They are shown here only.", file=sys.stderr)
        return None
    if not root.handlers:  # without one Python prints what nobody else handles: the file must not silence the terminal
        root.addHandler(_Terminal())
    for logger in (root, *_loggers_that_pass_nothing_on()):
        logger.addHandler(book)
    threading.excepthook = _log_thread
    try:
        faulthandler.enable((path.parent / CRASH_LOG).open("a"))
    except OSError:
        pass
    return path


def close_log() -> None:
    """Undo `keep_log`: for tests."""
    loggers = (logging.getLogger(), *_loggers_that_pass_nothing_on())
    books = {handler for logger in loggers for handler in logger.handlers if isinstance(handler, _Book | _Terminal)}
    for book in books:
        for logger in loggers:
            logger.removeHandler(book)
        book.close()
    if books:
        threading.excepthook = threading.__excepthook__
        faulthandler.disable()


class _Book(RotatingFileHandler):
    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=MAX_BYTES, backupCount=OLDER_FILES, encoding="utf-8", errors="backslashreplace")
        self.setLevel(logging.WARNING)
        self.setFormatter(_WithoutSecrets(_LINE))

    def emit(self, record: logging.LogRecord) -> None:
        """Once a record, though several loggers on its way up may hold this handler."""
        if not getattr(record, "in_logbook", False):
            record.in_logbook = True
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk loses lines of the log, and nothing else."""


class _Terminal(logging.StreamHandler):
    def __init__(self) -> None:
        super().__init__()
        self.setLevel(logging.WARNING)
        self.setFormatter(_WithoutSecrets(_LINE))


class _WithoutSecrets(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = _BEARER.sub(r"\1…", super().format(record))
        for name, value in os.environ.items():
            if len(value) >= _SHORTEST_SECRET and _SECRET_NAME.search(name):
                text = text.replace(value, "…")
        return text[: MAX_BYTES // 2]  # one endless message must not push out all others


def _loggers_that_pass_nothing_on() -> tuple[logging.Logger, ...]:
    known = logging.root.manager.loggerDict
    names = {name for name, logger in known.items() if isinstance(logger, logging.Logger) and not logger.propagate}
    names.update(_KEEP_TO_THEMSELVES)
    return tuple(logging.getLogger(name) for name in sorted(names))


def _log_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_type is SystemExit:
        return
    name = what.thread.name if what.thread else "a thread"
    logging.getLogger("app").error("%s ended by an error", name, exc_info=what.exc_value)
