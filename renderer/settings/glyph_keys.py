"""Glyph's config files to RenderConfig's fields and back: spellings and defaults, not validity.

Tolerant where Glyph's files vary (numbers as strings, page-size as text, list or paper name), exact in what it writes.
Keys and kinds are those of the table.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderer.errors import ConfigError, RenderError, about
from renderer.fonts.catalogue import resolve_font
from renderer.fonts.folder import FONTS_DIR

from .reading import read_page_size, read_value, shown
from .table import BY_FIELD, SETTINGS, Kind, Setting

if TYPE_CHECKING:
    from .config import RenderConfig

# "page-size" is one key with two fields; every other key has one.
_BY_KEY: dict[str, Setting] = {setting.glyph_key: setting for setting in SETTINGS}
_PAGE_SIZE = BY_FIELD["page_width_pt"].glyph_key
_READ_LAST = (Kind.FONT, Kind.FONTS)


@contextmanager
def keys_named() -> Iterator[None]:
    """Whoever reads a file is told of its keys too: a refusal names settings as the screen does."""
    try:
        yield
    except RenderError as error:
        keys = dict.fromkeys(BY_FIELD[name].glyph_key for name in error.settings)
        if missing := [key for key in keys if key not in str(error)]:
            error.args = (f"{error} In the settings file: {', '.join(missing)}.",)
        raise


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
    except (ValueError, RecursionError) as error:  # ValueError: no JSON, or a number of thousands of digits
        raise ConfigError(f"Config file {str(path)!r} is not JSON: {error}.") from None
    if not isinstance(parsed, dict):
        raise ConfigError(f"Config file {str(path)!r} holds a {type(parsed).__name__}; one JSON object is needed.")
    return parsed


def fields_from_glyph(settings: Mapping[str, Any], base_dir: Path | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """RenderConfig's keyword arguments, and notes on what was ignored or substituted."""
    values: dict[str, Any] = {}
    unknown: list[str] = []
    for key, raw in settings.items():
        setting = _BY_KEY.get(key)
        if raw is None:
            continue  # Glyph's own files write null for "the default"
        if setting is None:
            unknown.append(key)
        elif key == _PAGE_SIZE:
            values["page_width_pt"], values["page_height_pt"] = read_page_size(raw)
        elif setting.kind is Kind.CHOICE:
            # Glyph's script takes JUSTIFY for any word it does not know.
            known = isinstance(raw, str) and any(choice.value == raw for choice in setting.choices)
            values[setting.field] = raw if known else "JUSTIFY"
        elif setting.kind is Kind.MARKUP:
            if not isinstance(raw, str):
                raise ConfigError(f"{setting.label}: {shown(raw)} is no text; use text in quotes.", setting.field)
            values[setting.field] = raw
        elif setting.kind not in _READ_LAST:
            values[setting.field] = read_value(setting, raw)
    notes = [f"Ignored keys that Glyph does not have: {', '.join(sorted(map(str, unknown)))}."] if unknown else []
    if "leading_pt" not in values or values["leading_pt"] == 0:  # `line-height or font-size + 1` in Glyph's script
        values["leading_pt"] = values.get("font_size_pt", 9.0) + 1
    values["font_path"], font_note = _read_font(settings.get("font-path"), base_dir)
    if font_note:
        notes.append(font_note)
    values["fallback_fonts"] = _read_fallbacks(settings.get("fallback-fonts") or [], base_dir)
    return values, tuple(notes)


def _read_font(raw: Any, base_dir: Path | None) -> tuple[Path, str | None]:
    if not isinstance(raw, str) or not raw.strip():
        raise ConfigError(
            'font-path is missing; name a TrueType file, for example "Vera.ttf" from fonts/.', "font_path"
        )
    with about("font_path"):
        return resolve_font(raw, base_dir)


def _read_fallbacks(raw: Any, base_dir: Path | None) -> tuple[Path, ...]:
    if not isinstance(raw, (list, tuple)) or not all(isinstance(name, str) for name in raw):
        raise ConfigError(f"What the font lacks: {shown(raw)} is no list; use a list of font files.", "fallback_fonts")
    with about("fallback_fonts"):
        return tuple(resolve_font(name, base_dir)[0] for name in raw)


def glyph_from_fields(config: "RenderConfig") -> dict[str, Any]:
    """Every key of Glyph's, in the order of its published files; ours only when switched on."""
    found: dict[str, Any] = {}
    for setting in SETTINGS:
        value = getattr(config, setting.field)
        if setting.ours and not value:
            continue
        if setting.glyph_key == _PAGE_SIZE:
            value = f"{_plain(config.page_width_pt)},{_plain(config.page_height_pt)}"
        elif setting.kind is Kind.CHOICE:
            value = str(value)
        elif setting.kind is Kind.FONT:
            value = _portable_font_path(value)
        elif setting.kind is Kind.FONTS:
            value = [_portable_font_path(path) for path in value]
        elif setting.kind is Kind.NUMBER and setting.field != "horizontal_scale":  # Glyph's files have it as 1.0
            value = _plain(value)
        found[setting.glyph_key] = value
    return found


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _portable_font_path(path: Path) -> str:
    return path.name if path.parent == FONTS_DIR else str(path)
