"""A link that was handed on, followed in a fresh session: it opens the sample, offers the question, and chooses no server."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import addresses
from app.ui.compare import screen
from tests.ui.asking import ROOT, SCRIPT, button, pair_of

QUESTION = "Who kept the light at Corrin Point?"


class _Nowhere:
    url = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def servers(monkeypatch):
    pair = pair_of(_Nowhere, _Nowhere, reachable=False)
    for module in (addresses, screen):
        monkeypatch.setattr(module, "servers_now", lambda: pair)
    return pair


def visited(**link: str) -> AppTest:
    app = AppTest.from_file(str(SCRIPT), default_timeout=90)
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.button]


def test_the_sample_is_open_with_the_link_s_settings_and_the_question_waits_for_a_press():
    app = visited(sample="story", d="96", ask=QUESTION)
    now = app.session_state["glyph"]
    assert (now.source.sample, now.settings.dpi, now.draft, now.turns) == ("story", 96, QUESTION, [])
    assert [label for label in labels(app) if label.startswith("Ask: ")] != []
    button(app, "Not now").click().run()
    assert not app.exception
    assert now.draft == ""
    assert "Not now" not in labels(app)


@pytest.mark.parametrize("where", ["compare", "pages"])
def test_a_link_tells_other_servers_and_chooses_none(where, servers):
    app = AppTest.from_file(str(SCRIPT), default_timeout=90)
    app.query_params["sample"], app.query_params["with"] = "story", "Evil at http://spy.test"
    if where == "pages":
        app.switch_page(str(ROOT / "pages" / "pages.py"))
    app.run()
    assert not app.exception
    said = " ".join(str(one.proto) for one in app._tree if getattr(one, "proto", None) is not None)
    assert "The link was made where" in said
    assert "qwen and glyph" in said.lower()


def test_a_question_without_a_book_waits_is_told_and_comes_back_no_second_time():
    app = visited(ask=QUESTION)
    now = app.session_state["glyph"]
    assert any("offered as soon as a book is open" in one.value for one in app.warning)
    now.draft = ""
    app.run()
    assert now.draft == ""


def test_a_sample_that_is_not_there_is_named_and_the_settings_are_taken():
    app = visited(sample="no-such", d="96")
    assert app.session_state["glyph"].settings.dpi == 96
    assert any("no-such" in one.value.replace("\\", "") for one in app.warning)


def test_a_stage_without_a_book_says_what_it_waits_for():
    assert any("stage" in one.value for one in visited(stage="1").info)
    assert not visited().info
