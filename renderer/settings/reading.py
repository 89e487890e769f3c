"""One value of a setting from what a file or a link says, tolerant where Glyph's files vary. Raises ConfigError.

In: a row of the table and a raw value, a number as text, say. Out: the value as RenderConfig holds it. Ranges and
contradictions between settings are checks.py's.
"""

import math
import re
from typing import Any

from renderer.errors import ConfigError

from .paper_sizes import PAPER_SIZES_PT
from .table import BY_FIELD, Kind, Setting

MAX_SHOWN = 60  # characters of a wrong value that a message repeats
_HEX = re.compile(r"(?:#|0x)?([0-9a-fA-F]{6})")
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def read_value(setting: Setting, raw: Any) -> Any:
    """A number, a colour or a switch; other kinds pass as they are."""
    if setting.kind in (Kind.NUMBER, Kind.WHOLE):
        return read_number(setting, raw)
    if setting.kind is Kind.COLOR:
        return read_color(setting, raw)
    if setting.kind is Kind.SWITCH:
        return read_switch(setting, raw)
    return raw


def read_number(setting: Setting, raw: Any) -> float | int:
    """A finite number from a number or its text; a whole one where the setting has no fractions."""
    value = math.nan
    if not isinstance(raw, bool) and isinstance(raw, (int, float, str)):
        try:
            value = float(raw)
        except (ValueError, OverflowError):
            pass
    if not math.isfinite(value):
        raise ConfigError(f"{setting.label}: {shown(raw)} is no number; use {allowed(setting)}.", setting.field)
    if setting.kind is Kind.WHOLE:
        if value != int(value):
            raise ConfigError(
                f"{setting.label}: {value:.10g} is no whole number; use {allowed(setting)}.", setting.field
            )
        return int(value)
    return value


def read_color(setting: Setting, raw: Any) -> str:
    """ "#RRGGBB" in capitals from "#rrggbb", "0xrrggbb" or "rrggbb"."""
    found = _HEX.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if not found:
        raise ConfigError(
            f"{setting.label}: {shown(raw)} is no colour; write it as #RRGGBB, for example #1E1E1E.", setting.field
        )
    return f"#{found.group(1).upper()}"


def read_switch(setting: Setting, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ConfigError(f"{setting.label}: {shown(raw)} is neither true nor false; use one of them.", setting.field)
    return word in _TRUE


def read_page_size(raw: Any) -> tuple[float, float]:
    """Width and height in points from "595,842", "[595,842]", [595, 842] or a paper's name such as "A4"."""
    parts = raw
    if isinstance(raw, str):
        if raw.strip().upper() in PAPER_SIZES_PT:
            return PAPER_SIZES_PT[raw.strip().upper()]
        parts = [part for part in re.split(r"[,;x×\s]+", raw.strip().strip("[]()")) if part]
    if not isinstance(parts, (list, tuple)) or len(parts) != 2:
        names = ", ".join(PAPER_SIZES_PT)
        raise ConfigError(
            f'Page size: {shown(raw)} is none; write "width,height" in points or one of {names}.',
            "page_width_pt",
            "page_height_pt",
        )
    return read_number(BY_FIELD["page_width_pt"], parts[0]), read_number(BY_FIELD["page_height_pt"], parts[1])


def allowed(setting: Setting) -> str:
    """The allowed range in words: "0 to 7200 pt"."""
    assert setting.allowed is not None
    return f"{setting.allowed.lowest:g} to {setting.said(setting.allowed.highest)}"


def shown(raw: Any) -> str:
    """A wrong value as a message repeats it, cut where it is long."""
    text = repr(raw)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
