"""A journal loses nothing, whenever its process dies, and takes nothing in that is not its own."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from app.clients import Role
from app.measurement import CacheState, Provenance
from app.sweep import (
    Arm,
    Header,
    Journal,
    JournalUnusable,
    Kind,
    Outcome,
    Record,
    ServerNote,
    SweepBusy,
    SweepPlan,
    Task,
    check_same,
    json_text,
    read_journal,
    table_csv,
)
from tests.sweep.conftest import PLAN

HEADER = Header(PLAN, "A book", "ab12", "key", (ServerNote(Role.TEXT, "m", True, "H100", 40.0),))
MEASURED = Record(
    Task(Kind.LOAD, Arm(Role.PAGES, 96), 1024, 4),
    Outcome.MEASURED,
    Provenance.SIMULATED,
    at="2026-01-01T00:00:00+00:00",
    text_tokens=1020,
    visual_tokens=300,
    pages=1,
    render_ms=12.5,
    prompt_tokens=340,
    cache=CacheState.COLD,
    ttft_ms=(1.5, 2.5, 3.5, 4.5),
    tokens_per_second=99.5,
    answer_tokens=128,
    headers_ms=(0.5, 0.75),
    kv_cache_peak=0.97,
    waiting_peak=2,
    seconds=1.25,
    detail="“quoted”\u2028and split",
)
FAILED = Record(Task(Kind.PREFILL, Arm(Role.TEXT), 256), Outcome.FAILED, Provenance.MEASURED, detail="It burnt.")


@pytest.fixture
def path(tmp_path):
    with Journal.create(tmp_path / "sweeps" / "one.jsonl", HEADER) as journal:
        journal.append(MEASURED)
        journal.append(FAILED)
        return journal.path


def test_what_was_written_is_read(path):
    assert read_journal(path) == (HEADER, (MEASURED, FAILED))


def test_a_journal_of_before_fullness_was_noted_is_read_without_it(path):
    header, *lines = path.read_text().split("\n")[:-1]  # U+2028 ends no line
    later = ("headers_ms", "kv_cache_peak", "waiting_peak")
    older = [{name: value for name, value in json.loads(line).items() if name not in later} for line in lines]
    path.write_text("\n".join([header, *map(json.dumps, older)]) + "\n")
    _, (load, _) = read_journal(path)
    assert load == replace(MEASURED, headers_ms=(), kv_cache_peak=None, waiting_peak=None)


def test_a_half_line_of_a_killed_process_is_cut_off_and_the_next_record_stands_by_itself(path):
    whole = path.read_bytes()
    path.write_bytes(whole + whole.splitlines(keepends=True)[1][:-20])
    with Journal.resume(path) as journal:
        assert journal.torn
        assert journal.records == (MEASURED, FAILED)
        journal.append(MEASURED)
    assert path.read_bytes() == whole + whole.splitlines(keepends=True)[1]


def test_a_kill_at_any_byte_keeps_every_whole_record(path):
    whole = path.read_bytes()
    header_bytes = whole.index(b"\n") + 1
    for size in range(header_bytes, len(whole), 37):
        path.write_bytes(whole[:size])
        with Journal.resume(path) as journal:
            assert len(journal.records) == whole[:size].count(b"\n") - 1


def test_a_failure_is_not_settled_and_its_next_try_counts(path):
    with Journal.resume(path) as journal:
        assert journal.settled == {MEASURED.task.key}
        again = Record(FAILED.task, Outcome.MEASURED, Provenance.MEASURED, ttft_ms=(1.0,))
        journal.append(again)
        assert journal.records == (MEASURED, again)
        assert FAILED.task.key in journal.settled


def test_a_new_sweep_never_writes_over_an_old_one(path):
    before = path.read_bytes()
    with pytest.raises(JournalUnusable, match="there already"):
        Journal.create(path, HEADER)
    assert path.read_bytes() == before


def test_two_processes_never_write_into_one_journal(path):
    held = f"""
import sys, pathlib
from app.sweep import Journal
with Journal.resume(pathlib.Path({str(path)!r})):
    print("held", flush=True)
    sys.stdin.read()
"""
    other = subprocess.Popen([sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SweepBusy, match="Another process"):
            Journal.resume(path)
        read_journal(path)
    finally:
        other.communicate(timeout=30)
    Journal.resume(path).close()


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (2, lambda value: value.update(ttft_ms=[float("nan")])),
        (2, lambda value: value.update(ttft_ms="fast")),
        (2, lambda value: value.update(seconds=-1)),
        (2, lambda value: value.update(side="text")),
        (2, lambda value: value.pop("outcome")),
        (2, lambda value: value.update(aimed_tokens=True)),
        (1, lambda value: value["plan"].update(lengths=[1])),
        (1, lambda value: value.update(version=99)),
    ],
)
def test_a_line_that_is_none_of_ours_is_refused_by_its_number(path, number, change):
    lines = path.read_text(encoding="utf-8").split("\n")
    value = json.loads(lines[number - 1])
    change(value)
    lines[number - 1] = json.dumps(value)
    path.write_text("\n".join(lines), encoding="utf-8")
    for look in (read_journal, Journal.resume):
        with pytest.raises(JournalUnusable, match=f"line {number}"):
            look(path)


def test_an_empty_or_missing_file_is_refused_with_the_next_step(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(JournalUnusable, match="no first line"):
        Journal.resume(tmp_path / "empty")
    with pytest.raises(JournalUnusable, match="There is no journal"):
        Journal.resume(tmp_path / "missing")


def test_another_book_or_model_is_named_as_what_differs():
    check_same(HEADER, HEADER)
    other = Header(SweepPlan(), "B", "cd34", "key", HEADER.servers)
    with pytest.raises(JournalUnusable, match="the book, the plan differ"):
        check_same(HEADER, other)


def test_exports_hold_every_figure_and_no_words_that_a_sheet_would_run():
    hostile = Record(FAILED.task, Outcome.FAILED, Provenance.MEASURED, detail="=HYPERLINK()")
    sheet = table_csv([MEASURED, hostile])
    assert "load,pages,96,1024,1020,300,340,3.4,4,simulated,4,3.0,1.0" in sheet
    assert "\n=" not in sheet
    assert ",=" not in sheet
    everything = json.loads(json_text(HEADER, [MEASURED, hostile]))
    assert len(everything["records"]) == 2
    assert everything["servers"][0]["simulated"] is True
