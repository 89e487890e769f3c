"""Every page draws: without a book, with the sample story, and with a long novel that does not fit the text window."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.clients import Endpoint, Role, ServerState, metrics
from app.endpoints.pair import Server, ServerPair
from app.paths import ROOT

SCRIPT = ROOT / "app" / "ui" / "script.py"
PAGES = {
    "compare": "One book, two readers",
    "pages": None,
    "prefill": "Prefill",
    "search": "Search",
    "history": "History",
    "servers": "Servers",
}


def opened(page: str = "compare") -> AppTest:
    app = AppTest.from_file(str(SCRIPT), default_timeout=90)
    app.run()
    if page != "compare":
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    return app


def button(app: AppTest, label: str):
    return next(one for one in app.button if one.label == label)


def metric(app: AppTest, label: str) -> str:
    return next(one.value for one in app.metric if one.label == label)


def rendered(app: AppTest) -> AppTest:
    """Run again until the pages are there: fragments do not tick by themselves here."""
    deadline = time.monotonic() + 90
    while metric(app, "Visual tokens") == "–" and time.monotonic() < deadline:
        app.run()
    return app


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_without_a_book(page):
    app = opened(page)
    assert not app.exception
    if PAGES[page]:
        assert app.title[0].value == PAGES[page]


@pytest.fixture(scope="module")
def story() -> AppTest:
    app = opened()
    button(app, "Open the sample story").click().run()
    return rendered(app)


def test_opening_the_story_shows_its_figures(story):
    assert not story.exception
    text, visual = (int(metric(story, label).replace(",", "")) for label in ("Text tokens", "Visual tokens"))
    assert 3_000 < text < 5_000
    assert metric(story, "Compression ratio") == f"{text / visual:.2f}×"


def test_a_setting_changes_the_cost_of_the_pages(story):
    before = metric(story, "Visual tokens")
    now = story.session_state["glyph"]
    now.settings = replace(now.settings, dpi=120)  # as the knobs do it, which are a script of the browser's
    rendered(story.run())
    assert not story.exception
    assert int(metric(story, "Visual tokens").replace(",", "")) > int(before.replace(",", ""))
    rendered(button(story, "Back to Glyph's settings").click().run())
    assert metric(story, "Visual tokens") == before


def test_a_question_with_no_server_is_kept_with_the_reason(story):
    story.chat_input[0].set_value("Who drew the island?").run()
    assert any("Your question is kept" in one.value for one in story.error)
    assert any(one.label.startswith("Ask again: Who drew") for one in story.button)


@pytest.mark.parametrize("page", ["pages", "prefill", "servers"])
def test_other_pages_draw_with_a_book_open(page):
    app = opened()
    button(app, "Open the sample story").click().run()
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert not app.exception


def test_a_novel_of_240k_tokens_is_rendered_and_counted():
    app = opened()
    rendered(button(app, "Generate and open").click().run())
    assert not app.exception
    assert int(metric(app, "Text tokens").replace(",", "")) > 200_000
    assert float(metric(app, "Compression ratio").rstrip("×")) > 2


def test_a_chinese_book_gets_the_chinese_settings_and_what_their_font_lacks_is_said():
    app = opened()
    text = "宝玉笑道：「今日天气甚好，我们去园中走走。」\n" * 40 + "Glyph reads this too.\n"
    app.text_area(key="pasted").set_value(text).run()
    rendered(button(app, "Open this text").click().run())
    assert not app.exception
    assert "Droid" in app.session_state["glyph"].settings.font_path.name
    assert any("The font lacks" in one.value for one in [*app.warning, *app.caption])
    rendered(app.button(key="take-font").click().run())
    assert not app.exception
    assert app.session_state["glyph"].settings.fallback_fonts
    assert not any("The font lacks" in one.value for one in [*app.warning, *app.caption])


def test_the_way_by_which_a_book_came_is_the_one_that_is_chosen_whatever_page_was_seen_before():
    app = opened()
    for page in ("servers", "compare"):
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    app.text_area(key="pasted").set_value("A text of my own. " * 40).run()
    button(app, "Open this text").click().run()
    assert not app.exception
    assert app.session_state["book_way"] == "Paste"
    for page in ("servers", "pages"):
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    assert app.segmented_control(key="book_way").value == "Paste"


def test_the_servers_screen_says_that_a_router_stands_before_a_side_and_asks_no_one_server_for_all(monkeypatch):
    from app.ui.servers import screen

    asked = []
    monkeypatch.setattr(metrics, "ask", lambda *sent, **_: asked.append(sent))
    state = ServerState(True, "The server serves m.", model="m", asked_model_served=True)
    sides = [Server(Endpoint(role, role.value, "http://127.0.0.1:9", "m", behind_router=True), state) for role in Role]
    monkeypatch.setattr(screen, "servers_now", lambda: ServerPair(*sides, "Profile remote: as asked"))
    app = opened("servers")
    assert not app.exception
    assert sum("a router: it is up when" in str(table.proto) for table in app.table) == 2
    assert sum("are not taken for all" in one.value for one in app.caption) == 2
    assert asked == []
