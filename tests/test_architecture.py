"""The house's one rule: imports point upstream along the data, and only the UI imports streamlit."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# package -> the packages of ours that it may import (itself always)
MAY_IMPORT = {
    "renderer": set(),
    "app.paths": set(),
    "app.books": set(),
    "app.tokens": set(),
    "app.projection": set(),
    "app.simulator": {"app.projection"},
    "app.serving": {"app.paths"},
    "app.clients": {"renderer"},
    "app.pagefiles": {"app.paths", "renderer", "app.tokens"},
    "app.measurement": {"app.clients", "app.tokens", "app.projection"},
    "app.live": {"app.clients", "app.measurement", "renderer", "app.tokens"},
    "app.charts": {"app.measurement", "app.tokens"},
}
ALL = {"renderer", "app.paths", "app.books", "app.tokens", "app.projection", "app.simulator", "app.serving", "app.clients",
       "app.pagefiles", "app.measurement", "app.live", "app.charts"}  # fmt: skip
MAY_IMPORT["app.ui"] = ALL - {"app.simulator"}
MAY_IMPORT["pages"] = MAY_IMPORT["app.ui"] | {"app.ui"}
MAY_IMPORT["scripts"] = ALL
MAY_IMPORT["app.main"] = {"app.ui"}
STREAMLIT_ALLOWED = ("app.ui", "pages", "app.main")


def python_files() -> list[Path]:
    return sorted(p for top in ("app", "renderer", "pages", "scripts") for p in (ROOT / top).rglob("*.py"))


def package_of(module: str) -> str | None:
    """The package of ours that a dotted module belongs to; None for the rest of the world."""
    parts = module.split(".")
    if parts[0] in ("renderer", "pages", "scripts"):
        return parts[0]
    if parts[0] == "app":
        return "app" if parts[1:] in ([], ["__init__"]) else ".".join(parts[:2])
    return None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {f"app.{alias.name}" for alias in node.names} if node.module == "app" else {node.module}
    return found


def violations(path: Path) -> list[str]:
    package = package_of(module_of(path))
    wrong = []
    for imported in imports_of(path):
        target = package_of(imported)
        if target not in (None, "app", package) and target not in MAY_IMPORT.get(package, set()):
            wrong.append(f"{path.relative_to(ROOT)} imports {imported}")
        if imported.split(".")[0] == "streamlit" and package not in STREAMLIT_ALLOWED:
            wrong.append(f"{path.relative_to(ROOT)} imports streamlit")
    return wrong


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_upstream(path):
    assert not violations(path)


def test_the_check_sees_a_wrong_import(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    wrong = tmp_path / "renderer" / "layout.py"
    wrong.parent.mkdir()
    wrong.write_text("import streamlit\nfrom app.tokens import visual_tokens\n")
    assert len(violations(wrong)) == 2


def test_every_package_has_a_row():
    packages = {package_of(module_of(path)) for path in python_files()} - {"app"}
    assert packages <= set(MAY_IMPORT)


def test_pages_hold_no_logic():
    for page in (ROOT / "pages").glob("*.py"):
        assert page.read_text().count("\n") <= 60, page


def test_only_the_agreed_folders_are_at_the_top():
    allowed = {"app", "pages", "renderer", "configs", "fonts", "scripts", "tests"}
    tops = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert tops <= allowed


LONGEST_FUNCTION = 60  # lines, docstring included: what fits a screen
LONGEST_FUNCTION_PACKAGES = ("app", "renderer")


def long_functions(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = node.end_lineno - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                found.append(f"{path.name}: {node.name} has {lines} lines")
    return found


def test_functions_fit_a_screen():
    paths = (path for path in python_files() if path.relative_to(ROOT).parts[0] in LONGEST_FUNCTION_PACKAGES)
    assert [found for path in paths for found in long_functions(path)] == []


def test_the_check_sees_a_long_function(tmp_path):
    path = tmp_path / "long.py"
    path.write_text("def f():\n" + "    pass\n" * LONGEST_FUNCTION)
    assert long_functions(path) == ["long.py: f has 61 lines"]
