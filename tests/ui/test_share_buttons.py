"""What History hands out: every run that can be read, and the name of each that cannot."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import pytest

from app.recordings import BadRecording, RecordingStore, UnknownRecording
from app.recordings.run_file import written
from app.ui.history import share_buttons
from app.ui.history.share_buttons import run_files
from app.ui.history.state import HistoryState
from tests.sharing.test_sharing import parsed, recording, run  # noqa: F401 - fixtures


def failing(error: Exception):
    def load(_run_id: str):
        raise error

    return load


def entry(run_id: str, name: str):
    return SimpleNamespace(run_id=run_id, shown_name=name)


@pytest.fixture
def one_of_three_is_left(monkeypatch, recording):  # noqa: F811
    """The first is gone, the second's disk fails, the third can be read."""
    troubles = {
        "gone1": UnknownRecording("This recording is not kept (any more)."),
        "bad2": OSError(5, "Input/output error", "/home/somebody/secret.ndjson"),
    }

    def load(run_id: str):
        if run_id in troubles:
            raise troubles[run_id]
        return recording

    monkeypatch.setattr(share_buttons, "recordings", lambda: SimpleNamespace(load_ended=load))
    return [entry("gone1", "=Who?"), entry("bad2", "When?"), entry("run3", "Where?")]


def test_a_run_that_cannot_be_read_says_so_in_words_and_never_in_elements(monkeypatch):
    error = BadRecording("its title is <script>alert(1)</script>")
    monkeypatch.setattr(share_buttons, "recordings", lambda: SimpleNamespace(load_ended=failing(error)))
    page = share_buttons._html("run1").decode()
    assert "its title is &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_a_disk_that_fails_is_told_without_a_folder_of_this_machine(monkeypatch):
    error = PermissionError(13, "Permission denied", "/home/somebody/run1.ndjson")
    monkeypatch.setattr(share_buttons, "recordings", lambda: SimpleNamespace(load_ended=failing(error)))
    page = share_buttons._html("run1").decode()
    assert "It could not be read: Permission denied." in page
    assert "somebody" not in page


def test_every_form_names_the_runs_it_leaves_out_and_keeps_the_others(one_of_three_is_left):
    made = {file.name: file.make().decode() for file in run_files("3 shown runs", one_of_three_is_left)}
    assert not any("somebody" in text for text in made.values())
    rows = list(csv.DictReader(io.StringIO(made["glyph-runs.csv"])))
    assert [row["state"].startswith("left out: ") for row in rows] == [False, False, True, True]
    assert (rows[2]["run"], rows[2]["question"]) == ("gone1", "'=Who?")
    assert json.loads(made["glyph-runs.json"])[3]["state"] == "left out: It could not be read: Input/output error."
    spans = parsed(made["glyph-runs.otlp.json"]).resource_spans[0]
    assert len(spans.scope_spans[0].spans) == 2
    (left,) = (one.value.array_value.values for one in spans.resource.attributes if one.key == "glyph.left_out")
    assert [one.string_value.split(" ")[0] for one in left] == ["gone1", "bad2"]
    records = [json.loads(line) for line in made["glyph-runs.jsonl"].splitlines()]
    assert [(one["error"] or {}).get("type") for one in records] == [None, None, "left_out", "left_out"]


def test_no_recording_is_opened_for_a_menu_that_is_only_drawn(monkeypatch):
    monkeypatch.setattr(share_buttons, "recordings", lambda: pytest.fail("a recording was opened"))
    files = run_files("1 picked run", [entry("run1", "Who?")])
    assert [(file.label, file.late) for file in files] == [
        (f"1 picked run: {form}", True) for form in ("CSV", "JSON", "OTLP", "AIPerf")
    ]


def test_picked_runs_come_in_the_order_in_which_they_were_picked():
    state = HistoryState(picked=["b", "gone", "a"])
    assert [one.run_id for one in state.picked_of([entry("a", "A"), entry("b", "B")])] == ["b", "a"]


def test_a_run_that_is_not_over_is_left_out_and_not_called_broken_off(monkeypatch, tmp_path, recording):  # noqa: F811
    store = RecordingStore(tmp_path / "recordings")
    path = store.begin(recording.header)
    monkeypatch.setattr(share_buttons, "recordings", lambda: store)
    csv_of = run_files("1 shown run", store.entries())[0].make
    assert "left out: This run is still being answered" in csv_of().decode()
    path.write_text(written(recording), encoding="utf-8")
    store.note_end(recording.header.run_id, True)
    assert "left out" not in csv_of().decode()
