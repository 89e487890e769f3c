"""HTTP beside Streamlit: page images, and one event stream for each running comparison.

Routes are outside Streamlit's sessions, so everything here is asked for by an unguessable key and answered read-only.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import isfinite

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from app.clients import Role
from app.comparisons import ComparisonSnapshot, Cursor, UnknownComparison, registry
from app.comparisons.comparison import Comparison
from app.comparisons.played import PlayedComparison
from app.markdown.stream import MarkdownStream
from app.pagefiles.jobs import page_jobs
from app.preview.answering import page_number
from app.web.comparison_json import turn_view
from app.web.conversation_markdown import turn_markdown

PREFIX = "/glyph"
_GATHER_S = 0.01  # tokens that come this close together travel in one event
_KEEP_ALIVE_S = 10.0
_REST_FACTOR = 4
MAX_SPEED = 100.0


def page_url_base(job_key: str) -> str:
    return f"{PREFIX}/pages/{job_key}"


def stream_url(comparison_id: str) -> str:
    return f"{PREFIX}/stream/{comparison_id}"


async def page_png(request: Request) -> Response:
    job = page_jobs().by_key(request.path_params["key"])
    page_set = job.snapshot().page_set if job is not None else None
    number = page_number(request.path_params["number"])
    if page_set is None or not 1 <= number <= len(page_set.pages):
        return PlainTextResponse("No such page.", status_code=404)
    path = page_set.pages[number - 1].path
    if not path.exists():
        return PlainTextResponse("This page was cleared to make room; render the book again.", status_code=410)
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": "private, max-age=86400, immutable"})


async def comparison_stream(request: Request) -> Response:
    return StreamingResponse(
        _events(request.path_params["id"], request, _asked_play(request)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def markdown_url(comparison_id: str) -> str:
    return f"{PREFIX}/turn/{comparison_id}.md"


async def turn_text(request: Request) -> Response:
    """A question with both answers as Markdown, as far as they have come."""
    try:
        snapshot = registry().snapshot(request.path_params["id"])
    except UnknownComparison as error:
        return PlainTextResponse(str(error), status_code=404)
    # In a thread: answers are held against the book for their verdicts.
    text = await asyncio.to_thread(turn_markdown, snapshot)
    return PlainTextResponse(text + "\n", headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class _Play:
    """How a recording is to be played: from where, in seconds, and how many times as fast as it was; 0 only shows that moment."""

    from_s: float
    speed: float


def _asked_play(request: Request) -> _Play | None:
    """None: nothing that can be played was asked for; a recording is then shown as it ended."""
    try:
        play = _Play(float(request.query_params["from"]), float(request.query_params["speed"]))
    except (KeyError, ValueError):
        return None
    return play if isfinite(play.from_s) and 0 <= play.speed <= MAX_SPEED else None


async def _events(comparison_id: str, request: Request, play: _Play | None) -> AsyncIterator[str]:
    """`state` when a phase or figure changed, `delta` for new text, `over` at the end."""
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    try:
        watched = registry().watched(comparison_id)
    except UnknownComparison:
        yield _event("gone", "")
        return
    if isinstance(watched, PlayedComparison):
        watched = watched.again()  # each that follows moves only his own
        if play is not None:
            watched.play(play.speed, play.from_s)
    unsubscribe = watched.subscribe(lambda: loop.call_soon_threadsafe(changed.set))
    try:
        async for event in _follow(watched, request, changed):
            yield event
    finally:
        unsubscribe()
        if isinstance(watched, PlayedComparison):
            watched.play(0.0)  # its thread ends


async def _follow(
    watched: Comparison | PlayedComparison, request: Request, changed: asyncio.Event
) -> AsyncIterator[str]:
    cursors: dict[Role, Cursor] = {}
    markdown: dict[Role, MarkdownStream] = {}
    looks: tuple = ()
    version, spent_s = -1, 0.0
    while not await request.is_disconnected():
        changed.clear()
        snapshot = watched.snapshot()
        if snapshot.version != version:
            version = snapshot.version
            attempts = {side.role: side.attempt for side in snapshot.sides}
            if {role: cursor.attempt for role, cursor in cursors.items()} != attempts:  # the first look, or a retry
                cursors = {
                    side.role: Cursor(side.attempt, len(side.reasoning), len(side.answer)) for side in snapshot.sides
                }
                markdown = {side.role: MarkdownStream() for side in snapshot.sides}
                for side in snapshot.sides:
                    markdown[side.role].feed(side.answer)
                looks = _looks(snapshot)
                yield await _state(snapshot)
            elif _looks(snapshot) != looks:
                looks = _looks(snapshot)
                yield await _state(snapshot, texts=False)
            began = time.perf_counter()
            deltas = _deltas(watched, snapshot, cursors, markdown)
            spent_s = time.perf_counter() - began
            if deltas:
                yield _event("delta", json.dumps(deltas))
        if not snapshot.running or (snapshot.recorded is not None and snapshot.recorded.speed == 0):
            yield await _state(snapshot)
            yield _event("over", "")
            return
        try:
            await asyncio.wait_for(changed.wait(), _KEEP_ALIVE_S)
            # A long paragraph is parsed anew with every piece: the longer that takes, the more pieces travel together.
            await asyncio.sleep(max(_GATHER_S, _REST_FACTOR * spent_s))
        except TimeoutError:
            yield ": keep-alive\n\n"


async def _state(snapshot: ComparisonSnapshot, texts: bool = True) -> str:
    """Beside the loop once a side is over: its answer is looked up in the book then, which other streams need not wait for."""
    if any(side.phase.is_over for side in snapshot.sides):
        view = await asyncio.to_thread(turn_view, snapshot, None, texts)
    else:
        view = turn_view(snapshot, None, texts)
    return _event("state", json.dumps(view))


def _looks(snapshot: ComparisonSnapshot) -> tuple:
    """What, when it changes, is worth a new state: not the texts, which go as deltas."""
    return tuple(
        (side.phase, side.pages_done, side.prompt_progress, side.prompt_tokens, side.cache) for side in snapshot.sides
    )


def _deltas(
    watched: Comparison | PlayedComparison,
    snapshot: ComparisonSnapshot,
    cursors: dict[Role, Cursor],
    markdown: dict[Role, MarkdownStream],
) -> list[list]:
    """[side, "reasoning", text] and [side, "answer", text, blocks, tail]: new words, finished blocks, the open one."""
    sent: list[list] = []
    for side in snapshot.sides:
        before = cursors[side.role]
        deltas = watched.deltas_since(side.role, before)
        if deltas.restart:
            continue  # a retry: the next state carries the new attempt whole
        if deltas.reasoning:
            sent.append([side.role.value, "reasoning", deltas.reasoning])
        if deltas.answer:
            grown = markdown[side.role].feed(deltas.answer)
            sent.append([side.role.value, "answer", deltas.answer, grown.done, grown.tail])
        cursors[side.role] = deltas.cursor
    return sent


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


def routes() -> list[Route]:
    return [
        Route(f"{PREFIX}/pages/{{key}}/{{number}}.png", page_png),
        Route(f"{PREFIX}/stream/{{id}}", comparison_stream),
        Route(f"{PREFIX}/turn/{{id}}.md", turn_text),
    ]
