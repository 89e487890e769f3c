"""The routes beside Streamlit: one event stream a comparison, page images by unguessable keys."""

import json
import time

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.clients import Endpoint, PageFile, Role
from app.comparisons import ComparisonSpec, registry
from app.pagefiles.jobs import JobState, page_jobs
from app.ui.default_settings import default_settings
from app.web.comparison_routes import page_url_base, routes, stream_url
from tests.clients.scripted_server import DONE, HEADERS, Pause, ScriptedServer, delta, usage


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as made:
        yield made


@pytest.fixture
def servers():
    with ScriptedServer() as text, ScriptedServer() as pages:
        yield text, pages


@pytest.fixture
def spec(servers, tmp_path):
    path = tmp_path / "page_001.png"
    path.write_bytes(b"png")
    page = PageFile(path, "sha1", 590, 842)
    text, pages = servers
    return ComparisonSpec(
        title="Book",
        document="Long ago.",
        question="Who?",
        pages=lambda cancelled, on_progress: (page,),
        text_endpoint=Endpoint(Role.TEXT, "Qwen", text.url, "qwen"),
        pages_endpoint=Endpoint(Role.PAGES, "Glyph", pages.url, "glyph"),
    )


def events(response):
    """(name, value) of each event; keep-alive comments left out."""
    blocks = [block for block in response.text.split("\n\n") if block.startswith("event:")]
    parsed = []
    for block in blocks:
        name, data = (line.split(": ", 1)[1] if ": " in line else "" for line in block.split("\n")[:2])
        parsed.append((name, json.loads(data) if data else None))
    return parsed


def slow_answer(*words):
    steps = [HEADERS, Pause(0.3)]
    for word in words:
        steps += [delta(content=word), Pause(0.1)]
    return [*steps, delta(finish="stop"), usage(), DONE]


def test_a_stream_gives_states_then_deltas_then_over(client, servers, spec):
    for server in servers:
        server.chat(*slow_answer("She", " did", " it."))
    seen = events(client.get(stream_url(registry().start(spec))))
    names = [name for name, _ in seen]
    assert names[0] == "state"
    assert "delta" in names
    assert names[-2:] == ["state", "over"]
    for role in ("text", "pages"):
        words = "".join(
            text
            for name, value in seen
            if name == "delta"
            for side, kind, text, *_ in value
            if (side, kind) == (role, "answer")
        )
        last = seen[-2][1]["sides"][role]
        assert "She did it.".endswith(words)
        assert words
        assert (last["answer"], last["phase"], last["over"]) == ("She did it.", "done", True)


def test_deltas_go_on_where_the_first_state_ended_and_their_blocks_make_the_whole_answer(client, servers, spec):
    for server in servers:
        server.chat(*slow_answer("a", "b", "\n\n", "- c", "d\n", "\n", "end"))
    seen = events(client.get(stream_url(registry().start(spec))))
    for role in ("text", "pages"):
        first, last = seen[0][1]["sides"][role], seen[-2][1]["sides"][role]
        text, blocks, tail = first["answer"], first["blocks"], first["tail"]
        for side, _, piece, done, tail_now in (one for name, value in seen if name == "delta" for one in value):
            if side == role:
                text, blocks, tail = text + piece, blocks + done, tail_now
        assert text == last["answer"] == "ab\n\n- cd\n\nend"
        assert (
            blocks + tail == last["blocks"] + last["tail"] == [["p", "ab"], ["ul", ["li", ["p", "cd"]]], ["p", "end"]]
        )


def test_a_finished_comparison_is_told_whole_and_over(client, servers, spec):
    for server in servers:
        server.chat(HEADERS, delta(content="Yes."), delta(finish="stop"), usage(), DONE)
    comparison_id = registry().start(spec)
    deadline = time.monotonic() + 10
    while registry().snapshot(comparison_id).running and time.monotonic() < deadline:
        time.sleep(0.01)
    seen = events(client.get(stream_url(comparison_id)))
    assert [name for name, _ in seen][-1] == "over"
    assert seen[-2][1]["sides"]["pages"]["answer"] == "Yes."


def test_an_unknown_comparison_is_gone(client):
    assert events(client.get(stream_url("nobody-guesses-this"))) == [("gone", None)]


def test_pages_are_served_by_their_job_s_key_and_nothing_else(client):
    job = page_jobs().start("hash-of-routes-test", "A short text.", "Short", default_settings(), "routes-test")
    assert job.wait(60).state is JobState.DONE
    try:
        found = client.get(f"{page_url_base(job.key)}/1.png")
        assert found.status_code == 200
        assert found.content.startswith(b"\x89PNG")
        assert "immutable" in found.headers["cache-control"]
        for path in (
            f"{page_url_base(job.key)}/2.png",
            f"{page_url_base(job.key)}/0.png",
            f"{page_url_base('unknown')}/1.png",
            f"{page_url_base('..')}/1.png",
        ):
            assert client.get(path).status_code == 404, path
    finally:
        page_jobs().release("routes-test")
