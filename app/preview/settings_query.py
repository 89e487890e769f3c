"""Render settings as short keys of an address, and back; presets and settings files.

In: a query's strings, or a file's text. Out: a validated RenderConfig. Only what differs from the default is written, so
a link stays short. Every value passes through RenderConfig's own checks, and through the bounds of a page on a screen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.paths import CONFIGS
from app.preview.font_choices import font_file, font_token
from renderer import ConfigError, RenderConfig, RenderError
from renderer.errors import about
from renderer.settings.checks import check_page_pixels
from renderer.settings.reading import read_value
from renderer.settings.table import BY_FIELD, SETTINGS, Kind, Setting

MAX_PREVIEW_PIXELS = 24_000_000
MAX_VALUE_CHARACTERS = 600
MAX_SETTINGS_FILE_BYTES = 64 * 1024

BY_KEY = {setting.link_key: setting for setting in SETTINGS}
KEYS = tuple(BY_KEY)
BETWEEN_FONTS = "/"  # no file name holds it


@lru_cache(maxsize=1)
def default_config() -> RenderConfig:
    return RenderConfig.load(CONFIGS / "en.json")


def read_settings(query: Mapping[str, str]) -> RenderConfig:
    """The settings that a query means; what it leaves out is Glyph's default. Raises ConfigError."""
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        raw = query.get(setting.link_key)
        if raw is None:
            continue
        if len(raw) > MAX_VALUE_CHARACTERS:
            raise ConfigError(
                f"{setting.label}: the link has {len(raw)} characters; at most {MAX_VALUE_CHARACTERS} are allowed.",
                setting.field,
            )
        values[setting.field] = _field(setting, raw)
    return bounded(replace(default_config(), **values))


def read_what_holds(query: Mapping[str, str]) -> tuple[RenderConfig | None, tuple[str, ...]]:
    """The settings without the values that do not hold, and a sentence for each of those. Never raises.

    None where not one of its settings holds. A contradiction of two settings loses the one that the refusal says to change first.
    """
    left = {key: value for key, value in query.items() if key in BY_KEY}
    troubles: list[str] = []
    while True:
        try:
            return (read_settings(left) if left or not troubles else None), tuple(troubles)
        except RenderError as error:
            wrong = next((key for key in keys_of(error.settings) if key in left), None)
            troubles.append(str(error))
            if wrong is None:
                return None, tuple(troubles)
            del left[wrong]


def _field(setting: Setting, raw: str) -> Any:
    """A field's value from its word in a link."""
    if setting.kind is Kind.SWITCH:
        return raw == "1"
    if setting.kind is Kind.FONT:
        with about(setting.field):
            return font_file(raw)
    if setting.kind is Kind.FONTS:
        with about(setting.field):
            return tuple(font_file(token) for token in raw.split(BETWEEN_FONTS) if token)
    if setting.choices:
        return next((choice.value for choice in setting.choices if choice.word == raw), raw)
    return read_value(setting, raw)


def bounded(config: RenderConfig) -> RenderConfig:
    """The same settings, or ConfigError where a page is too large to be shown in a browser."""
    check_page_pixels(config, MAX_PREVIEW_PIXELS)
    return config


def settings_values(config: RenderConfig) -> dict[str, str]:
    """Every key with its value, as the viewer holds them."""
    return {setting.link_key: _word(setting, getattr(config, setting.field)) for setting in SETTINGS}


def _word(setting: Setting, value: Any) -> str:
    """A field's value as a link spells it."""
    if setting.kind in (Kind.NUMBER, Kind.WHOLE):
        return f"{value:.10g}"
    if setting.kind is Kind.COLOR:
        return value.lstrip("#")
    if setting.kind is Kind.SWITCH:
        return "1" if value else "0"
    if setting.kind is Kind.FONT:
        return font_token(value)
    if setting.kind is Kind.FONTS:
        return BETWEEN_FONTS.join(font_token(path) for path in value)
    return next((choice.word for choice in setting.choices if choice.value == value), str(value))


def keys_of(fields: Iterable[str]) -> list[str]:
    """The keys of fields, as a refusal tells the viewer which knobs it is about."""
    return [BY_FIELD[field].link_key for field in fields]


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
    files: list[tuple[str, Path, int | None]] = [
        ("Glyph 72", CONFIGS / "en.json", None),
        ("Glyph 96", CONFIGS / "en.json", 96),
    ]
    if (CONFIGS / "zh.json").is_file():
        files.append(("Glyph Chinese", CONFIGS / "zh.json", None))
    for path in sorted((CONFIGS / "themes").glob("*.json")):
        files.append((path.stem.replace("_", " ").capitalize(), path, None))
    found = []
    for name, path, dpi in files:
        try:
            config = RenderConfig.load(path)
            found.append(Preset(name, config if dpi is None else replace(config, dpi=dpi), " ".join(config.notes)))
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
