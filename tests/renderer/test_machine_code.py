"""Compiled code is found again wherever the checkout lies, and never after what it was made of has changed."""

import ast
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.paths import ROOT
from renderer.fast import machine_code
from renderer.fast.machine_code import PACKAGE, compiled_sources, digest_of

ASK = """
from renderer.fast.layout.probe import value
from renderer.fast import machine_code
print(value(), sum(value.stats.cache_hits.values()), machine_code.PACKAGE)
"""


@pytest.fixture
def checkout(tmp_path):
    """A copy of the renderer with a compiled function in one sub-folder that uses a constant of another."""
    top = tmp_path / "first"
    shutil.copytree(PACKAGE, top / "renderer", ignore=shutil.ignore_patterns("__pycache__"))
    for folder, file in (("configs", "en.json"), ("fonts", "fonts.toml")):
        (top / folder).mkdir()
        shutil.copyfile(ROOT / folder / file, top / folder / file)
    (top / "renderer" / "fast" / "text" / "probe_rules.py").write_text("VALUE = 1\n")
    (top / "renderer" / "fast" / "layout" / "probe.py").write_text(
        "from renderer.fast.compiling import compiled\nfrom renderer.fast.text.probe_rules import VALUE\n\n\n"
        "@compiled\ndef value():\n    return VALUE\n"
    )
    return top


def ask(top: Path) -> tuple[int, int]:
    """What the function gives in a new process, and how often its machine code was found."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=top,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    value, hits, package = done.stdout.split(maxsplit=2)
    assert package.strip() == str(top / "renderer")
    return int(value), int(hits)


def test_a_copied_folder_finds_its_machine_code_again(checkout):
    assert ask(checkout) == (1, 0)
    copy = checkout.parent / "elsewhere" / "second"
    shutil.copytree(checkout, copy, copy_function=shutil.copyfile)  # new dates, as a copy or a clone has
    assert ask(copy) == (1, 1)


def test_a_moved_folder_finds_its_machine_code_again(checkout):
    assert ask(checkout) == (1, 0)
    moved = checkout.rename(checkout.parent / "moved")
    assert ask(moved) == (1, 1)


def test_a_constant_changed_in_another_folder_leaves_no_stale_code(checkout):
    assert ask(checkout) == (1, 0)
    (checkout / "renderer" / "fast" / "text" / "probe_rules.py").write_text("VALUE = 2\n")
    assert ask(checkout) == (2, 0)


def test_the_digest_follows_every_compiled_source_and_no_other(tmp_path):
    package = tmp_path / "renderer"
    shutil.copytree(PACKAGE, package)
    before = digest_of(package)
    assert before == digest_of()
    for name in ("fast/engine.py", "reference/engine.py", "command_line.py"):
        (package / name).write_text("changed = True\n")
    assert digest_of(package) == before
    for path in compiled_sources(package):
        source = path.read_bytes()
        path.write_bytes(source + b"\n")
        assert digest_of(package) != before, path
        path.write_bytes(source)


def test_every_constant_that_compiled_code_may_take_in_is_in_the_digest():
    """numba freezes globals into machine code: where they come from must count, by whatever import they came."""
    counted = set(compiled_sources())
    for path in counted:
        module = importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                base = importlib.util.resolve_name("." * node.level + (node.module or ""), module.__package__)
                if base.split(".")[0] != "renderer":
                    continue
                for alias in node.names:
                    value = getattr(importlib.import_module(base), alias.name, None)
                    if isinstance(value, int | float | str | bytes | tuple | np.ndarray):
                        assert Path(importlib.import_module(base).__file__) in counted, (path, alias.name)


def test_what_earlier_sources_left_behind_is_dropped(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(machine_code.places, "CACHE", tmp_path)
    machine_code.mark_whole()
    old = tmp_path / "numba" / "0123456789abcdef"
    old.mkdir()
    machine_code.drop_old()
    assert not old.exists()
    assert machine_code.is_whole()


def test_a_folder_given_by_the_user_is_used_and_never_swept(tmp_path, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    (tmp_path / "theirs").mkdir()
    machine_code.mark_whole()
    machine_code.drop_old()
    assert (tmp_path / "theirs").is_dir()
    assert machine_code.cache_folder().parent == tmp_path
