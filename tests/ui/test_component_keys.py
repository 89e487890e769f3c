"""No key of a component takes a page down, whatever it is made from; keys of addresses are hex."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from app.books import book_from_text
from app.bookshelf.shelf import Shelf
from app.paths import ROOT
from app.ui.components import component_key
from app.unguessable import unguessable_key
from tests.clients.scripted_server import ScriptedServer
from tests.comparisons.comparisons import GOOD
from tests.ui.asking import pair_of, wait_over, with_story

DRAWS_COMPONENT = {"answer_panes", "page_gallery", "page_viewer"}


@pytest.mark.parametrize("comparison_id", ["ab__cd", "ends_", "__", "a_.__b"])
def test_a_question_whose_id_holds_two_underscores_is_asked_and_answered(monkeypatch, comparison_id):
    with ScriptedServer() as text, ScriptedServer() as pages:
        for server in (text, pages):
            server.chat(*GOOD)
        monkeypatch.setattr("app.ui.compare.screen.servers_now", lambda: pair_of(text, pages))
        monkeypatch.setattr(sys.modules["app.comparisons.registry"], "unguessable_key", lambda: comparison_id)
        app = with_story()
        app.chat_input[0].set_value("Who drew the island?").run()
        assert not app.exception
        assert app.session_state["glyph"].turns == [comparison_id]
        wait_over(comparison_id)
        app.run()
        assert not app.exception
        assert app.chat_input


def test_different_parts_give_different_keys_and_none_holds_the_delimiter():
    parts = ["a", "_", "__", "___", "._", "_.", "_._", "a_b", "a-b", "a__b", "é", ""]
    keys = {component_key("turn", part) for part in parts}
    assert len(keys) == len(parts)
    assert not any("__" in key or key.endswith("_") for key in keys)


def test_keys_of_addresses_are_hex_and_long():
    for _ in range(200):
        assert re.fullmatch(r"[0-9a-f]{48}", unguessable_key())
    assert re.fullmatch(r"[0-9a-f]{48}", Shelf().put(book_from_text("A text.", "A")))


def test_every_component_s_key_is_a_plain_word_or_escaped():
    wrong = []
    for path in sorted((ROOT / "app" / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in DRAWS_COMPONENT:
                key = next(one.value for one in node.keywords if one.arg == "key")
                plain = isinstance(key, ast.Constant) and "__" not in key.value
                escaped = isinstance(key, ast.Call) and getattr(key.func, "id", "") == "component_key"
                if not plain and not escaped and ast.unparse(key) != "_VIEWER":
                    wrong.append(f"{path.name}: {ast.unparse(key)}")
    assert not wrong


def test_only_one_module_makes_keys_for_addresses():
    makers = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "app").rglob("*.py"))
        if "token_urlsafe" in path.read_text(encoding="utf-8")
    ]
    assert makers == []
