"""What History hands out of a run that cannot be read."""

from __future__ import annotations

from types import SimpleNamespace

from app.recordings import BadRecording
from app.ui.history import share_buttons


def test_a_run_that_cannot_be_read_says_so_in_words_and_never_in_elements(monkeypatch):
    def load(_run_id: str):
        raise BadRecording("its title is <script>alert(1)</script>")

    monkeypatch.setattr(share_buttons, "recordings", lambda: SimpleNamespace(load=load))
    page = share_buttons._html("run1").decode()
    assert "its title is &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
