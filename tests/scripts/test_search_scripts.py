"""The search's command lines: a small search with its files, and refusals in words."""

import json

import pytest

from app.legibility import why_not
from scripts import needle_curve, search
from tests.search.by_formula import TEXT

needs_ocr = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it is there")


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "stairs.txt"
    path.write_text(TEXT)
    return str(path)


@needs_ocr
def test_a_small_search_tells_each_setting_and_writes_its_front(book, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(search, "SEARCHES", tmp_path / "searches")
    plan = ["--reader", "clarity", "--evaluations", "4", "--population", "2", "--out", str(tmp_path / "out")]
    assert search.main([book, *plan]) == 0
    *lines, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [line["arm"] for line in lines] == ["search"] * 4
    assert summary["search"]["scored"] == 4
    for number, _, compression in summary["search"]["front"]:
        told = json.loads((tmp_path / "out" / f"search-{number}.json").read_text())
        assert told["_search"]["compression"] == pytest.approx(compression, abs=1e-3)
    assert (tmp_path / "out" / "trials.csv").read_text().count("\n") == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name one or more documents"),
        (["--resume", "../etc"], "names no search"),
        (["BOOK", "--critic-url", "http://127.0.0.1:1"], "critic's model"),
        (["BOOK", "--reader", "server"], "--reader-url"),
        (["BOOK", "--evaluations", "1"], "1 evaluations"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_words(book, tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.setattr(search, "SEARCHES", tmp_path / "searches")
    assert search.main([book if one == "BOOK" else one for one in arguments]) == 2
    assert said in capsys.readouterr().err


@needs_ocr
def test_the_needle_curve_falls_with_the_resolution(book, capsys):
    assert needle_curve.main([book, "--dpi", "45,120", "--items", "12"]) == 0
    coarse, clear = (float(row.split("|")[2].split("%")[0]) for row in capsys.readouterr().out.splitlines()[2:])
    assert coarse < 50 < clear
