"""The house's one rule: imports point upstream along the data, and only the UI imports streamlit."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# package -> the packages of ours that it may import (itself always, app.paths and app.unguessable always)
MAY_IMPORT: dict[str, set[str]] = {
    "renderer": set(),
    "app.paths": set(),
    "app.logbook": set(),
    "app.request_deadlines": set(),
    "app.bounded": set(),
    "app.append_log": set(),
    "app.unguessable": set(),
    "app.process_marks": set(),
    "app.books": set(),
    "app.tokens": set(),
    "app.projection": set(),
    "app.verdict": set(),
    "app.markdown": set(),
    "app.checking": {"app.bounded", "app.verdict"},
    "app.outbound": set(),
    "app.legibility": {"app.tokens", "renderer"},
    "app.styles": {"app.tokens", "renderer"},
    "app.simulator": {"app.legibility", "app.projection", "app.request_deadlines"},
    "app.serving": {"app.outbound", "app.process_marks"},
    "app.clients": {"app.outbound", "renderer"},
    "app.pagefiles": {"renderer", "app.tokens"},
    "app.bookshelf": {"app.bounded", "app.books", "app.tokens", "app.pagefiles", "renderer"},
    "app.endpoints": {"app.bounded", "app.clients", "app.outbound", "app.serving", "app.tokens"},
    "app.measurement": {"app.clients", "app.tokens", "app.projection"},
    "app.reading": {"app.measurement", "app.projection", "app.tokens"},
    "app.comparisons": {"app.clients", "app.measurement", "renderer", "app.tokens"},
    "app.exports": {"app.comparisons", "app.reading"},
    "app.recordings": {
        "app.books",
        "app.checking",
        "app.comparisons",
        "app.measurement",
        "app.clients",
        "app.pagefiles",
        "app.process_marks",
        "app.verdict",
        "renderer",
    },
    "app.long_runs": {"app.clients", "app.measurement", "app.outbound"},
    "app.sweep": {
        "app.append_log",
        "app.books",
        "app.clients",
        "app.long_runs",
        "app.measurement",
        "app.pagefiles",
        "app.projection",
        "app.tokens",
        "renderer",
    },
    "app.calibration": {"app.clients", "app.measurement", "app.projection", "app.sweep"},
    "app.whatif": {"app.legibility", "app.projection", "app.tokens", "renderer"},
    "app.preview": {
        "app.bounded",
        "app.bookshelf",
        "app.books",
        "app.legibility",
        "app.tokens",
        "app.pagefiles",
        "app.projection",
        "app.reading",
        "renderer",
    },
    "app.evaluation": {
        "app.append_log",
        "app.books",
        "app.clients",
        "app.factsheet",
        "app.long_runs",
        "app.measurement",
        "app.pagefiles",
        "app.projection",
        "app.tokens",
        "app.verdict",
        "renderer",
    },
    "app.factsheet": {"app.tokens"},
    "app.training": {"app.books", "app.outbound", "app.styles", "app.tokens", "renderer"},
    "app.corpus": {"app.tokens", "app.training", "renderer"},
    "app.sharing": {
        "app.checking",
        "app.clients",
        "app.comparisons",
        "app.markdown",
        "app.measurement",
        "app.recordings",
        "app.tokens",
        "app.verdict",
    },
    "app.search": {
        "app.clients",
        "app.evaluation",
        "app.legibility",
        "app.long_runs",
        "app.outbound",
        "app.styles",
        "app.tokens",
        "renderer",
    },
    "app.charts": {"app.evaluation", "app.measurement", "app.projection", "app.search", "app.sweep", "app.tokens"},
    "app.web": {
        "app.bookshelf",
        "app.checking",
        "app.comparisons",
        "app.clients",
        "app.measurement",
        "app.pagefiles",
        "app.preview",
        "app.reading",
        "app.recordings",
        "app.endpoints",
        "app.evaluation",
        "app.logbook",
        "app.markdown",
        "app.sweep",
        "app.tokens",
        "app.verdict",
        "renderer",
    },
}
MAY_IMPORT["app.ui"] = set(MAY_IMPORT) - {"app.simulator"}
MAY_IMPORT["pages"] = {"app.ui"}
MAY_IMPORT["scripts"] = set(MAY_IMPORT) - {"app.ui", "pages"}
MAY_IMPORT["app.main"] = {"app.request_deadlines", "app.ui", "app.web"}
STREAMLIT_ALLOWED = ("app.ui", "pages", "app.main")
# Inside the renderer: two engines that know nothing of each other. Their callers choose between them.
APART = (("renderer.fast", "renderer.reference"), ("renderer.reference", "renderer.fast"))


def python_files(root: Path = ROOT) -> list[Path]:
    return sorted(p for top in ("app", "renderer", "pages", "scripts") for p in (root / top).rglob("*.py"))


def module_of(path: Path, root: Path = ROOT) -> str:
    module = ".".join(path.relative_to(root).with_suffix("").parts)
    return module.removesuffix(".__init__")


def package_of(module: str) -> str | None:
    """The package of ours that a dotted module belongs to; None for the rest of the world."""
    parts = module.split(".")
    if parts[0] in ("renderer", "pages", "scripts"):
        return parts[0]
    return ".".join(parts[:2]) if parts[0] == "app" else None


def imports_of(path: Path, modules: set[str], root: Path = ROOT) -> Iterator[tuple[str, bool]]:
    """Every module that a file imports, relative ones resolved, and whether that happens when the file is imported."""
    module = module_of(path, root)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = {id(inner) for node in ast.walk(tree) for inner in ast.walk(node) if _runs_later(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in later) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{target}.{alias.name}"
                yield (inner if inner in modules else target), id(node) not in later


def _runs_later(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return True
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def violations(path: Path, root: Path = ROOT) -> list[str]:
    module, package = module_of(path, root), package_of(module_of(path, root))
    modules = {module_of(p, root) for p in python_files(root)}
    wrong = []
    for imported, _ in imports_of(path, modules, root):
        target = package_of(imported)
        if target not in (None, "app", "app.paths", "app.unguessable", package) and target not in MAY_IMPORT.get(
            package or "", set()
        ):
            wrong.append(f"{module} imports {imported}")
        if imported.split(".")[0] == "streamlit" and package not in STREAMLIT_ALLOWED:
            wrong.append(f"{module} imports streamlit")
        for one, other in APART:
            if f"{module}.".startswith(f"{one}.") and f"{imported}.".startswith(f"{other}."):
                wrong.append(f"{module} imports {imported}")
    return wrong


def circles(root: Path = ROOT) -> list[list[str]]:
    """Groups of modules that import each other while they are being imported, by Tarjan's algorithm."""
    paths = {module_of(path, root): path for path in python_files(root)}
    arrows = {
        name: sorted(
            {target for target, at_once in imports_of(path, set(paths), root) if at_once and target in paths} - {name}
        )
        for name, path in paths.items()
    }
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for target in arrows[name]:
            if target not in number:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], number[target])
        if low[name] == number[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in arrows:
        if name not in number:
            visit(name)
    return found


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_upstream(path):
    assert not violations(path)


def test_no_modules_import_each_other_in_a_circle():
    assert circles() == []


class TestTheCheckSees:
    @pytest.fixture
    def house(self, tmp_path):
        def write(name: str, source: str) -> Path:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
            return path

        write("app/books/__init__.py", "")
        return write

    def test_a_wrong_import(self, house, tmp_path):
        wrong = house("renderer/layout.py", "import streamlit\nfrom app.tokens import visual_tokens\n")
        assert len(violations(wrong, tmp_path)) == 2

    def test_a_relative_import_of_another_package(self, house, tmp_path):
        wrong = house("app/tokens/fit.py", "from ..books import Book\n")
        assert violations(wrong, tmp_path) == ["app.tokens.fit imports app.books"]

    def test_one_engine_that_imports_the_other(self, house, tmp_path):
        house("renderer/reference/engine.py", "")
        wrong = house("renderer/fast/engine.py", "def f():\n    from renderer.reference import engine\n")
        assert violations(wrong, tmp_path) == ["renderer.fast.engine imports renderer.reference.engine"]

    def test_a_circle(self, house, tmp_path):
        house("app/tokens/fit.py", "from .counts import Count\n")
        house("app/tokens/counts.py", "from .fit import fit\n")
        assert circles(tmp_path) == [["app.tokens.counts", "app.tokens.fit"]]

    def test_a_long_function(self, tmp_path):
        path = tmp_path / "long.py"
        path.write_text("def f():\n" + "    pass\n" * LONGEST_FUNCTION)
        assert long_functions(path) == [f"long.py: f has {LONGEST_FUNCTION + 1} lines"]


def test_every_package_has_a_row():
    packages = {package_of(module_of(path)) for path in python_files()} - {"app"}
    assert packages <= set(MAY_IMPORT)


def test_the_readme_tree_names_every_package():
    tree = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = tree[tree.index("## How it is built") :]
    missing = [
        name
        for name in MAY_IMPORT
        if f"{name.rpartition('.')[2]}/" not in tree and f"{name.rpartition('.')[2]}.py" not in tree
    ]
    assert missing == []


def test_pages_hold_no_logic():
    for page in (ROOT / "pages").glob("*.py"):
        assert page.read_text().count("\n") <= 60, page


def test_only_the_agreed_folders_are_at_the_top():
    allowed = {"app", "pages", "renderer", "configs", "docs", "fonts", "scripts", "tests"}
    tops = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert tops <= allowed


LONGEST_FUNCTION = 64  # lines, docstring included: what fits a screen
LONGEST_FUNCTION_PACKAGES = ("app", "renderer")

LONGEST_SCRIPT = 300  # lines of a browser script, which has no imports to find one's way by: one thing a file


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


def test_browser_scripts_hold_one_thing_each():
    paths = [path.relative_to(ROOT).as_posix() for path in (ROOT / "app").rglob("*.js")]
    lines = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in paths}
    assert lines
    assert {path: count for path, count in lines.items() if count > LONGEST_SCRIPT} == {}
