"""The browser's scripts: their own tests run, and what Streamlit is handed is one script that a browser can read."""

import re
import shutil
import subprocess

import pytest

from app.paths import ROOT
from app.ui import components
from tests.proofs import cannot_prove

ASSETS = ROOT / "app" / "ui" / "assets"


def node() -> str:
    found = shutil.which("node")
    if found is None:
        cannot_prove("the browser's scripts are tested with node, and here is none (apt-get install -y nodejs)")
    return found


def test_the_scripts_own_tests_pass():
    files = sorted((ROOT / "tests" / "ui" / "assets").glob("*.test.mjs"))
    assert files
    done = subprocess.run([node(), "--test", *files], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 0" not in done.stdout


def scripts_of(name: str) -> list[str]:
    return [file for file in components._FILES[name] if file.endswith(".js")]


@pytest.mark.parametrize("name", components._FILES)
def test_a_component_s_files_join_to_one_script(name, tmp_path):
    joined = tmp_path / f"{name}.mjs"
    joined.write_text(
        "\n".join((ASSETS / file).read_text(encoding="utf-8") for file in scripts_of(name)), encoding="utf-8"
    )
    # A name that two files define would be a syntax error in the browser, and only there.
    done = subprocess.run([node(), "--check", joined], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert joined.read_text(encoding="utf-8").count("export default") == 1


TITLED = re.compile(r"(\w+(?:\.\w+)*)\.title = ")


@pytest.mark.parametrize("path", sorted(ASSETS.rglob("*.js")), ids=lambda path: path.stem)
def test_no_element_is_explained_by_its_title_alone(path):
    """A title shows under a pointer only: whoever touches, uses the keyboard or hears the screen gets the same words."""
    source = path.read_text(encoding="utf-8")
    for element in set(TITLED.findall(source)) - {"document", "this"}:
        assert f'{element}.setAttribute("aria-label"' in source, element


def test_every_script_is_part_of_a_component():
    listed = {file for name in components._FILES for file in scripts_of(name)}
    assert listed == {path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.js")}
