"""Render settings as short keys of an address, and back; presets and settings files.

In: a query's strings, or a file's text. Out: a validated RenderConfig. Only what differs from the default is written, so
a link stays short. Every value passes through RenderConfig's own checks, and through the bounds of a page on a screen.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.paths import CONFIGS
from app.preview.font_choices import font_file, font_token
from renderer import ConfigError, RenderConfig, RenderError
from renderer.settings.newline_markup import BREAK, RED_MARK

MAX_PREVIEW_PIXELS = 24_000_000
MAX_VALUE_CHARACTERS = 600
MAX_SETTINGS_FILE_BYTES = 64 * 1024

NUMBERS = {
    "d": "dpi",
    "s": "font_size_pt",
    "l": "leading_pt",
    "w": "page_width_pt",
    "h": "page_height_pt",
    "mx": "margin_x_pt",
    "my": "margin_y_pt",
    "x": "horizontal_scale",
    "fi": "first_line_indent_pt",
    "li": "left_indent_pt",
    "ri": "right_indent_pt",
    "sb": "space_before_pt",
    "sa": "space_after_pt",
    "bw": "border_width_pt",
    "bp": "border_padding_pt",
}
COLORS = {"fc": "font_color", "bc": "border_color", "pc": "page_background", "gc": "paragraph_background"}
SWITCHES = {"cw": "auto_crop_width", "cl": "auto_crop_last_page", "k": "snap_to_28"}
_NEWLINES = {"br": BREAK, "mark": RED_MARK}
KEYS = (*NUMBERS, *COLORS, *SWITCHES, "f", "ff", "a", "n")
BETWEEN_FONTS = "/"  # no file name holds it


@lru_cache(maxsize=1)
def default_config() -> RenderConfig:
    return RenderConfig.load(CONFIGS / "en.json")


def read_settings(query: Mapping[str, str]) -> RenderConfig:
    """The settings that a query means; what it leaves out is Glyph's default. Raises ConfigError."""
    values: dict[str, Any] = {}
    for key in KEYS:
        raw = query.get(key)
        if raw is None:
            continue
        if len(raw) > MAX_VALUE_CHARACTERS:
            raise ConfigError(
                f"The setting {key!r} has {len(raw)} characters; at most {MAX_VALUE_CHARACTERS} are allowed."
            )
        if key in NUMBERS:
            values[NUMBERS[key]] = _number(NUMBERS[key], raw)
        elif key in COLORS:
            values[COLORS[key]] = raw
        elif key in SWITCHES:
            values[SWITCHES[key]] = raw == "1"
        elif key == "f":
            values["font_path"] = font_file(raw)
        elif key == "ff":
            values["fallback_fonts"] = tuple(font_file(token) for token in raw.split(BETWEEN_FONTS) if token)
        elif key == "a":
            values["alignment"] = raw
        else:
            values["newline_markup"] = _NEWLINES.get(raw, raw)
    return bounded(replace(default_config(), **values))


def bounded(config: RenderConfig) -> RenderConfig:
    """The same settings, or ConfigError where a page is too large to be shown in a browser."""
    width, height = (math.ceil(length * config.dpi / 72) for length in config.layout_page_pt)
    if width * height > MAX_PREVIEW_PIXELS:
        raise ConfigError(
            f"dpi {config.dpi} makes pages of {width:,} x {height:,} px; the preview draws at most "
            f"{MAX_PREVIEW_PIXELS:,} px a page. Lower the dpi or the page size."
        )
    return config


def settings_values(config: RenderConfig) -> dict[str, str]:
    """Every key with its value, as the viewer holds them."""
    values = {key: f"{getattr(config, name):.10g}" for key, name in NUMBERS.items()}
    values |= {key: getattr(config, name).lstrip("#") for key, name in COLORS.items()}
    values |= {key: "1" if getattr(config, name) else "0" for key, name in SWITCHES.items()}
    spelt = {markup: word for word, markup in _NEWLINES.items()}
    values["n"] = spelt.get(config.newline_markup, config.newline_markup)
    values["a"] = config.alignment.value
    values["f"] = font_token(config.font_path)
    values["ff"] = BETWEEN_FONTS.join(font_token(path) for path in config.fallback_fonts)
    return values


def settings_query(config: RenderConfig) -> dict[str, str]:
    """The keys whose values differ from the default: what a link carries."""
    usual = settings_values(default_config())
    return {key: value for key, value in settings_values(config).items() if value != usual[key]}


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings with a name. `note`: what stands in for what, where a font is not installed."""

    name: str
    config: RenderConfig
    note: str


def presets() -> list[Preset]:
    """Glyph at 72 and 96 dpi, its Chinese settings, and each theme; those whose font is missing are left out."""
    files = [("Glyph 72", CONFIGS / "en.json", {}), ("Glyph 96", CONFIGS / "en.json", {"dpi": 96})]
    if (CONFIGS / "zh.json").is_file():
        files.append(("Glyph Chinese", CONFIGS / "zh.json", {}))
    for path in sorted((CONFIGS / "themes").glob("*.json")):
        files.append((path.stem.replace("_", " ").capitalize(), path, {}))
    found = []
    for name, path, changes in files:
        try:
            config = RenderConfig.load(path)
            found.append(Preset(name, replace(config, **changes), " ".join(config.notes)))
        except RenderError:
            continue
    return found


def read_settings_file(text: str) -> RenderConfig:
    """Settings from a file in Glyph's format. Its fonts are looked for by file name only. Raises ConfigError."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_SETTINGS_FILE_BYTES:
        raise ConfigError(
            f"The settings file is larger than {MAX_SETTINGS_FILE_BYTES // 1024} KB; it is no settings file."
        )
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"The settings file is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise ConfigError(f"The settings file holds a {type(found).__name__}; one JSON object is needed.")
    if isinstance(font := found.get("font-path"), str):
        found = {**found, "font-path": _installed_name(font)}
    if isinstance(fonts := found.get("fallback-fonts"), list):
        found = {**found, "fallback-fonts": [_installed_name(one) if isinstance(one, str) else one for one in fonts]}
    return bounded(RenderConfig.from_mapping(found))


def _installed_name(font: str) -> str:
    """A file that comes from elsewhere may not reach into this machine's folders by its path."""
    name = Path(font.replace("\\", "/")).name
    for token in (name, f"own-{Path(name).stem}"):
        try:
            return str(font_file(token))
        except RenderError:
            continue
    return name


def _number(name: str, raw: str) -> float | int:
    try:
        value = float(raw)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ConfigError(f"{name.removesuffix('_pt').replace('_', '-')} is {raw[:40]!r}; a number is needed.")
    if name == "dpi":
        if value != int(value):
            raise ConfigError(f"dpi is {value:g}; a whole number is needed.")
        return int(value)
    return value
