"""The table of settings as the viewer's panel has it: groups of knobs, each with its label, unit, range and help. Values to JSON.

In: the table. Out: what the viewer's script draws its panel from, so that it holds no table of its own.
"""

from __future__ import annotations

from typing import Any

from renderer.settings.paper_sizes import ASPECT_RATIOS, PAPER_SIZES_PT
from renderer.settings.table import BY_FIELD, GROUPS, Setting

# One knob more than there are settings: a paper sets both sides of the page. It stands before the first of them.
_PAPER_BEFORE = "page_width_pt"
_MOVES_ALONG = {"font_size_pt": "leading_pt"}  # keeps its distance, as long as the two are linked
OURS = "Ours, not Glyph's: "


def panel_groups() -> list[dict[str, Any]]:
    """Each group's title ("": always open) and knobs, in their order."""
    return [{"title": group.title, "knobs": [*_knobs(group.fields)]} for group in GROUPS]


def _knobs(fields: tuple[str, ...]) -> list[dict[str, Any]]:
    knobs = [_knob(BY_FIELD[field]) for field in fields]
    if _PAPER_BEFORE in fields:
        sides = [BY_FIELD["page_width_pt"].link_key, BY_FIELD["page_height_pt"].link_key]
        knobs.insert(fields.index(_PAPER_BEFORE), {"key": sides[0], "kind": "paper", "label": "Paper", "sides": sides})
    return knobs


def _knob(setting: Setting) -> dict[str, Any]:
    knob: dict[str, Any] = {"key": setting.link_key, "kind": setting.kind.value, "label": setting.label}
    if setting.unit:
        knob["unit"] = setting.unit
    if setting.shown:
        knob |= {"low": setting.shown.lowest, "high": setting.shown.highest, "step": setting.shown.step}
    if setting.field in _MOVES_ALONG:
        knob["moves"] = BY_FIELD[_MOVES_ALONG[setting.field]].link_key
    if setting.choices:
        knob["choices"] = [[choice.word, choice.label] for choice in setting.choices]
    if setting.help or setting.ours:
        knob["help"] = (OURS if setting.ours else "") + setting.help
    return knob


def papers() -> dict[str, list[float]]:
    """Width and height in points by the paper's name."""
    return {name: list(size) for name, size in PAPER_SIZES_PT.items()}


def aspect_ratios() -> list[float]:
    """Height / width."""
    return list(ASPECT_RATIOS)
