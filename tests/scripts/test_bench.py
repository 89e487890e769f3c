"""What a measurement needs is looked for before anything is measured or started."""

from __future__ import annotations

import sys

import pytest

from app.corpus import packages
from scripts import (
    bench,
    bench_app,
    bench_checking,
    bench_controls,
    bench_corpus,
    bench_drag,
    bench_setup,
    headless,
    render_corpus,
)

BROWSER_SUBJECTS = [bench_app, bench_controls, bench_drag, bench_setup]


def too_early(*_, **__):
    raise AssertionError("it began before it knew whether it could")


@pytest.mark.parametrize(
    ("package", "shards"), [("datatrove", "tar"), ("webdataset", "parquet,tar"), ("pyarrow", "parquet")]
)
def test_corpora_are_measured_and_drawn_only_where_their_packages_are(package, shards, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == package else object())
    monkeypatch.setattr(bench_corpus, "read_text", too_early)
    monkeypatch.setattr(render_corpus, "list_inputs", too_early)
    assert bench_corpus.main(["--shards", shards]) == 2
    assert render_corpus.main([str(tmp_path), "--out", str(tmp_path / "out"), "--shards", shards]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count(f"{package} is not installed; pip install -r requirements-corpus.txt") == 2


@pytest.mark.parametrize("module", BROWSER_SUBJECTS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("missing", ["chromium", "playwright"])
def test_what_is_seen_in_a_browser_begins_only_where_there_is_one(module, missing, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench"])
    for name in ("warm_up", "write_novel", "app_running", "first_minute"):
        monkeypatch.setattr(module, name, too_early, raising=False)
    if missing == "chromium":
        monkeypatch.setattr(headless, "CHROMIUM", None)
    else:
        monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 2
    assert f"{missing}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "option"), [(bench_app, "--text"), (bench_controls, "--book"), (bench_drag, "--book")]
)
def test_a_book_that_is_not_there_is_told_at_once(module, option, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", option, "no/such/book.txt"])
    for name in ("headless_chromium", "warm_up", "app_running"):
        monkeypatch.setattr(module, name, too_early, raising=False)
    with pytest.raises(SystemExit):
        module.main()
    assert "there is no file no/such/book.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "option"),
    [
        (bench, "--runs"),
        (bench, "--reference-runs"),
        (bench_app, "--runs"),
        (bench_controls, "--rounds"),
        (bench_drag, "--steps"),
        (bench_corpus, "--documents"),
        (bench_checking, "--runs"),
    ],
)
def test_measuring_no_times_is_refused(module, option, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bench", *(["render"] if module is bench else []), option, "0"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 2
    assert f"argument {option}: '0' is no whole number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "config", "said"),
    [
        ("caf\xe9".encode("latin-1"), None, "is not UTF-8 text"),
        (b" \n", None, "There is no text to render"),
        (b"words", b'{"font-path": "Vera.ttf", "font-size": NaN}', "nan is no number"),
    ],
)
def test_a_text_or_settings_that_cannot_be_drawn_are_a_sentence(content, config, said, tmp_path, capsys):
    (tmp_path / "text.txt").write_bytes(content)
    arguments = ["render", "--text", str(tmp_path / "text.txt")]
    if config is not None:
        (tmp_path / "own.json").write_bytes(config)
        arguments += ["--config", str(tmp_path / "own.json")]
    assert bench.main(arguments) == 2
    assert said in capsys.readouterr().err
