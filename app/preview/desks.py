"""Where requests wait to be worked on: few at once, a bounded queue, and nothing is done for those who have gone.

In: a request and the plain function that answers it. Out: its answer, 503 where too many wait already, or nothing at all
for a client that hung up. Bounded thread pool with admission control: whoever gives up 1,000 requests costs the next
person nothing, and a page for a slider never waits behind a book that is drawn whole for a download.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

CLIENT_GONE = 499  # nobody reads it; nginx's number for the same, seen in logs only
_RETRY_AFTER_S = 2


class Desk:
    """`workers` threads; at most `most_waiting` requests wait for one of them."""

    def __init__(self, name: str, workers: int, most_waiting: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"desk-{name}")
        self._workers, self._most_waiting = workers, most_waiting
        self._places: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary()
        )
        self._waiting = 0
        self._lock = threading.Lock()

    async def answer(self, request: Request, work: Callable[[Request], Response]) -> Response:
        """`work(request)` in a thread, when its turn comes. `gone(request)` tells it that nobody waits any more."""
        left = threading.Event()
        request.state.gone = left
        if not self._may_wait():
            return _too_many()
        watch = asyncio.ensure_future(_hung_up(request, left))
        try:
            async with self._place():
                self._waited()
                if left.is_set():
                    return Response(status_code=CLIENT_GONE)
                answering = asyncio.get_running_loop().run_in_executor(self._pool, work, request)
                # Not cancelled when the client goes: a thread cannot be, and its place is taken until it ends.
                response = await asyncio.shield(answering)
                return Response(status_code=CLIENT_GONE) if left.is_set() else response
        finally:
            watch.cancel()

    def _may_wait(self) -> bool:
        with self._lock:
            if self._waiting >= self._most_waiting + self._workers:
                return False
            self._waiting += 1
            return True

    def _waited(self) -> None:
        with self._lock:
            self._waiting -= 1

    def _place(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        with self._lock:
            return self._places.setdefault(loop, asyncio.Semaphore(self._workers))


def gone(request: Request) -> bool:
    """Whether the client has hung up; from any thread."""
    left = getattr(request.state, "gone", None)
    return left is not None and left.is_set()


async def _hung_up(request: Request, left: threading.Event) -> None:
    while True:
        if (await request.receive())["type"] == "http.disconnect":
            left.set()
            return


def _too_many() -> JSONResponse:
    return JSONResponse(
        {"error": "Too many requests wait for this server already; try again in a moment."},
        status_code=503,
        headers={"Cache-Control": "no-store", "Retry-After": str(_RETRY_AFTER_S)},
    )


PICTURES = Desk("pictures", workers=8, most_waiting=256)  # a page or the figures of one setting: milliseconds
STUDIES = Desk("studies", workers=4, most_waiting=32)  # many settings, or the slow engine: a second and more
DOWNLOADS = Desk("downloads", workers=4, most_waiting=16)  # the whole book drawn
