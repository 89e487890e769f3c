"""The app as one server: Streamlit's pages, our routes, and what starts and ends with the process.

Out: what app/main.py makes its App of. In the lifespan the servers are found (or the simulator started), slow imports
are done and compiled code is loaded, so that no user's first click pays for them.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import psutil
from starlette.routing import Route

from app.bookshelf.reader import book_reader
from app.checking import forget as forget_indexes
from app.comparisons import registry
from app.endpoints.finding import server_watch, stop_own_simulator
from app.evaluation import evaluation_desk
from app.logbook import LOG_DIR, keep_log
from app.pagefiles.jobs import page_jobs
from app.paths import DATA, PAGES_OUT, prepare_data, why_unwritable
from app.preview.previews import previews
from app.preview.routes import preview_routes
from app.recordings import Recorder, mend_index, recordings, replay_file, start_recorder
from app.recordings.store import UNDO_WITHIN_S
from app.sweep import sweep_desk
from app.web.answer_font import font_routes
from app.web.comparison_routes import routes as compare_routes
from app.web.engine_warm_up import engine_warm_up
from app.web.idle_memory import IdleMemory
from app.web.library_routes import routes as library_routes

SCRIPT = Path(__file__).resolve().parents[1] / "ui" / "script.py"


def routes() -> list[Route]:
    """Everything this server answers beside Streamlit."""
    return [*compare_routes(), *preview_routes(), *font_routes(), *library_routes()]


def lifespan_of(*let_go: Callable[[], None]) -> Callable[[object], AbstractAsyncContextManager]:
    """What starts and ends with the process. `let_go`: more to let go of after a long rest, beside what is ours."""

    def after_a_rest() -> None:
        for one in (previews().forget, forget_documents, forget_indexes, *let_go):
            one()

    return partial(_lifespan, after_a_rest)


@asynccontextmanager
async def _lifespan(let_go: Callable[[], None], _app: object) -> AsyncIterator[dict]:
    keep_log()
    try:
        prepare_data(LOG_DIR, PAGES_OUT)
    except OSError as error:  # the app is worth having where nothing can be written: each use says what it cannot do
        logging.getLogger(__name__).warning(why_unwritable(DATA, error))
    with suppress(OSError, psutil.Error):  # where the system hides its sockets, small answers wait
        send_at_once()
    page_jobs().sweep()
    if replay_file() is None:  # a replay asks no server and draws no page
        server_watch().start()
        engine_warm_up().hold()
        threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    idle_memory = IdleMemory(let_go=let_go)
    idle_memory.start()
    recorder = begin_recording()
    end_answers = ending_with_signals(registry().stop_all)
    try:
        yield {}
    finally:
        end_answers()
        idle_memory.stop()
        engine_warm_up().close()
        registry().stop_all()
        sweep_desk().close()
        evaluation_desk().close()
        registry().observe(None)
        recorder.close()
        server_watch().stop()
        stop_own_simulator()
        page_jobs().close()
        book_reader().close()


def begin_recording() -> Recorder:
    """Have every comparison from now on told to the recorder, which asks at each what may be kept of it."""
    recorder = start_recorder()
    registry().observe(recorder)
    recorder.later(_look_after_recordings)
    return recorder


def _look_after_recordings() -> None:
    """A damaged index is made anew; what was removed long ago goes for good; what was left in mid-answer gets its figures."""
    mend_index(recordings())
    recordings().remove_set_aside(UNDO_WITHIN_S)
    recordings().summarise_broken_off()


def forget_documents() -> None:
    """The fast engine's texts and glyphs, where it was used at all."""
    if (engine := sys.modules.get("renderer.fast.engine")) is not None:
        engine.forget()


lifespan = lifespan_of()


def ending_with_signals(end: Callable[[], None]) -> Callable[[], None]:
    """Call `end` in a thread as soon as a signal asks this process to stop; what comes back takes that away again.

    Uvicorn waits for open answers before the lifespan is told of the end, and a stream of events is open for as long as a
    model speaks: what ends them has to hear of the signal itself. Whoever had the signal before still gets it.
    """
    if threading.current_thread() is not threading.main_thread():  # as in tests: signals are the main thread's
        return lambda: None
    before = {int(number): signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def hear(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=end, name="end-answers", daemon=True).start()
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    def take_away() -> None:
        for number, earlier in before.items():
            signal.signal(number, earlier)

    for number in before:
        signal.signal(number, hear)
    return take_away


def send_at_once() -> None:
    """No small answer waits 40 ms for the receipt of its own headers (TCP_NODELAY on what this process listens on).

    Asyncio sets it by itself only where a socket names its protocol, which the one that Streamlit opens does not. What is
    accepted later inherits it.
    """
    for connection in psutil.Process().net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.fd >= 0:
            with socket.socket(fileno=os.dup(connection.fd)) as listener:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _warm_up() -> None:
    """Imports of half a second each, and the tables of tokenizer, renderer and fonts."""
    import plotly.graph_objects  # noqa: F401

    from app.tokens import encode_spans
    from renderer.fonts.catalogue import installed_fonts

    encode_spans("warm")
    engine_warm_up().run()
    installed_fonts()  # each is checked once
    book_reader().be_ready()
