"""What real servers may send: code, tables, formulas, hostile words and Chinese while they stream, and a side that fails.

Both servers are the tests' own (tests/clients/scripted_server.py), handed to the app by a launcher's state file.
"""

from __future__ import annotations

import os
import threading
import time
from itertools import pairwise

import pytest

from app.process_marks import start_mark
from app.serving import LauncherState, Phase, ServerKind, ServerRole, ServerStatus
from app.serving.process import ProcessIdentity
from app.serving.state_file import write_state
from tests.clients.scripted_server import DONE, HEADERS, Pause, ScriptedServer, WaitFor, delta, error_answer, usage
from tests.e2e.driver import start_app, stop_app
from tests.e2e.screen_walk import Walk
from tests.e2e.test_journey import ask, open_story, side, wait_answer

BEFORE = (
    "## What it says\n\nThe root is $x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$, and\n\n"
    '```python\ndef root(x):  # of a number\n    return "no" if x < 0 else x ** 0.5\n```\n\n'
    "| a | b |\n|---|---|\n| 1 | `two` |\n\n"
)
AFTER = (
    '\\[ \\sum_{i=1}^{n} i = \\frac{n(n+1)}{2} \\]\n\n> quoted, \\(\\href{javascript:alert(1)}{y}\\) and <b onclick="x()">this</b>\n\n'
    '![picture](http://127.0.0.1:9/x.png) <img src=x onerror="window.hacked = 1"> <script>window.hacked = 2</script>\n\n'
    "答案在第三回，寶玉說。\n"
)
_WATCH_HEIGHT = """
() => {
  window.heights = [];
  const look = () => {
    const host = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].map((one) => one.shadowRoot?.querySelector("section.side.text .answer")).find(Boolean);
    if (host) window.heights.push(host.scrollHeight);
    requestAnimationFrame(look);
  };
  look();
}
"""


def taken_heights(page) -> list[int]:
    """The answer's heights, frame by frame, since the last time."""
    return page.evaluate("window.heights.splice(0)")


@pytest.fixture(scope="module")
def servers():
    go_on = threading.Event()
    pieces = [BEFORE[at : at + 7] for at in range(0, len(BEFORE), 7)]
    rest = [AFTER[at : at + 7] for at in range(0, len(AFTER), 7)]
    with ScriptedServer() as text, ScriptedServer() as pages:
        for server, model in ((text, "Qwen/Qwen3-8B"), (pages, "zai-org/Glyph")):
            server.route("/v1/models", {"data": [{"id": model, "max_model_len": 131_072}]})
            server.route("/health", {})
            server.route("/version", {"version": "0.11.0"})
        slowly = lambda words: [step for piece in words for step in (delta(content=piece), Pause(0.004))]  # noqa: E731
        text.chat(HEADERS, *slowly(pieces), WaitFor(go_on), *slowly(rest), delta(finish="stop"), usage(), DONE)
        pages.chat(error_answer(500, "The engine has died."))
        yield text, pages, go_on


@pytest.fixture(scope="module")
def real_app(servers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    me, now = ProcessIdentity(os.getpid(), start_mark(os.getpid()), os.getsid(0), "mark"), time.time()
    statuses = tuple(
        ServerStatus(role.value, role, ServerKind.VLLM, server.url, model, Phase.SERVING, ready_after_s=1.0)
        for role, server, model in (
            (ServerRole.TEXT, servers[0], "Qwen/Qwen3-8B"),
            (ServerRole.PAGES, servers[1], "zai-org/Glyph"),
        )
    )
    write_state(LauncherState("two-gpus", "a test's", statuses, me, now, now), folder / "data" / "serving")
    running = start_app(folder, GLYPH_DATA=str(folder / "data"))
    yield running
    stop_app(running)


def test_a_rich_and_hostile_answer_streams_as_markdown_with_maths_and_a_failed_side_claims_nothing(
    real_app, servers, page
):
    asked_outside: list[str] = []
    page.on("request", lambda one: asked_outside.append(one.url) if real_app.url not in one.url else None)
    open_story(page, real_app.url)
    page.evaluate(_WATCH_HEIGHT)
    ask(page, "What is the root?")
    answer = side(page, "text").locator(".answer")
    answer.locator("table").wait_for()
    grown = taken_heights(page)
    walk = Walk()
    walk.look(page, "while an answer comes", widths=((1024, 768),))
    # The window is as wide as before, and what the change of its width has moved stands still: the sidebar slides.
    page.wait_for_function(
        "height => window.heights.length > 20 && window.heights.slice(-20).every((one) => one === height)",
        arg=grown[-1],
    )
    taken_heights(page)
    servers[2].set()
    wait_answer(page, "text")
    later = taken_heights(page)
    side(page, "pages").locator(".error").wait_for()
    walk.look(page, "after a side has failed", widths=((1024, 768),))
    assert walk.grave == []
    assert walk.cut_off == []

    assert answer.locator("math").count() == 3
    assert answer.locator("math[display=block] munderover, math[display=block] msubsup").count() == 1
    numerator, denominator = (
        answer.locator("math mfrac").first.locator(f"> :nth-child({n})").bounding_box() for n in (1, 2)
    )
    assert numerator["y"] + numerator["height"] <= denominator["y"] + 1  # drawn as a fraction
    assert answer.locator("pre code span.k").count() >= 2
    assert answer.locator("img, script, b[onclick], [href]").count() == 0
    assert page.evaluate("window.hacked") is None
    assert asked_outside == []
    for heights in (grown, later):
        assert len(set(heights)) > 1
        assert [(a, b) for a, b in pairwise(heights) if b < a - 1] == []  # nothing jumps up

    page.wait_for_function(
        "[...document.fonts].some((font) => font.family.includes('Glyph Chinese') && font.status === 'loaded')"
    )

    failed = side(page, "pages")
    assert failed.locator(".badge").is_hidden()  # a side that failed has measured nothing
    assert failed.get_by_role("button", name="Try again").is_visible()
    assert "Retry" not in failed.inner_text()
    assert side(page, "text").locator(".badge.measured").is_visible()
