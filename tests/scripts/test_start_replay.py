"""`start.py --replay FILE` where the file is no run: it says which file and what is wrong, and starts nothing."""

from __future__ import annotations

import json
import os

import pytest

from scripts.start import ServingError, _replay


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ServingError, match=r"--replay .*gone\.ndjson: .*cannot be read"):
        _replay(tmp_path / "gone.ndjson")


def test_a_recording_of_a_later_format_names_it_and_what_to_do(tmp_path):
    head = {"version": 3, "glyph": {"format": 2, "run_id": "abc", "weather": "what no version of today knows"}}
    path = tmp_path / "later.ndjson"
    path.write_text(f'{json.dumps(head)}\n[0.0, "t", {{"step": "Sneezed"}}]\n', encoding="utf-8")
    asked = r"later\.ndjson: The recording has format 2; this version reads format 1\. Bring the app up to date"
    with pytest.raises(ServingError, match=asked):
        _replay(path)


@pytest.mark.parametrize("content", [b"Chapter 1. It rained.\n", b'{"version": 2}\n'])
def test_a_file_that_is_no_recording_says_so(tmp_path, content):
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    with pytest.raises(ServingError, match=r"--replay .*story\.txt: .*recording"):
        _replay(path)


def test_a_pipe_and_a_folder_are_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(ServingError, match="is no file but a folder, a pipe or a device"):
            _replay(path)
