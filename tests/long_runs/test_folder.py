"""Journals of long runs: named by the time, kept to a bound with all that lies beside them, and no path out of a name that is no id."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from app.long_runs import RunFolder, began


class Refused(Exception):
    pass


@pytest.fixture
def folder(tmp_path):
    for name in ("20260101-1", "20260102-1", "20260103-1"):
        for ending in (".jsonl", ".txt", ".settings.json"):
            (tmp_path / f"{name}{ending}").write_text("x")
    (tmp_path / "notes.md").write_text("somebody's own")
    return RunFolder(tmp_path, (".jsonl", ".txt", ".settings.json"), "sweep", Refused)


def test_the_newest_come_first_and_the_rest_goes_with_all_that_lies_beside_it(folder):
    assert [path.stem for path in folder.newest(2)] == ["20260103-1", "20260102-1"]
    folder.keep_newest(1)
    assert sorted(path.name for path in folder.folder.iterdir()) == [
        "20260103-1.jsonl",
        "20260103-1.settings.json",
        "20260103-1.txt",
        "notes.md",
    ]


@pytest.mark.parametrize("name", ["", "../20260101-1", "a/b", "a.b", "a" * 81, "ä"])
def test_a_name_that_is_no_id_gives_no_path_and_the_callers_own_error(folder, name):
    with pytest.raises(Refused, match="names no sweep"):
        folder.path(name)


def test_an_id_of_now_is_an_id_and_sorts_behind_older_ones(folder):
    assert folder.path(folder.new_id()).suffix == ".jsonl"
    assert folder.new_id() < folder.new_id()


def test_a_folder_that_is_not_there_has_no_journals(tmp_path):
    assert RunFolder(tmp_path / "nowhere", (".jsonl",), "sweep", Refused).newest() == []


def test_a_clock_that_was_set_back_makes_nothing_the_oldest(folder):
    """Or the next run begun would take away what this one has measured."""
    (folder.folder / "29991231-235959-999999.jsonl").write_text("x")
    (folder.folder / "zz-of-a-script.jsonl").write_text("x")
    begun = folder.new_id()
    assert begun == "30000101-000000-000000"
    folder.path(begun).write_text("x")
    assert folder.new_id() == "30000101-000000-000001"
    folder.keep_newest(2)
    assert [path.stem for path in folder.newest()] == ["zz-of-a-script", begun]


def by_the_clock() -> str:
    return f"{datetime.now():%Y%m%d-%H%M%S-%f}"


def test_without_later_ones_a_run_is_named_by_the_clock(folder):
    assert by_the_clock() <= folder.new_id() <= by_the_clock()


def test_a_list_says_when_a_run_began_and_keeps_a_name_of_somebodys_own(folder):
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", began(folder.new_id()))
    assert began("20261129-085213-000001") == "2026-11-29 08:52:13"
    assert began("from-the-lab") == "from-the-lab"
