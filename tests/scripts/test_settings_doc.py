"""docs/settings.md is the table of settings, and nothing else."""

from renderer.settings.table import SETTINGS
from scripts import write_settings_doc


def test_the_page_is_what_the_table_says():
    assert write_settings_doc.main(["--check"]) == 0, "run python scripts/write_settings_doc.py"


def test_the_page_has_a_row_for_every_setting():
    rows = [line for line in write_settings_doc.page().splitlines() if line.startswith("| ")]
    for setting in SETTINGS:
        [row] = [row for row in rows if f"| `{setting.link_key}` |" in row]
        assert f"`{setting.glyph_key}`" in row
        assert row.startswith(f"| {setting.label} |")


def test_a_page_that_is_another_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(write_settings_doc, "ROOT", tmp_path)
    monkeypatch.setattr(write_settings_doc, "PAGE", tmp_path / "docs" / "settings.md")
    assert write_settings_doc.main(["--check"]) == 1
    assert "docs/settings.md" in capsys.readouterr().err
    assert write_settings_doc.main([]) == 0
    assert write_settings_doc.main(["--check"]) == 0
