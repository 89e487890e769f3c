"""Glyph's config keys to RenderConfig's fields and back: names, spellings and defaults, not validity.

Tolerant where Glyph's files vary (numbers as strings, page-size as text, list or paper name), exact in what it writes.
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderer.errors import ConfigError
from renderer.fonts.catalogue import resolve_font
from renderer.fonts.folder import FONTS_DIR

from .paper_sizes import PAPER_SIZES_PT

if TYPE_CHECKING:
    from .config import RenderConfig

NUMBERS: dict[str, str] = {
    "margin-x": "margin_x_pt",
    "margin-y": "margin_y_pt",
    "font-size": "font_size_pt",
    "line-height": "leading_pt",
    "horizontal-scale": "horizontal_scale",
    "first-line-indent": "first_line_indent_pt",
    "left-indent": "left_indent_pt",
    "right-indent": "right_indent_pt",
    "space-before": "space_before_pt",
    "space-after": "space_after_pt",
    "border-width": "border_width_pt",
    "border-padding": "border_padding_pt",
}
COLORS: dict[str, str] = {
    "font-color": "font_color",
    "page-bg-color": "page_background",
    "para-bg-color": "paragraph_background",
    "para-border-color": "border_color",
}
SWITCHES: dict[str, str] = {
    "auto-crop-width": "auto_crop_width",
    "auto-crop-last-page": "auto_crop_last_page",
    "snap-to-28": "snap_to_28",
}
# In the order in which Glyph's published files have them.
_ORDER = (
    "page-size",
    "dpi",
    "margin-x",
    "margin-y",
    "font-path",
    "font-size",
    "line-height",
    "font-color",
    "alignment",
    "horizontal-scale",
    "first-line-indent",
    "left-indent",
    "right-indent",
    "space-after",
    "space-before",
    "border-width",
    "border-padding",
    "page-bg-color",
    "para-bg-color",
    "para-border-color",
    "auto-crop-width",
    "auto-crop-last-page",
    "newline-markup",
)
_HEX = re.compile(r"(?:#|0x)?([0-9a-fA-F]{6})")
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def read_json_object(path: Path) -> dict[str, Any]:
    """The object in a config file. Raises ConfigError naming the file."""
    try:
        parsed = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"There is no config file {str(path)!r}.") from None
    except OSError as error:
        raise ConfigError(f"Config file {str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"Config file {str(path)!r} is not UTF-8 text.") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(f"Config file {str(path)!r} is not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise ConfigError(f"Config file {str(path)!r} holds a {type(parsed).__name__}; one JSON object is needed.")
    return parsed


def fields_from_glyph(settings: Mapping[str, Any], base_dir: Path | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """RenderConfig's keyword arguments, and notes on what was ignored or substituted."""
    values: dict[str, Any] = {}
    unknown: list[str] = []
    for key, raw in settings.items():
        if raw is None:
            continue  # Glyph's own files write null for "the default"
        if key in NUMBERS:
            values[NUMBERS[key]] = read_number(key, raw)
        elif key in COLORS:
            values[COLORS[key]] = read_color(key, raw)
        elif key in SWITCHES:
            values[SWITCHES[key]] = _read_switch(key, raw)
        elif key == "page-size":
            values["page_width_pt"], values["page_height_pt"] = read_page_size(raw)
        elif key == "dpi":
            values["dpi"] = _read_dpi(raw)
        elif key == "alignment":
            # Glyph's script takes JUSTIFY for any word it does not know.
            known = isinstance(raw, str) and raw in ("LEFT", "CENTER", "RIGHT", "JUSTIFY")
            values["alignment"] = raw if known else "JUSTIFY"
        elif key == "newline-markup":
            if not isinstance(raw, str):
                raise ConfigError(f"newline-markup is {raw!r}; a string is needed.")
            values["newline_markup"] = raw
        elif key not in ("font-path", "fallback-fonts"):
            unknown.append(key)
    notes = [f"Ignored keys that Glyph does not have: {', '.join(sorted(map(str, unknown)))}."] if unknown else []
    if "leading_pt" not in values or values["leading_pt"] == 0:  # `line-height or font-size + 1` in Glyph's script
        values["leading_pt"] = values.get("font_size_pt", 9.0) + 1
    raw_font = settings.get("font-path")
    if not isinstance(raw_font, str) or not raw_font.strip():
        raise ConfigError('font-path is missing; name a TrueType file, for example "Vera.ttf" from fonts/.')
    values["font_path"], font_note = resolve_font(raw_font, base_dir)
    if font_note:
        notes.append(font_note)
    fallbacks = settings.get("fallback-fonts") or []
    if not isinstance(fallbacks, (list, tuple)) or not all(isinstance(name, str) for name in fallbacks):
        raise ConfigError(f"fallback-fonts is {fallbacks!r}; a list of font files is needed.")
    values["fallback_fonts"] = tuple(resolve_font(name, base_dir)[0] for name in fallbacks)
    return values, tuple(notes)


