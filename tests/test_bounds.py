"""docs/bounds.md tells every bound of a cache as the code has it, and no cache goes untold."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| `([\w/]+\.py)` (\w+) \| [^|]+ \| (\d+) \|", re.MULTILINE)
TABLE = (ROOT / "docs" / "bounds.md").read_text(encoding="utf-8")
ROWS = ROW.findall(TABLE)
# Caches whose bound is no constant of their module: it comes from a server's settings, or is one entry a thing there is.
ELSEWHERE = {
    "app/bounded.py",  # the class itself
    "app/simulator/manifests.py",  # the manifests of one folder
}


def constant(path: Path, name: str) -> int:
    """The value that a module gives a name at its top: a number, or a product or shift of numbers."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        names = [target for target in node.targets] if isinstance(node, ast.Assign) else []
        for target in names:
            if isinstance(target, ast.Name) and target.id == name:
                return eval(compile(ast.Expression(node.value), str(path), "eval"), {"__builtins__": {}})
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for one, value in zip(target.elts, node.value.elts, strict=True):
                    if isinstance(one, ast.Name) and one.id == name:
                        return eval(compile(ast.Expression(value), str(path), "eval"), {"__builtins__": {}})
    raise AssertionError(f"{path} has no constant {name}")


@pytest.mark.parametrize(("file", "name", "told"), ROWS, ids=[f"{file}:{name}" for file, name, _ in ROWS])
def test_a_bound_is_told_as_it_is(file, name, told):
    assert constant(ROOT / file, name) == int(told)


def test_every_module_that_keeps_things_in_order_is_in_the_table():
    told = {file for file, _, _ in ROWS} | ELSEWHERE
    keeping = {
        str(path.relative_to(ROOT))
        for top in ("app", "renderer")
        for path in (ROOT / top).rglob("*.py")
        if re.search(r"LRUCache\(|Bounded\(|OrderedDict\(", path.read_text(encoding="utf-8"))
    }
    assert keeping - told - {"app/comparisons/registry.py"} <= SMALL, keeping - told


# A key or a handful of values each, bounded in the same line.
SMALL = {"app/preview/routes.py", "app/training/judge.py", "renderer/fast/raster/glyph_bitmaps.py"}
