"""A recording through its event stream: from anywhere, at any speed, for whoever asks alone."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.comparisons import registry
from app.recordings import Recorder, RecordingStore, played
from app.web.comparison_routes import routes, stream_url
from tests.comparisons.comparisons import finished
from tests.comparisons.conftest import kept, servers, spec  # noqa: F401 - fixtures
from tests.web.test_comparison_routes import events, slow_answer


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=routes())) as made:
        yield made


@pytest.fixture
def run(kept, servers, spec, tmp_path):  # noqa: F811
    """A recorded run of some 0.7 s, adopted as a page does."""
    store = RecordingStore(tmp_path / "recordings")
    recorder = Recorder(store)
    kept.observe(recorder)
    for server in servers:
        server.chat(*slow_answer("Long ", "ago", "."))
    shot = finished(kept, kept.start(spec))
    recorder.close()
    made = played(store.load(shot.comparison_id))
    registry().adopt(made)
    return made


def ask(client, run, query=""):
    return events(client.get(stream_url(run.comparison_id) + query))


def said(told):
    """The text side's answer as the browser has put it together by the end."""
    answer = ""
    for name, data in told:
        if name == "state" and "answer" in data["sides"]["text"]:
            answer = data["sides"]["text"]["answer"]
        elif name == "delta":
            answer += "".join(text for role, kind, text, *_ in data if (role, kind) == ("text", "answer"))
    return answer


def test_it_plays_from_its_beginning_and_ends_with_the_whole_answer(client, run):
    told = ask(client, run, "?from=0&speed=2")
    assert told[0][1]["sides"]["text"].get("answer", "") == ""
    assert "delta" in [name for name, _ in told]
    assert told[-1][0] == "over"
    assert said(told) == "Long ago."
    last = told[-2][1]
    assert last["replay"]["at_s"] == pytest.approx(run.length_s)
    assert (last["sides"]["text"]["pace"], last["sides"]["text"]["recorded"]) == (0.0, True)
    assert last["sides"]["text"]["ttft_ms"] == run.snapshot().text.latencies.ttft_ms


def test_a_moment_is_told_and_stands_still(client, run):
    first = dict(run.snapshot().recorded.first_tokens_s)
    moments = min(first.values()) - 0.01, max(first.values()) + 0.01
    before, after = (ask(client, run, f"?from={at}&speed=0") for at in moments)
    # By the recording itself: on a busy machine the second word may have come within that hundredth of a second.
    player = run.again()
    player.play(0, moments[1])
    words = player.snapshot().text.answer
    for told in (before, after):
        assert [name for name, _ in told if name != "state"] == ["over"]
    assert said(before) == ""
    assert said(after) == words
    assert words.startswith("Long ")
    assert after[0][1]["sides"]["text"]["ttft_ms"] is not None
    assert before[0][1]["sides"]["text"]["ttft_ms"] is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?from=0",
        "?from=x&speed=1",
        "?from=nan&speed=1",
        "?from=0&speed=-1",
        "?from=0&speed=1e9",
        "?from=0&speed=inf",
    ],
)
def test_what_cannot_be_played_shows_the_end(client, run, query):
    told = ask(client, run, query)
    assert said(told) == "Long ago."
    assert "delta" not in [name for name, _ in told]


@pytest.mark.parametrize("at", [-5, 1e9])
def test_a_place_outside_is_the_nearest_inside(client, run, at):
    assert ask(client, run, f"?from={at}&speed=0")[0][1]["replay"]["at_s"] == pytest.approx(
        0 if at < 0 else run.length_s
    )


def test_whoever_plays_moves_it_for_nobody_else(client, run):
    ask(client, run, "?from=0.1&speed=0")
    assert registry().snapshot(run.comparison_id).text.answer == "Long ago."
