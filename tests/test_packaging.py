"""`pip install .` gives the renderer, the app and their data: a wheel, unpacked far from any checkout, draws a book."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.paths import ROOT
from renderer import places
from scripts.package_requirements import EXTRAS, RENDERER, stated


def stated_name(requirement: str) -> str:
    return canonicalize_name(Requirement(requirement).name)


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


class TestTheRendererAlone:
    """`pip install .` without an extra: the app's packages are not there."""

    @pytest.fixture
    def alone(self, environment, tmp_path) -> dict[str, str]:
        """Whatever the extras bring cannot be found; a copy of the interpreter's own start-up says so before anything else runs."""
        kept_out = [stated_name(line) for extra in EXTRAS.values() for line in stated(ROOT / extra)]
        modules = [
            m for m, dists in packages_distributions().items() if {stated_name(d) for d in dists} & set(kept_out)
        ]
        (tmp_path / "start").mkdir()
        (tmp_path / "start" / "sitecustomize.py").write_text(
            f"import sys\nsys.modules.update(dict.fromkeys({sorted(modules)!r}))\n"
        )
        return environment | {"PYTHONPATH": f"{tmp_path / 'start'}:{environment['PYTHONPATH']}"}

    def test_has_the_renderers_packages_and_no_others(self, installed):
        (metadata,) = installed.glob("*.dist-info/METADATA")
        required = [Requirement(words) for words in message_from_string(metadata.read_text()).get_all("Requires-Dist")]
        without_extra = {canonicalize_name(one.name) for one in required if one.marker is None}
        assert without_extra == {stated_name(line) for line in stated(ROOT / RENDERER)}
        assert {"streamlit", "datatrove"} <= {one.name for one in required} - without_extra

    def test_draws_a_book(self, alone, tmp_path):
        (tmp_path / "BOOK.txt").write_text("It was a bright cold day in April.\n" * 40)
        out = run([*script("glyph-render"), "BOOK.txt", "--json", "--engine", "reference"], alone, tmp_path)
        assert json.loads(out)["pages"] == 1

    def test_loads_all_of_the_corpus_step_but_datatroves_own(self, alone, tmp_path):
        ask = "import app.corpus.drawing, app.corpus.looks, app.corpus.page_map, app.corpus.job, app.corpus.progress"
        run(["-c", ask], alone, tmp_path)

    def test_says_what_the_app_and_the_corpora_need(self, alone, tmp_path):
        for name, extra in (("glyph-side-by-side", "[app]"), ("glyph-corpus", "[corpus]")):
            words = [*script(name), str(tmp_path), "--out", str(tmp_path / "out")]
            done = subprocess.run([sys.executable, *words], cwd=tmp_path, env=alone, capture_output=True, text=True)
            assert done.returncode == 2
            assert extra in done.stderr


def test_the_apps_entry_point_says_how_it_is_used(environment, tmp_path):
    assert "--port" in run([*script("glyph-side-by-side"), "--help"], environment, tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "app/.streamlit/config.toml",
        "app/books/samples/story.txt",
        "glyph_side_by_side/configs/servers.toml",
        "glyph_side_by_side/pages/compare.py",
        "glyph_side_by_side/scripts/setup-vllm",
        "glyph_side_by_side/requirements-vllm.txt",
    ],
)
def test_what_the_app_reads_is_in_the_wheel(installed, name):
    assert (installed / name).read_bytes() == (ROOT / name.removeprefix("glyph_side_by_side/")).read_bytes()


def test_every_file_that_the_browser_gets_is_in_the_wheel(installed):
    assets = [path for path in (ROOT / "app" / "ui" / "assets").rglob("*") if path.suffix in (".js", ".css", ".png")]
    assert assets
    assert [path.name for path in assets if not (installed / path.relative_to(ROOT)).is_file()] == []


def test_no_font_travels_in_the_wheel(installed):
    assert list(installed.rglob("*.[tT][tT][fF]")) == []


def test_a_checkouts_places_are_the_same_for_app_and_renderer():
    from app import paths

    assert (paths.CONFIGS, paths.FONTS) == (places.CONFIGS, places.FONTS)
