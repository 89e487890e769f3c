"""uv finds packages where pip would, and pip does the work where uv cannot."""

import subprocess

import pytest

from scripts import install_requirements
from scripts.install_requirements import main, uv_environment

CONFIG = """:env:.find-links='/wheels /more'
global.cert='/etc/ssl/own.crt'
global.constraint='/etc/pip/constraints.txt'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.index-url='https://global.example/simple'
install.index-url='https://install.example/simple'
"""


class TestPipsSettings:
    def test_are_handed_on_in_uvs_words(self):
        made = uv_environment(CONFIG, {})
        assert made["SSL_CERT_FILE"] == "/etc/ssl/own.crt"
        assert made["UV_CONSTRAINT"] == "/etc/pip/constraints.txt"
        assert made["UV_INDEX"] == "https://one.example/simple https://two.example/simple"
        assert made["UV_FIND_LINKS"] == "/wheels,/more"

    @pytest.mark.parametrize(
        ("more", "url"),
        [
            ("", "https://install.example/simple"),
            (":env:.index-url='https://variable.example/simple'\n", "https://variable.example/simple"),
        ],
    )
    def test_stand_in_pips_order(self, more, url):
        assert uv_environment(more + CONFIG, {})["UV_DEFAULT_INDEX"] == url

    def test_of_several_indexes_the_best_version_is_taken_as_pip_does(self):
        assert uv_environment(CONFIG, {})["UV_INDEX_STRATEGY"] == "unsafe-best-match"
        assert "UV_INDEX_STRATEGY" not in uv_environment("", {})

    def test_give_way_to_what_is_set_for_uv(self):
        assert uv_environment(CONFIG, {"UV_DEFAULT_INDEX": "https://own.example"})["UV_DEFAULT_INDEX"] == (
            "https://own.example"
        )


class Runs:
    """Stands in for subprocess: commands that contain `failing` end with 1 and say so."""

    def __init__(self, failing: tuple[str, ...]) -> None:
        self.failing, self.commands = failing, []

    def run(self, command, **_):
        self.commands.append(" ".join(command))
        failed = any(word in self.commands[-1] for word in self.failing)
        return subprocess.CompletedProcess(command, int(failed), "", "first\nthe reason\n" if failed else "")

    def call(self, command):
        return self.run(command).returncode


@pytest.fixture
def runs(monkeypatch, request):
    made = Runs(request.param)
    monkeypatch.setattr(install_requirements.subprocess, "run", made.run)
    monkeypatch.setattr(install_requirements.subprocess, "call", made.call)
    monkeypatch.delenv("GLYPH_INSTALLER", raising=False)
    return made


@pytest.mark.parametrize("runs", [()], indirect=True)
def test_pip_installs_uv_and_uv_the_rest(runs, capsys):
    assert main(["requirements.txt"]) == 0
    assert runs.commands[-1].endswith("-r requirements.txt")
    assert " uv pip install " in runs.commands[-1]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("runs", [("-m uv",), ("constraints.txt uv",)], indirect=True)
def test_where_uv_fails_pip_does_it_and_the_reason_is_told(runs, capsys):
    assert main(["requirements.txt"]) == 0
    assert " pip --disable-pip-version-check install " in runs.commands[-1]
    assert "the reason" in capsys.readouterr().err


@pytest.mark.parametrize("runs", [("install",)], indirect=True)
def test_where_both_fail_so_does_set_up(runs):
    assert main(["requirements.txt"]) == 1