def glyph_from_fields(config: "RenderConfig") -> dict[str, Any]:
    """Every key of Glyph's, in the order of its published files; ours only when switched on."""
    found: dict[str, Any] = {
        "page-size": f"{_plain(config.page_width_pt)},{_plain(config.page_height_pt)}",
        "dpi": config.dpi,
        "font-path": _portable_font_path(config.font_path),
        "alignment": config.alignment.value,
        "newline-markup": config.newline_markup,
    }
    for key, name in NUMBERS.items():
        found[key] = _plain(getattr(config, name))
    for key, name in (COLORS | SWITCHES).items():
        found[key] = getattr(config, name)
    found["horizontal-scale"] = config.horizontal_scale
    ordered = {key: found[key] for key in _ORDER}
    if config.snap_to_28:
        ordered["snap-to-28"] = True
    if config.fallback_fonts:
        ordered["fallback-fonts"] = [_portable_font_path(path) for path in config.fallback_fonts]
    return ordered


def read_number(key: str, raw: Any) -> float:
    """A finite number from a number or its text."""
    if not isinstance(raw, bool) and isinstance(raw, (int, float, str)):
        try:
            value = float(raw)
        except (ValueError, OverflowError):
            value = math.nan
        if math.isfinite(value):
            return value
    raise ConfigError(f"{key} is {raw!r}; a number is needed.")


def read_color(key: str, raw: Any) -> str:
    """ "#RRGGBB" in capitals from "#rrggbb", "0xrrggbb" or "rrggbb"."""
    found = _HEX.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if not found:
        raise ConfigError(f"{key} is {raw!r}; write a colour as #RRGGBB.")
    return f"#{found.group(1).upper()}"


def read_page_size(raw: Any) -> tuple[float, float]:
    """Width and height in points from "595,842", "[595,842]", [595, 842] or a paper's name such as "A4"."""
    parts = raw
    if isinstance(raw, str):
        if raw.strip().upper() in PAPER_SIZES_PT:
            return PAPER_SIZES_PT[raw.strip().upper()]
        parts = [part for part in re.split(r"[,;x×\s]+", raw.strip().strip("[]()")) if part]
    if not isinstance(parts, (list, tuple)) or len(parts) != 2:
        names = ", ".join(PAPER_SIZES_PT)
        raise ConfigError(f'page-size is {raw!r}; write "width,height" in points or one of {names}.')
    return read_number("page-size (width)", parts[0]), read_number("page-size (height)", parts[1])


def _read_dpi(raw: Any) -> int:
    value = read_number("dpi", raw)
    if value != int(value):
        raise ConfigError(f"dpi is {value:g}; a whole number is needed.")
    return int(value)


def _read_switch(key: str, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ConfigError(f"{key} is {raw!r}; true or false is needed.")
    return word in _TRUE


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _portable_font_path(path: Path) -> str:
    return path.name if path.parent == FONTS_DIR else str(path)
