"""Write docs/settings.md from the table of settings.

    python scripts/write_settings_doc.py            writes it
    python scripts/write_settings_doc.py --check    exit status 1 where it is another

The table is renderer/settings/table.py; tests/scripts/test_settings_doc.py fails where the page was not written anew.
"""

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from renderer import RenderConfig
from renderer.settings.paper_sizes import ASPECT_RATIOS, PAPER_SIZES_PT
from renderer.settings.table import BY_FIELD, GROUPS, Against, Kind, Setting
from renderer.settings.training_ranges import DPI_BANDS, FONT_SIZES_PT

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"
DEFAULTS = {field.name: field.default for field in dataclasses.fields(RenderConfig)}
INTRODUCTION = """# Render settings

Written by `python scripts/write_settings_doc.py` from `renderer/settings/table.py`; change the table, not this page.

- **file key**: Glyph's own key in a settings file. Keys marked \\* are ours: Glyph's script ignores them.
- **link**: the key in an address of the app, and in the query of its preview routes.
- **default**: what Glyph's script takes where a file lacks the key. Links leave out what is as in `configs/en.json`.
- **allowed**: what RenderConfig accepts by itself; settings that contradict each other are refused together.
- **slider**: what the panel's slider offers; any allowed number can be typed.
- **trained**: what Glyph was trained on (arXiv 2510.17800, Table 8). Outside of it pages are drawn, with a word about it.
"""


def page() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION]
    for group in GROUPS:
        parts.append(f"## {group.title or 'Resolution and text'}\n")
        parts.append(
            "| setting | file key | link | default | allowed | slider | trained |\n|---|---|---|---|---|---|---|"
        )
        parts.append("\n".join(_row(BY_FIELD[field]) for field in group.fields) + "\n")
        parts.extend(
            f"- **{BY_FIELD[field].label}**: {BY_FIELD[field].help}" for field in group.fields if BY_FIELD[field].help
        )
        if any(BY_FIELD[field].help for field in group.fields):
            parts.append("")
    parts.append("## Papers and lists of values\n")
    papers = ", ".join(f"{name} {width:g} x {height:g}" for name, (width, height) in PAPER_SIZES_PT.items())
    parts.append(f"Papers by name, in pt: {papers}. Ratios of height to width: {', '.join(map(str, ASPECT_RATIOS))}.\n")
    bands = ", ".join(f"{band.name} {band.lowest} to {band.highest}" for band in DPI_BANDS)
    sizes = ", ".join(f"{size:g}" for size in FONT_SIZES_PT)
    parts.append(f"Trained resolutions by name, in dpi: {bands}. Trained font sizes, in pt: {sizes}.")
    return "\n".join(parts) + "\n"


def _row(setting: Setting) -> str:
    slider = setting.shown
    cells = (
        setting.label,
        f"`{setting.glyph_key}`" + (" \\*" if setting.ours else ""),
        f"`{setting.link_key}`",
        _default(setting),
        _allowed(setting),
        f"{slider.lowest:g} to {slider.highest:g}, by {slider.step:g}" if slider else "",
        _trained(setting),
    )
    return f"| {' | '.join(cells)} |"


def _default(setting: Setting) -> str:
    value: Any = DEFAULTS[setting.field]
    if setting.kind is Kind.FONT:
        return "none: it must be named"
    if setting.kind is Kind.FONTS:
        return "none"
    if setting.kind is Kind.SWITCH:
        return "on" if value else "off"
    if setting.kind in (Kind.NUMBER, Kind.WHOLE):
        return setting.said(value)
    return f"`{value}`"


def _allowed(setting: Setting) -> str:
    if setting.allowed:
        return f"{setting.allowed.lowest:g} to {setting.said(setting.allowed.highest)}"
    if setting.choices:
        words = ", ".join(f"`{choice.value}` ({choice.label.replace('|', ' ')})" for choice in setting.choices)
        return words + (", or text, `<br/>` and `<font color>` of your own" if setting.kind is Kind.MARKUP else "")
    return {
        Kind.COLOR: "`#RRGGBB`",
        Kind.SWITCH: "on, off",
        Kind.FONT: "a TrueType file",
        Kind.FONTS: "up to 8 TrueType files",
    }[setting.kind]


def _trained(setting: Setting) -> str:
    if setting.trained is None:
        return ""
    low, high, against = setting.trained.lowest, setting.trained.highest, setting.trained.against
    unit = setting.unit if against is not Against.EM else ""
    if low is None:
        words = f"up to {high:g} {unit}"
    elif high is None:
        words = f"{low:g} {unit}".rstrip() + " and more"
    else:
        words = f"{low:g} to {high:g} {unit}"
    return " ".join(f"{words} {against or ''}".split()) + (", or none" if against is Against.EM else "")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 where the page is another")
    args = parser.parse_args(argv)
    if args.check:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page()
        if not same:
            print(
                f"{PAGE.relative_to(ROOT)} is not what the table says; run scripts/write_settings_doc.py",
                file=sys.stderr,
            )
        return 0 if same else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
