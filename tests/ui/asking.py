"""Compare in a test: the sample story open, and two scripted servers to ask."""

from __future__ import annotations

from dataclasses import replace

from streamlit.testing.v1 import AppTest

from app.clients import Endpoint, Role, ServerState
from app.comparisons import registry
from app.endpoints.pair import Server, ServerPair
from app.paths import ROOT

SCRIPT = ROOT / "app" / "ui" / "script.py"


def pair_of(text, pages, **told) -> ServerPair:
    """A pair of servers that were seen; `text` and `pages` are scripted servers, `told` is what both said."""
    state = replace(ServerState(True, "It answers.", max_model_len=32_768), **told)
    return ServerPair(
        Server(Endpoint(Role.TEXT, "Qwen", text.url, "qwen"), state),
        Server(Endpoint(Role.PAGES, "Glyph", pages.url, "glyph"), state),
        "Scripted for this test.",
    )


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def with_story() -> AppTest:
    app = AppTest.from_file(str(SCRIPT), default_timeout=90)
    app.run()
    button(app, "Open the sample story").click().run()
    return app


def wait_over(comparison_id: str, timeout_s: float = 30.0):
    """The comparison's last snapshot, once both sides are over."""
    shot = registry().snapshot(comparison_id)
    while shot.running:
        assert registry().wait_changed(comparison_id, shot.version, timeout_s) != shot.version, shot
        shot = registry().snapshot(comparison_id)
    return shot
