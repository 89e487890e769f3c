"""The two sides have one name each wherever people read of them: "Text model" and "Glyph"."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clients import Role
from app.paths import ROOT
from tests.ui.test_browser_scripts import ASSETS, node

OTHER_NAMES = re.compile(r"\b(?:text|pages)[ -](?:side|server|reader)\b|\bside of the (?:text|pages)\b", re.I)
# Words that only developers see: a client's own names for the two servers of the simulator, a table's column names.
NOT_SHOWN = ("app/simulator", "app/serving")


def shown_strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a source file that is no docstring; a value in an f-string is {}."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    parts: set[int] = set()
    for found in ast.walk(tree):
        if isinstance(found, ast.JoinedStr):
            parts |= {id(one) for one in found.values}
            yield (
                found.lineno,
                "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in found.values),
            )
    for found in ast.walk(tree):
        if isinstance(found, ast.Constant) and isinstance(found.value, str) and id(found) not in silent | parts:
            yield found.lineno, found.value


def test_no_message_calls_a_side_by_another_name():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {words[:120]}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        if not str(path.relative_to(ROOT)).startswith(NOT_SHOWN)
        for line, words in shown_strings(path)
        if OTHER_NAMES.search(words)
    ]
    assert found == []


@pytest.mark.parametrize("role", list(Role))
def test_the_browser_and_python_give_a_side_the_same_name(role):
    source = (ASSETS / "elements.js").read_text(encoding="utf-8")
    asked = f"console.log(JSON.stringify([sideName({role.value!r}), sideNamed({role.value!r})]))"
    said = subprocess.run([node(), "-e", f"{source}\n{asked}"], capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == [role.called, role.named]
