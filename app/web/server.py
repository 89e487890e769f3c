"""The app as one server: Streamlit's pages, our routes, and what starts and ends with the process.

Out: what app/main.py makes its App of. In the lifespan the servers are found (or the simulator started), slow imports
are done and compiled code is loaded, so that no user's first click pays for them.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
from starlette.routing import Route

from app.comparisons import registry
from app.endpoints.finding import server_watch, stop_own_simulator
from app.logbook import keep_log
from app.pagefiles.jobs import page_jobs
from app.preview.routes import preview_routes
from app.web.comparison_routes import routes as compare_routes
from app.web.engine_warm_up import engine_warm_up

SCRIPT = Path(__file__).resolve().parents[1] / "ui" / "script.py"


def routes() -> list[Route]:
    """Everything this server answers beside Streamlit."""
    return [*compare_routes(), *preview_routes()]


@asynccontextmanager
async def lifespan(_app):
    keep_log()
    with suppress(OSError, psutil.Error):  # where the system hides its sockets, small answers wait
        send_at_once()
    page_jobs().sweep()
    server_watch().start()
    engine_warm_up().hold()
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    try:
        yield {}
    finally:
        engine_warm_up().close()
        registry().stop_all()
        server_watch().stop()
        stop_own_simulator()
        page_jobs().close()


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
