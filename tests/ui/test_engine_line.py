"""The line that says who draws while the fast engine is being compiled."""

from streamlit.testing.v1 import AppTest

from app.paths import ROOT
from app.ui import frame
from app.web.engine_warm_up import Compiling, EngineWarmUp

SCRIPT = ROOT / "app" / "ui" / "script.py"


class UnderWay(EngineWarmUp):
    def progress(self) -> Compiling | None:
        return Compiling(12, 48)


def lines(app: AppTest) -> list[str]:
    return [one.proto.text for one in app.get("progress")]


def test_says_how_far_it_is_and_who_draws_until_then(monkeypatch):
    monkeypatch.setattr(frame, "engine_warm_up", UnderWay)
    app = AppTest.from_file(str(SCRIPT), default_timeout=90).run()
    assert not app.exception
    (line,) = lines(app)
    assert "(25 %)" in line
    assert "reference engine draws" in line


def test_is_not_there_once_the_engine_is_ready():
    assert lines(AppTest.from_file(str(SCRIPT), default_timeout=90).run()) == []
