"""`start.py --replay FILE` where the file is no run: it says which file and what is wrong, and starts nothing."""

from __future__ import annotations

import pytest

from scripts.start import ServingError, _replay


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ServingError, match=r"--replay .*gone\.ndjson: .*cannot be read"):
        _replay(tmp_path / "gone.ndjson")


@pytest.mark.parametrize("content", [b"Chapter 1. It rained.\n", b'{"version": 2}\n'])
def test_a_file_that_is_no_recording_says_so(tmp_path, content):
    path = tmp_path / "story.txt"
    path.write_bytes(content)
    with pytest.raises(ServingError, match=r"--replay .*story\.txt: .*recording"):
        _replay(path)
