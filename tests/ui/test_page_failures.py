"""What fails on a page says so in our own words and takes nothing else with it: neither the book, the question's box nor the talk."""

from __future__ import annotations

import errno
import shutil
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.clients import Role
from app.comparisons import Phase
from app.logbook import log_path
from app.pagefiles.jobs import page_jobs
from app.paths import FONTS, ROOT
from app.ui.guard import failure_words
from app.ui.messages import MAX_KEPT, Messages
from renderer import RenderError
from tests.clients.scripted_server import ScriptedServer
from tests.comparisons.comparisons import GOOD
from tests.ui.asking import SCRIPT, button, pair_of, wait_over, with_story


@pytest.fixture
def asked(monkeypatch):
    """The story, with one question answered by both sides."""
    from app.ui.compare import screen

    with ScriptedServer() as text, ScriptedServer() as pages:
        for server in (text, pages):
            server.chat(*GOOD)
        monkeypatch.setattr(screen, "servers_now", lambda: pair_of(text, pages))
        app = with_story()
        app.chat_input[0].set_value("Who drew the island?").run()
        wait_over(kept(app).turns[-1])
        yield app.run()


def kept(app: AppTest):
    return app.session_state["glyph"]


def told(app: AppTest) -> str:
    return " ".join(one.value for one in app.error).replace("\\", "").replace("\u2060", "")


def broken(*_args, **_kwargs):
    raise ZeroDivisionError("in a test")


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize(
    "part",
    [
        "book_summary.draw_figures",
        "book_summary.count_now",
        "screen.draw_times",
        "screen.draw_turns",
        "screen.page_jobs",
        "screen.draw_settings_panel",
    ],
)
def test_a_part_of_compare_that_fails_leaves_the_question_and_the_conversation(
    asked, monkeypatch, part, no_hidden_errors
):
    monkeypatch.setattr(f"app.ui.compare.{part}", broken)
    asked.run()
    assert not asked.exception
    assert "by an error of this app (ZeroDivisionError)" in told(asked)
    assert str(log_path()) in told(asked)
    assert "in a test" in str(no_hidden_errors[0].exc_info[1])
    assert asked.chat_input
    turns = list(kept(asked).turns)
    asked.chat_input[0].set_value("And who drew the second map?").run()
    assert kept(asked).turns[:1] == turns[:1]
    assert len(kept(asked).turns) == 2
    assert wait_over(kept(asked).turns[-1]).side(Role.TEXT).phase is Phase.DONE


@pytest.mark.fails_on_purpose
@pytest.mark.parametrize(
    ("page", "part"), [("prefill", "draw_this_book"), ("servers", "servers_now"), ("pages", "page_viewer")]
)
def test_a_page_that_fails_says_so_and_the_way_back_is_open(monkeypatch, page, part):
    app = with_story()
    module = __import__(f"app.ui.{'rendering' if page == 'pages' else page}.screen", fromlist=["screen"])
    with monkeypatch.context() as patch:
        patch.setattr(module, part, broken)
        app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        assert not app.exception
        assert "by an error of this app (ZeroDivisionError)" in told(app)
    app.switch_page(str(ROOT / "pages" / "compare.py")).run()
    assert not app.error
    assert kept(app).book is not None


@pytest.mark.fails_on_purpose
def test_a_callback_that_fails_is_told_and_the_page_is_drawn(monkeypatch):
    from app.ui.compare import answer_settings

    monkeypatch.setattr(answer_settings, "_reset", broken)
    app = with_story()
    next(one for one in app.toggle if one.label == "Count preparation too").set_value(True).run()
    button(app, "Back to the defaults").click().run()
    assert not app.exception
    assert app.chat_input
    assert "ZeroDivisionError" in kept(app).messages.kept[-1].text
    assert kept(app).messages.kept[-1].grave


def test_a_font_taken_away_is_said_and_compare_lives(asked, tmp_path):
    mine = tmp_path / "Mine.ttf"
    shutil.copy(FONTS / "Vera.ttf", mine)
    kept(asked).settings = replace(kept(asked).settings, font_path=mine)
    asked.run()
    mine.unlink()
    kept(asked).settings = replace_unchecked(kept(asked).settings, dpi=84)
    asked.run()
    assert not asked.exception
    assert "Mine.ttf is no longer there" in told(asked)
    assert "choose another" in told(asked)
    assert asked.chat_input
    before = len(kept(asked).turns)
    asked.chat_input[0].set_value("Still there?").run()
    assert len(kept(asked).turns) == before + 1
    shot = wait_over(kept(asked).turns[-1])
    assert shot.side(Role.TEXT).phase is Phase.DONE
    assert shot.side(Role.PAGES).phase is Phase.FAILED


def replace_unchecked(settings, **changes):
    """The settings as they were checked before the file went."""
    import copy

    changed = copy.copy(settings)
    for name, value in changes.items():
        object.__setattr__(changed, name, value)
    for cached in ("key",):
        getattr(changed, "__dict__", {}).pop(cached, None)
    return changed


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "is full"), (errno.EROFS, "may not be read or written"), (errno.EDQUOT, "is full")],
)
def test_a_disk_that_takes_nothing_is_said_with_what_to_do_and_the_text_side_answers(asked, monkeypatch, number, said):
    def start(*_args, **_kwargs):
        raise OSError(number, "as the system says it", "/data/pages")

    monkeypatch.setattr(page_jobs(), "start", start)
    asked.run()
    assert not asked.exception
    assert said in told(asked)
    asked.chat_input[0].set_value("Still there?").run()
    shot = wait_over(kept(asked).turns[-1])
    assert shot.side(Role.TEXT).phase is Phase.DONE
    assert "could not be begun" in shot.side(Role.PAGES).error.what_happened


def test_errors_made_for_people_are_told_in_their_own_words():
    said = failure_words("The pages could not be drawn", RenderError("Font 'X.ttf' is gone; choose another."))
    assert said == "The pages could not be drawn. Font 'X.ttf' is gone; choose another."


def test_a_message_keeps_its_serial_number_over_reruns_and_old_ones_go():
    kept_messages = Messages()
    serials = [kept_messages.say(f"Message {n}").serial for n in range(MAX_KEPT + 3)]
    assert len(set(serials)) == len(serials)
    assert [one.serial for one in kept_messages.kept] == serials[-MAX_KEPT:]


def test_what_was_said_is_handed_to_the_browser_by_every_rerun():
    app = AppTest.from_file(str(SCRIPT), default_timeout=60).run()
    kept(app).messages.say("A word")
    for _ in range(3):
        app.run()
        assert [one.text for one in kept(app).messages.kept] == ["A word"]
