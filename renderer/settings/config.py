"""Render settings: Glyph's config files in, a validated RenderConfig out, and back again.

Every key of Glyph's files is a field with its unit in its name. Absent keys get the defaults of Glyph's own script;
unknown keys are named in `notes` and otherwise ignored. Knows nothing of text, layout or pixels.

Two keys are ours, not Glyph's, and off by default.
"fallback-fonts" (`fallback_fonts`): characters that the font lacks are drawn from the first of these that has them.
`renderer.choose_engine` gives a text that needs them to the reference engine; the fast one never sees them.
"snap-to-28" (`snap_to_28`). Both engines implement it thus:
  1. lay out on `layout_page_pt`, the page size moved to the nearest multiple of 28 px at this dpi;
  2. after Glyph's horizontal scale and crops, round width and height UP to a multiple of 28, taking the extra columns
     and rows from the uncropped page and, where that ends (only after a horizontal scale), from `page_background`.
The vision encoder works in cells of 28 px and resamples every page whose sides are not multiples of 28.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from renderer.errors import ConfigError, about
from renderer.fonts.font_file import check_font_file, file_sha256
from renderer.glyph_rules import FRAME_PADDING_PT

from . import glyph_keys
from .checks import check_combinations, checked_values
from .newline_markup import BREAK, parse_newline_markup
from .page_snapping import snapped_length_pt

MAX_FALLBACK_FONTS = 8
_NOT_IN_KEY = ("font_path", "fallback_fonts", "notes")


class Alignment(StrEnum):
    LEFT = "LEFT"
    CENTER = "CENTER"
    RIGHT = "RIGHT"
    JUSTIFY = "JUSTIFY"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderConfig:
    """How a text is drawn. Lengths in points (1/72 inch), colours as "#RRGGBB". Raises ConfigError when impossible."""

    font_path: Path
    page_width_pt: float = 595.2755905511812  # reportlab's A4, which Glyph's script takes when the key is absent
    page_height_pt: float = 841.8897637795277
    dpi: int = 72
    margin_x_pt: float = 20.0
    margin_y_pt: float = 20.0
    font_size_pt: float = 9.0
    leading_pt: float = 10.0
    font_color: str = "#000000"
    alignment: Alignment = Alignment.JUSTIFY
    horizontal_scale: float = 1.0
    first_line_indent_pt: float = 0.0
    left_indent_pt: float = 0.0
    right_indent_pt: float = 0.0
    space_before_pt: float = 0.0
    space_after_pt: float = 0.0
    border_width_pt: float = 0.0
    border_padding_pt: float = 0.0
    border_color: str = "#FFFFFF"
    page_background: str = "#FFFFFF"
    paragraph_background: str = "#FFFFFF"
    auto_crop_width: bool = False
    auto_crop_last_page: bool = False
    newline_markup: str = BREAK
    snap_to_28: bool = False
    fallback_fonts: tuple[Path, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name, value in checked_values(self).items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "alignment", Alignment(self.alignment))
        check_combinations(self)
        parse_newline_markup(self.newline_markup)
        with about("font_path"):
            check_font_file(self.font_path)
        if len(self.fallback_fonts) > MAX_FALLBACK_FONTS:
            raise ConfigError(
                f"What the font lacks: {len(self.fallback_fonts)} fonts are named; use {MAX_FALLBACK_FONTS} or fewer.",
                "fallback_fonts",
            )
        with about("fallback_fonts"):
            for path in self.fallback_fonts:
                check_font_file(path)

    @classmethod
    def load(cls, path: str | Path) -> "RenderConfig":
        """Read one of Glyph's config files, unchanged, or one of ours."""
        path = Path(path)
        return cls.from_mapping(glyph_keys.read_json_object(path), base_dir=path.resolve().parent)

    @classmethod
    def from_mapping(cls, settings: Mapping[str, Any], base_dir: Path | None = None) -> "RenderConfig":
        """Glyph's keys to fields. `base_dir` is where a relative font-path starts; then fonts/ by file name."""
        with glyph_keys.keys_named():
            values, notes = glyph_keys.fields_from_glyph(settings, base_dir)
            return cls(**values, notes=notes)

    def to_mapping(self) -> dict[str, Any]:
        """Glyph's own keys, every one of them. Ours are added only where they differ from Glyph's behaviour."""
        return glyph_keys.glyph_from_fields(self)

    def save(self, path: str | Path) -> None:
        """Write a file that Glyph's script and `load` both accept."""
        text = json.dumps(self.to_mapping(), indent=2, ensure_ascii=False) + "\n"
        Path(path).write_text(text, encoding="utf-8")

    @property
    def key(self) -> str:
        """SHA-256 hex of everything that affects the pixels, the bytes of the font included; not of its path."""
        parts = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _NOT_IN_KEY}
        for name, value in parts.items():
            if isinstance(value, float):
                parts[name] = repr(value)
        parts["font_sha256"] = file_sha256(self.font_path)
        if self.fallback_fonts:
            parts["fallback_sha256"] = [file_sha256(path) for path in self.fallback_fonts]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @property
    def layout_page_pt(self) -> tuple[float, float]:
        """The page size that both engines lay out on, in points: as set, or snapped to cells of 28 px."""
        if not self.snap_to_28:
            return self.page_width_pt, self.page_height_pt
        return snapped_length_pt(self.page_width_pt, self.dpi), snapped_length_pt(self.page_height_pt, self.dpi)

    @property
    def frame_width_pt(self) -> float:
        """Width that lines of text may fill before indents."""
        return self.layout_page_pt[0] - 2 * self.margin_x_pt - 2 * FRAME_PADDING_PT

    @property
    def line_width_pt(self) -> float:
        """Width of a line after its indents; the first of a paragraph has its own."""
        return self.frame_width_pt - self.left_indent_pt - self.right_indent_pt

    @property
    def frame_height_pt(self) -> float:
        return self.layout_page_pt[1] - 2 * self.margin_y_pt - 2 * FRAME_PADDING_PT
