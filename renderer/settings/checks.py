"""What RenderConfig refuses: a value out of its range, and settings that contradict each other. Raises ConfigError.

A message names the setting as the screen does, its value, what is allowed, and the next step; a step that names a number
holds when it is taken. The error carries the fields that it is about, the one to change first.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderer.errors import ConfigError
from renderer.glyph_rules import FRAME_PADDING_PT

from .page_snapping import CELL_PX
from .reading import allowed, read_color, read_number, shown
from .table import BY_FIELD, SETTINGS, Kind, Setting

if TYPE_CHECKING:
    from .config import RenderConfig

MAX_PAGE_PIXELS = 60_000_000


def checked_values(config: "RenderConfig") -> dict[str, Any]:
    """Every field of the table in its own type: 9 and 9.0 are the same setting, with one key."""
    return {setting.field: _checked(setting, getattr(config, setting.field)) for setting in SETTINGS}


def _checked(setting: Setting, value: Any) -> Any:
    if setting.kind in (Kind.NUMBER, Kind.WHOLE):
        if isinstance(value, str):  # a file's text is read before; a field holds numbers
            value = None
        number = read_number(setting, value)
        _check_range(setting, number)
        return number
    if setting.kind is Kind.COLOR:
        return read_color(setting, value)
    if setting.kind is Kind.SWITCH:
        if not isinstance(value, bool):
            raise ConfigError(
                f"{setting.label}: {shown(value)} is neither true nor false; use one of them.", setting.field
            )
        return value
    if setting.kind is Kind.CHOICE:
        if value not in (known := [choice.value for choice in setting.choices]):
            raise ConfigError(f"{setting.label}: {shown(value)} is none; use one of {', '.join(known)}.", setting.field)
        return value
    if setting.kind is Kind.FONT:
        return Path(value)
    if setting.kind is Kind.FONTS:
        return tuple(Path(path) for path in value)
    return value


def _check_range(setting: Setting, value: float) -> None:
    assert setting.allowed is not None
    if value < setting.allowed.lowest:
        raise ConfigError(
            f"{setting.label}: {setting.said(value)} is too small; use {allowed(setting)}.", setting.field
        )
    if value > setting.allowed.highest:
        raise ConfigError(
            f"{setting.label}: {setting.said(value)} is too large; use {allowed(setting)}.", setting.field
        )


def check_combinations(c: "RenderConfig") -> None:
    """Ranges are checked before: here each value may stand by itself."""
    if c.leading_pt < c.font_size_pt:
        raise ConfigError(
            f"Leading of {_said(c, 'leading_pt')} is less than the font size of {_said(c, 'font_size_pt')}, so lines would "
            f"overlap: use {_least(c.font_size_pt, lambda leading: leading >= c.font_size_pt):g} pt or more.",
            "leading_pt",
            "font_size_pt",
        )
    # A line must hold one character, a page one line; the frame that reportlab puts inside the margins takes its part.
    _check_margins(c, "margin_x_pt", "page_width_pt", c.layout_page_pt[0], c.frame_width_pt, "font_size_pt")
    _check_margins(c, "margin_y_pt", "page_height_pt", c.layout_page_pt[1], c.frame_height_pt, "leading_pt")
    _check_indents(c)
    check_page_pixels(c)


def _check_margins(c: "RenderConfig", margin: str, side: str, page_pt: float, frame_pt: float, least: str) -> None:
    needed = getattr(c, least)
    if frame_pt >= needed:
        return
    padding = 2 * FRAME_PADDING_PT
    most = _most((page_pt - padding - needed) / 2, lambda margin: page_pt - 2 * margin - padding >= needed)
    if most < 0:
        snapping = CELL_PX / 2 * 72 / c.dpi if c.snap_to_28 else 0.0
        page = _least(needed + padding + snapping, lambda page: page - padding - snapping >= needed)
        raise ConfigError(
            f"{BY_FIELD[side].label} of {_said(c, side)} leaves no room for a letter of {_said(c, least)}: without margins "
            f"{page:g} pt or more are needed.",
            side,
            least,
        )
    raise ConfigError(
        f"{BY_FIELD[margin].label} of {_said(c, margin)} leave no room on a {page_pt:.6g} pt page: use {most:g} pt or less.",
        margin,
        side,
    )


def _check_indents(c: "RenderConfig") -> None:
    if c.line_width_pt < c.font_size_pt:
        larger, other = sorted(("left_indent_pt", "right_indent_pt"), key=lambda name: -getattr(c, name))
        rest = c.frame_width_pt - getattr(c, other)
        most = _most(rest - c.font_size_pt, lambda indent: rest - indent >= c.font_size_pt)
        both = _most(c.frame_width_pt - c.font_size_pt, lambda indent: c.frame_width_pt - indent >= c.font_size_pt)
        step = f"use {most:g} pt or less" if most >= 0 else f"both together may be {both:g} pt"
        raise ConfigError(
            f"{BY_FIELD[larger].label} of {_said(c, larger)} and {BY_FIELD[other].label.lower()} of {_said(c, other)} leave "
            f"no room in a {c.frame_width_pt:.6g} pt line: {step}.",
            larger,
            other,
            "margin_x_pt",
        )
    first = c.first_line_indent_pt
    if c.line_width_pt - first < c.font_size_pt:
        most = _most(c.line_width_pt - c.font_size_pt, lambda first: c.line_width_pt - first >= c.font_size_pt)
        raise ConfigError(
            f"First-line indent of {_said(c, 'first_line_indent_pt')} leaves no room in a {c.line_width_pt:.6g} pt line: use "
            f"{most:g} pt or less.",
            "first_line_indent_pt",
            "left_indent_pt",
            "right_indent_pt",
        )
    room = c.left_indent_pt + c.margin_x_pt
    if -first > room:
        raise ConfigError(
            f"First-line indent of {_said(c, 'first_line_indent_pt')} reaches beyond the page, past the left indent of "
            f"{_said(c, 'left_indent_pt')} and side margins of {_said(c, 'margin_x_pt')}: use "
            f"{0 - _most(room, lambda first: first <= room):g} pt or more.",
            "first_line_indent_pt",
            "left_indent_pt",
            "margin_x_pt",
        )


def check_page_pixels(c: "RenderConfig", most_px: int = MAX_PAGE_PIXELS) -> None:
    """Also asked by who can hold only smaller pages than the renderer."""
    width_px, height_px = (math.ceil(length * c.dpi / 72) for length in c.layout_page_pt)
    if width_px * height_px <= most_px:
        return
    dpi = c.dpi
    more_px = CELL_PX / 2 if c.snap_to_28 else 1  # rounding adds at most this to a side
    while (c.page_width_pt * dpi / 72 + more_px) * (c.page_height_pt * dpi / 72 + more_px) > most_px:
        dpi -= 1
    raise ConfigError(
        f"DPI of {c.dpi} makes pages of {width_px:,} x {height_px:,} px, and {most_px:,} px a page are the most: use {dpi} "
        "or less, or smaller pages.",
        "dpi",
        "page_width_pt",
        "page_height_pt",
    )


def _said(c: "RenderConfig", field: str) -> str:
    return BY_FIELD[field].said(getattr(c, field))


# A number that a message advises is short, and holds: floating-point sums of short numbers can miss by a hair.
_STEP_PT = 0.1


def _most(about_pt: float, holds: Callable[[float], bool]) -> float:
    advised = round(about_pt, 1)
    return advised if holds(advised) else round(advised - _STEP_PT, 1)


def _least(about_pt: float, holds: Callable[[float], bool]) -> float:
    advised = round(about_pt, 1)
    return advised if holds(advised) else round(advised + _STEP_PT, 1)
