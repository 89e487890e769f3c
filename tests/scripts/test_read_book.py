"""The script reads books without the app: one JSON line, or exit 2 and one sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "read_book.py"
TEXT = "CHAPTER I\n\nThe keeper lit the lamp and went down to\nsupper, and nothing happened until the\nmorning.\n\nCHAPTER II\n\nThe end of it came soon.\n"


def run(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, args)], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "the_lamp.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_the_last_line_is_one_json_object_with_all_figures(book, tmp_path):
    done = run(book, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["format"], found["encoding"], found["title"]) == ("txt", "utf-8", "The Lamp")
    assert found["characters"] == len(TEXT)
    assert [c["title"] for c in found["chapters"]] == ["CHAPTER I", "CHAPTER II"]
    assert all(c["text_tokens"] > 0 and c["start"] < c["end"] for c in found["chapters"])
    assert found["text_tokens"] == pytest.approx(sum(c["text_tokens"] for c in found["chapters"]), abs=3)


def test_json_alone_is_one_line(book):
    assert len(run(book, "--json").stdout.splitlines()) == 1


def test_reflow_and_out_write_the_clean_text(book, tmp_path):
    out = tmp_path / "clean.txt"
    done = run(book, "--reflow", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    assert (
        "The keeper lit the lamp and went down to supper, and nothing happened until the morning.\n" in out.read_text()
    )
    assert json.loads(done.stdout)["characters"] == len(out.read_text())


def test_an_encoding_may_be_given(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("маяк у моря".encode("cp1251"))
    assert json.loads(run(path, "--encoding", "cp1251", "--json").stdout)["encoding"] == "cp1251"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [("a.epub", b"\x89PNG\r\n\x1a\n123", "picture"), ("a.txt", b"", "empty"), ("a.zip", b"PK\x03\x04junk", "damaged")],
)
def test_what_is_refused_gives_one_sentence_and_exit_2(tmp_path, name, data, says):
    path = tmp_path / name
    path.write_bytes(data)
    done = run(path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_file_is_named(tmp_path):
    done = run(tmp_path / "none.txt")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "none.txt" in done.stderr
