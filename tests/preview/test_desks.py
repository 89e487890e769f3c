"""Requests wait in a bounded queue, and what was given up is not worked on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from app.preview.desks import CLIENT_GONE, Desk, gone


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In a thread of its own: a browser test that ran before leaves an event loop running in the main one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(story())).result()


class Client:
    """One request, whose client can hang up."""

    def __init__(self, name: str) -> None:
        self.name, self._left = name, asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "state": {}}
        self.request = Request(scope, self._receive)
        self.request.state.name = name

    async def _receive(self):
        await self._left.wait()
        return {"type": "http.disconnect"}

    def hang_up(self) -> None:
        self._left.set()


class Work:
    """Plain work that waits until the test lets it go on, and remembers for whom it was done."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.done = threading.Semaphore(0), threading.Event(), []

    def __call__(self, request: Request) -> PlainTextResponse:
        self.begun.release()
        assert self.go_on.wait(30)
        self.done.append(request.state.name)
        return PlainTextResponse(request.state.name)


async def begun(work: Work) -> None:
    assert await asyncio.to_thread(work.begun.acquire, True, 30)


async def waiting(desk: Desk, count: int) -> None:
    while desk._waiting != count:
        await asyncio.sleep(0.001)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_given_up_while_it_waited_is_never_begun(workers):
    async def story():
        desk, work = Desk("test", workers, most_waiting=1000), Work()
        first = [Client(f"first {n}") for n in range(workers)]
        given_up = [Client(f"given up {n}") for n in range(500)]
        last = Client("last")
        running = [asyncio.ensure_future(desk.answer(one.request, work)) for one in first]
        for _ in first:
            await begun(work)
        dropped = [asyncio.ensure_future(desk.answer(one.request, work)) for one in given_up]
        kept = asyncio.ensure_future(desk.answer(last.request, work))
        await waiting(desk, 501)
        for one in given_up:
            one.hang_up()
        await asyncio.sleep(0)
        work.go_on.set()
        answers = await asyncio.wait_for(asyncio.gather(kept, *running, *dropped), 30)
        assert answers[0].body == b"last"
        assert {answer.status_code for answer in answers[1 + workers :]} == {CLIENT_GONE}
        assert sorted(work.done) == sorted([*(one.name for one in first), "last"])
        assert desk._waiting == 0

    run(story)


def test_the_queue_is_bounded_and_says_when_to_come_again():
    async def story():
        desk, work = Desk("test", 1, most_waiting=2), Work()
        clients = [Client(str(n)) for n in range(6)]
        tasks = [asyncio.ensure_future(desk.answer(clients[0].request, work))]
        await begun(work)
        tasks += [asyncio.ensure_future(desk.answer(one.request, work)) for one in clients[1:]]
        refused = await asyncio.wait_for(asyncio.gather(*tasks[4:]), 30)
        assert {answer.status_code for answer in refused} == {503}
        assert refused[0].headers["retry-after"]
        assert b"try again in a moment" in refused[0].body
        work.go_on.set()
        assert [answer.body for answer in await asyncio.gather(*tasks[:4])] == [b"0", b"1", b"2", b"3"]

    run(story)


def test_work_under_way_hears_that_its_client_has_gone_and_keeps_its_place_until_it_ends():
    async def story():
        desk, heard, may_end = Desk("test", 1, most_waiting=4), threading.Event(), threading.Event()

        def patient(request):
            while not gone(request):
                may_end.wait(0.001)
            heard.set()
            assert may_end.wait(30)
            return PlainTextResponse("too late")

        client, next_one, work = Client("gone"), Client("next"), Work()
        left = asyncio.ensure_future(desk.answer(client.request, patient))
        after = asyncio.ensure_future(desk.answer(next_one.request, work))
        await asyncio.sleep(0)
        client.hang_up()
        assert await asyncio.to_thread(heard.wait, 30)
        assert work.done == []
        work.go_on.set()
        may_end.set()
        assert (await left).status_code == CLIENT_GONE
        assert (await after).body == b"next"

    run(story)


def test_an_error_of_the_work_is_the_caller_s_and_frees_the_place():
    async def story():
        desk = Desk("test", 1, most_waiting=1)

        def failing(request):
            raise ZeroDivisionError

        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await desk.answer(Client("a").request, failing)
        assert desk._waiting == 0

    run(story)
