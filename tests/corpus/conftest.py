"""A few texts, small pages, and what runs a job in a process of its own."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.corpus.looks import FixedLooks
from app.paths import CONFIGS, ROOT
from renderer import RenderConfig

SCRIPT = ROOT / "scripts" / "render_corpus.py"


def prose(number: int, words: int) -> str:
    """A text that no other number gives."""
    return " ".join(f"word{(number * 7919 + i * i) % 997}" for i in range(words)) + "\n"


@pytest.fixture(scope="session")
def config() -> RenderConfig:
    return dataclasses.replace(
        RenderConfig.load(CONFIGS / "en.json"), page_width_pt=300.0, page_height_pt=200.0, newline_markup="<br/>"
    )


@pytest.fixture(scope="session")
def look(config) -> FixedLooks:
    return FixedLooks((config,))


@pytest.fixture
def texts(tmp_path) -> Path:
    """Documents of both kinds, and three things that are none."""
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    for number in range(4):
        (folder / f"t{number}.txt").write_text(prose(number, 200 + 150 * number))
    (folder / "deep" / "crlf.txt").write_bytes("\ufeffone\r\ntwo\rthree".encode())
    lines = [json.dumps({"id": f"line-{i}", "text": prose(10 + i, 90)}) for i in range(3)]
    lines += ["{broken", json.dumps({"id": "no text"}), json.dumps({"text": "\ud800 half"})]
    (folder / "many.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def command(folder: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, str(SCRIPT), str(folder), "--out", str(out), *more]


def run(folder: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(folder, out, *more), capture_output=True, text=True, timeout=170, check=False)


def told(done: subprocess.CompletedProcess[str]) -> dict:
    """The summary, which is the last line of stdout."""
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def differing(found: dict[str, bytes], wanted: dict[str, bytes]) -> list[str]:
    """Files that are not the same bytes, each with both lengths (-1: there is none): thousands of bytes tell a reader nothing."""
    lengths = {
        name: [len(files.get(name, b"")) if name in files else -1 for files in (found, wanted)]
        for name in found | wanted
    }
    return [f"{name}: {lengths[name]}" for name in sorted(lengths) if found.get(name) != wanted.get(name)]


def results(out: Path) -> dict[str, bytes]:
    """Every shard and ledger by its path, and nothing else of a job's folder."""
    folders = [out / name for name in ("tar", "parquet", "documents")]
    return {str(path.relative_to(out)): path.read_bytes() for folder in folders for path in sorted(folder.rglob("*"))}
