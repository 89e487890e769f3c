"""The script lists the words that a plain extractor finds and our reader leaves out."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.compare_extraction import main
from tests.books.make_books import make_epub, make_pdf


def test_missing_words_are_listed_and_counted_and_refusals_told(tmp_path: Path, capsys):
    (tmp_path / "a.epub").write_bytes(make_epub({"a.xhtml": "<p>The lamp.</p><p hidden=''>secret</p>"}))
    (tmp_path / "b.pdf").write_bytes(make_pdf([[(40, 500, 10, "The ferry left at noon.")]]))
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4 broken")
    assert main([str(tmp_path)]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert json.loads(last) == {"files": 3, "refused": 1, "words": 8, "missing": 1}
    assert lines[0].endswith("a.epub: 1 of 3 words missing: secret")
    assert "c.pdf: refused:" in lines[1]
