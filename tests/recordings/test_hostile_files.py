"""Files of runs as somebody may have changed them: refused in words, or taken in so that every screen and form can show them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.clients import Role
from app.comparisons import BookCost, CutNote, KnownAnswer, Projected, Stamp
from app.recordings import BadRecording, Recording, RecordingStore, as_played, read_run
from app.recordings.run_file import written
from app.sharing import aiperf_lines, html_page, otlp_json, runs_csv, runs_json, shared_run
from app.ui.history.list_files import list_files
from app.ui.history.run_words import AXES, points, ratio_words, side_label, side_words, when
from app.web.comparison_json import turn_view
from app.web.conversation_markdown import conversation_markdown
from tests.sharing.test_sharing import recording  # noqa: F401 - a fixture


@pytest.fixture
def lines(recording) -> list:  # noqa: F811
    """A file's lines as JSON, with everything in its header that a header may have."""
    sides = tuple(
        replace(side, projected=Projected(12.0, "H100"), cost=BookCost(1, 2, 3)) for side in recording.header.sides
    )
    header = replace(
        recording.header,
        sides=sides,
        stamp=Stamp(72, "Vera", 9.0, 10.0, 2, 3.7, 0.6, "key"),
        known=KnownAnswer("41", "41", 0.5),
        cut=CutNote(10, 5, (1, 2)),
        page_starts=(0, 5),
    )
    return [json.loads(line) for line in written(replace(recording, header=header)).split("\n") if line]


def changed(lines: list, at: int, path: tuple, value: object) -> bytes:
    place = lines[at]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def step_at(lines: list, kind: str) -> int:
    return next(at for at, line in enumerate(lines) if at and line[2]["step"] == kind)


def use(store: RecordingStore, taken: Recording) -> None:
    """All that is done with a run that was imported."""
    run_id = store.take_in(taken)
    (entry,) = store.entries()
    assert [points([entry], axis) for axis in AXES]
    assert [one.make() for one in list_files([entry])]
    assert [side_words(entry, role) + side_label(entry, role) for role in Role]
    assert when(entry) + ratio_words(entry)
    shot = as_played(store.load(run_id), None).snapshot()
    assert json.dumps(turn_view(shot, "u")).encode()
    assert conversation_markdown([shot]).encode()
    shared = shared_run(store.load(run_id))
    assert all(form([shared]) for form in (aiperf_lines, otlp_json, runs_csv, runs_json))
    assert html_page(shared, store.blob)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("began_at",), 1e18),
        (("began_at",), 10**400),
        (("began_at",), -1),
        (("known", "place"), 1e308),
        (("cut", "kept_tokens"), -(10**400)),
        (("cut", "removed_tokens"), 10**400),
        (("stamp", "compression_ratio"), 0),
        (("sides", 0, "speedup"), 0),
        (("sides", 0, "cost", "in_window"), 10**400),
        (("sides", 1, "sampling", "max_tokens"), 10**400),
        (("page_starts",), [5, 0]),
    ],
)
def test_a_header_with_numbers_that_nothing_can_reckon_with_is_refused(lines, path, value):
    with pytest.raises(BadRecording):
        read_run(changed(lines, 0, ("glyph", *path), value))


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("UsageReport", "prompt_tokens", 10**400),
        ("UsageReport", "completion_tokens", 10**400),
        ("Finished", "at", 1e300),
    ],
)
def test_a_step_with_numbers_that_nothing_can_reckon_with_is_refused(lines, kind, field, value):
    with pytest.raises(BadRecording):
        read_run(changed(lines, step_at(lines, kind), (2, field), value))


@pytest.mark.parametrize("path", [("title",), ("question",), ("sides", 1, "model"), ("known", "answer"), ("settings",)])
def test_half_a_character_in_a_header_is_shown_as_one_that_is_missing(lines, store, path):
    use(store, read_run(changed(lines, 0, ("glyph", *path), "\ud800half")))
    assert "\ufffdhalf" in store.stream_path("run1").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "field"), [("AnswerDelta", "text"), ("ReasoningDelta", "text"), ("PagesTaken", "pages")]
)
def test_half_a_character_in_a_step_is_shown_as_one_that_is_missing(lines, store, kind, field):
    page = {"path": "\ud800half", "sha256": "a" * 64, "width_px": 1, "height_px": 1}
    value = [page] if field == "pages" else "\ud800half"
    use(store, read_run(changed(lines, step_at(lines, kind), (2, field), value)))
    assert "\ufffdhalf" in store.stream_path("run1").read_text(encoding="utf-8")


def test_a_title_of_megabytes_is_not_sent_to_each_browser_at_each_redraw(lines, store):
    use(store, read_run(changed(lines, 0, ("glyph", "title"), "x" * 3_000_000)))
    assert len(store.entries()[0].title) == 200


def test_what_could_not_be_kept_whole_leaves_no_half_of_it(lines, store, monkeypatch):
    taken = read_run("".join(json.dumps(line) + "\n" for line in lines).encode())

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    for part in ("_note", "begin"):
        with monkeypatch.context() as patch:
            patch.setattr(RecordingStore, part, full)
            with pytest.raises(OSError, match="No space"):
                store.take_in(taken)
        assert store.entries() == []
        assert list((store.folder / "streams").glob("*")) == []
    use(store, taken)
