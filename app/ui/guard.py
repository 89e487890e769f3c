"""What happens when our own code fails: the part that failed says so in words, the rest of the page and the session stay.

Bulkhead pattern: every page, the parts of Compare, each ticking fragment and each callback is guarded by itself, so that
an error in a chart takes neither the conversation nor the question's box with it. The traceback goes to the log file.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import streamlit as st

from app.books import BookError
from app.clients import ClientError
from app.comparisons import LiveError
from app.evaluation import EvaluationError
from app.logbook import log_path
from app.paths import DATA
from app.recordings import RecordingError
from app.serving import ServingError
from app.ui.outside import plain
from app.ui.session import say, session
from renderer import RenderError

_log = logging.getLogger("app.ui")
_FOR_PEOPLE = (
    BookError,
    ClientError,
    EvaluationError,
    LiveError,
    RecordingError,
    RenderError,
    ServingError,
)  # their words are shown as they are
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Draw one part of a page. `what` begins the sentence: "The chart of times could not be drawn"."""
    try:
        yield
    except Exception as error:  # Streamlit's own control flow is a BaseException and passes
        st.error(plain(_told(what, error)), icon=":material/error:")


def safely(callback: Callable[..., Any]) -> Callable[..., Any]:
    """A widget's callback: an error in it is told, and the page is drawn as it was."""

    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            callback(*args, **kwargs)
        except Exception as error:
            say(_told("What you asked for could not be done", error), grave=True)

    return run


def ticking(every_s: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A fragment that is drawn again every `every_s` seconds, guarded: it runs outside the page's own guard."""

    def wrap(draw: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(draw)
        def run(*args: Any, **kwargs: Any) -> None:
            with guarded("This part of the page could not be drawn"):
                draw(*args, **kwargs)

        return st.fragment(run, run_every=every_s)

    return wrap


def draw_again() -> None:
    """From a ticking fragment: draw the whole page, because what it waited for has come.

    Not while the whole page is being drawn, when the fragment is drawn for the first time: that would throw away what this
    rerun was sent with (a question, a click) before the page came to it. The next tick asks again.
    """
    if not session().drawing:
        st.rerun(scope="app")


def _told(what: str, error: Exception) -> str:
    """Log it, and say it for people."""
    if _not_ours(error):
        _log.warning("%s: %s", what, error)
    elif not isinstance(error, _FOR_PEOPLE):
        _log.error("%s.", what, exc_info=error)
    return failure_words(what, error)


def _not_ours(error: Exception) -> bool:
    """Something about this machine, which the message names: no traceback helps."""
    return isinstance(error, OSError) and error.errno in (*_NO_SPACE, *_NOT_ALLOWED, errno.ENOENT)


def failure_words(what: str, error: Exception) -> str:
    """What happened, what is left, what to do, and where to look."""
    if isinstance(error, _FOR_PEOPLE):
        return f"{what}. {error}"
    kept = "The book, the settings and the conversation are kept."
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return f"{what}: the disk that holds {DATA} is full. {kept} Free some space there, then try again."
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{what}: the file {error.filename} is no longer there. {kept} Put it back; or, if it is a font, choose another one."
    if isinstance(error, OSError) and error.errno in _NOT_ALLOWED:
        place = error.filename or DATA
        return (
            f"{what}: {place} may not be read or written ({error.strerror}). {kept} "
            f"Give this user the right to write in {DATA}, or name another folder with GLYPH_DATA and start again."
        )
    return (
        f"{what}, by an error of this app ({type(error).__name__}). {kept} Try again; if it comes back, "
        f"change what you did last, and report it with the last lines of {log_path()}."
    )
