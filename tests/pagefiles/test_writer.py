"""Page files: complete or absent, described by their manifest, and never another's."""

import hashlib
import json
import shutil

import pytest

from app.pagefiles import writer
from app.pagefiles.writer import remove_earlier_pages, write_pages
from app.tokens import count_text_tokens
from renderer import NothingToRender, RenderCancelled, RenderConfig

pytestmark = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")
TEXT = "".join(f"Line {n} of a book that nobody wrote.\n" for n in range(120))
CONFIG = RenderConfig.from_mapping({"font-path": "Vera.ttf", "page-size": "300,220", "alignment": "LEFT"})


def write(directory, text=TEXT, config=CONFIG, **options):
    return write_pages(text, "A book", config, directory, "reference", **options)


def test_the_manifest_describes_every_file(tmp_path):
    made = write(tmp_path / "out", rgb_hashes=True)
    manifest = json.loads(made.manifest_path.read_text(encoding="utf-8"))
    assert manifest["version"] == 1
    assert manifest["source"] == {
        "title": "A book",
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "characters": len(TEXT),
    }
    assert manifest["engine"] == {"name": "reference", "reason": None}
    assert RenderConfig.from_mapping(manifest["settings"]).key == manifest["settings_key"] == CONFIG.key
    assert [page["file"] for page in manifest["pages"]] == [f"page_{n:03d}.png" for n in range(1, len(made.pages) + 1)]
    for page, stored in zip(manifest["pages"], made.pages, strict=True):
        data = stored.path.read_bytes()
        assert hashlib.sha256(data).hexdigest() == page["png_sha256"] == stored.png_sha256
        assert len(page["rgb_sha256"]) == 64
        assert page["text"] == TEXT[slice(*page["text_span"])]
    assert "".join(page["text"] for page in manifest["pages"]) == TEXT
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        ["manifest.json", *(page["file"] for page in manifest["pages"])]
    )


def test_totals_add_up(tmp_path):
    made = write(tmp_path)
    assert made.totals.pages == len(made.pages) > 2
    assert made.totals.visual_tokens == sum(page.visual_tokens for page in made.pages)
    assert made.totals.text_tokens == count_text_tokens(TEXT).value
    assert made.totals.ratio == made.totals.text_tokens / made.totals.visual_tokens
    assert made.png_bytes == sum(page.path.stat().st_size for page in made.pages)
    assert made.pages[0].rgb_sha256 is None


def test_a_shorter_second_run_leaves_no_page_of_the_first(tmp_path):
    first = write(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "page_999.png").write_bytes(b"mine")
    second = write(tmp_path, text=TEXT[:200])
    assert len(second.pages) < len(first.pages)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["manifest.json", "notes.txt", *(p.path.name for p in second.pages), "page_999.png"]


def test_a_foreign_manifest_is_no_licence_to_delete(tmp_path):
    outside = tmp_path / "page_001.png"
    outside.write_bytes(b"mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "page_001.png").write_bytes(b"mine")
    for content in ('{"version": 2, "pages": [{"file": "page_001.png"}]}', "[]", "{", '{"version": 1}'):
        (folder / "manifest.json").write_text(content)
        assert remove_earlier_pages(folder) == 0
    (folder / "manifest.json").write_text(
        json.dumps({"version": 1, "pages": [{"file": "../page_001.png"}, {"file": "notes.txt"}, {"file": 3}]})
    )
    assert remove_earlier_pages(folder) == 0
    assert outside.exists()
    assert (folder / "page_001.png").exists()


def test_cancelling_leaves_nothing_behind(tmp_path):
    seen = []
    with pytest.raises(RenderCancelled):
        write(tmp_path, cancelled=lambda: len(seen) > 2, on_progress=lambda done, total: seen.append(done))
    assert list(tmp_path.iterdir()) == []


def test_a_failure_in_writing_leaves_nothing_behind(tmp_path, monkeypatch):
    def failing(path, data, write=writer._write_atomically):
        if path.name == "page_003.png":
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(writer, "_write_atomically", failing)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_keeps_the_earlier_set(tmp_path):
    write(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(NothingToRender):
        write(tmp_path, text="  ")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_thousand_pages_get_four_digits(tmp_path):
    config = RenderConfig.from_mapping({"font-path": "Vera.ttf", "page-size": "60,62", "margin-x": 0, "margin-y": 0})
    made = write(tmp_path, text="a\n" * 5000, config=config)
    assert len(made.pages) > 999
    assert made.pages[0].path.name == "page_001.png"
    assert made.pages[999].path.name == "page_1000.png"
