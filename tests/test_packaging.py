"""`pip install .` gives the renderer, the app and their data: a wheel, unpacked far from any checkout, draws a book."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from app.paths import ROOT
from renderer import places


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The wheel's files, in a folder that stands for site-packages."""
    top = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(top / "wheels")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (top / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(top / "site")
    return top / "site"


@pytest.fixture
def environment(installed, tmp_path) -> dict[str, str]:
    """A user who has the fonts already."""
    fonts = tmp_path / "data" / places.APPLICATION / "fonts"
    fonts.mkdir(parents=True)
    shutil.copy(ROOT / "fonts" / "Vera.ttf", fonts)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(installed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }


def run(code_or_module: list[str], environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *code_or_module], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def script(name: str) -> list[str]:
    """As the entry point of that name calls it."""
    module, function = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"][name].split(":")
    return ["-c", f"import sys; from {module} import {function}; sys.exit({function}())"]


def test_glyph_render_draws_a_book_from_another_folder(environment, tmp_path):
    (tmp_path / "BOOK.txt").write_text("It was a bright cold day in April.\n" * 40)
    out = run([*script("glyph-render"), "BOOK.txt", "--json", "--engine", "reference"], environment, tmp_path)
    assert json.loads(out)["pages"] == 1
    assert (tmp_path / "BOOK-pages" / "page_001.png").is_file()


def test_an_installed_copy_reads_beside_its_packages_and_writes_to_the_users_folders(environment, installed, tmp_path):
    ask = (
        "from app import paths; from renderer import places; import renderer, renderer.fast.engine;"
        "print(renderer.__file__, paths.CONFIGS, places.CONFIGS, places.FONT_CATALOGUE,"
        "paths.FONTS, places.FONTS, paths.DATA, places.CACHE, sep='\\n')"
    )
    loaded, configs, same, catalogue, fonts, same_fonts, data, cache = run(
        ["-c", ask], environment, tmp_path
    ).splitlines()
    assert Path(loaded).is_relative_to(installed)
    assert configs == same == str(installed / "glyph_side_by_side" / "configs")
    assert Path(catalogue).is_file()
    assert fonts == same_fonts == str(tmp_path / "data" / places.APPLICATION / "fonts")
    assert data == str(tmp_path / "data" / places.APPLICATION)
    assert cache == str(tmp_path / "cache" / places.APPLICATION)


def test_the_apps_entry_point_says_how_it_is_used(environment, tmp_path):
    assert "--port" in run([*script("glyph-side-by-side"), "--help"], environment, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "app/.streamlit/config.toml",
        "app/ui/assets/viewer/viewer.js",
        "app/books/samples/story.txt",
        "glyph_side_by_side/configs/servers.toml",
        "glyph_side_by_side/pages/compare.py",
        "glyph_side_by_side/scripts/setup-vllm",
        "glyph_side_by_side/requirements-vllm.txt",
    ],
)
def test_what_the_app_reads_is_in_the_wheel(installed, name):
    assert (installed / name).read_bytes() == (ROOT / name.removeprefix("glyph_side_by_side/")).read_bytes()


def test_no_font_travels_in_the_wheel(installed):
    assert list(installed.rglob("*.[tT][tT][fF]")) == []


def test_a_checkouts_places_are_the_same_for_app_and_renderer():
    from app import paths

    assert (paths.CONFIGS, paths.FONTS) == (places.CONFIGS, places.FONTS)
