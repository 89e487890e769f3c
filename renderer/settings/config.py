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
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from renderer.errors import ConfigError
from renderer.fonts.font_file import check_font_file, file_sha256

from . import glyph_keys
from .newline_markup import BREAK, parse_newline_markup

CELL_PX = 28  # one visual token: patch 14, merge 2
FRAME_PADDING_PT = 6.0  # SimpleDocTemplate pads its frame by this much on each side
MAX_PAGE_PIXELS = 60_000_000
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
    page_width_pt: float = 595.2755905511812  # A4, as Glyph's script has it when the key is absent
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
        _check_ranges(self)
        _check_combinations(self)
        parse_newline_markup(self.newline_markup)
        check_font_file(self.font_path)
        if len(self.fallback_fonts) > MAX_FALLBACK_FONTS:
            raise ConfigError(
                f"fallback-fonts names {len(self.fallback_fonts)} fonts; at most {MAX_FALLBACK_FONTS} fit."
            )
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


def snapped_length_pt(length_pt: float, dpi: int) -> float:
    """The length nearest to `length_pt` that poppler draws as a multiple of 28 px (at least 28) at `dpi`."""
    length_px = max(1, round(length_pt * dpi / 72 / CELL_PX)) * CELL_PX
    scale = dpi / 72
    thousandths = math.floor(length_px / scale * 1000 + 1e-6)
    while math.ceil(thousandths / 1000 * scale) > length_px:  # poppler rounds the page up: stay below the next pixel
        thousandths -= 1
    return thousandths / 1000


def snapped_up_px(length_px: int) -> int:
    """The multiple of 28 that holds `length_px`."""
    return -(-length_px // CELL_PX) * CELL_PX


# field, Glyph's key, lowest and highest allowed value
RANGES: tuple[tuple[str, str, float, float], ...] = (
    ("page_width_pt", "page-size (width)", 36, 14400),  # 14,400 pt is the PDF format's own limit
    ("page_height_pt", "page-size (height)", 36, 14400),
    ("dpi", "dpi", 18, 1200),
    ("margin_x_pt", "margin-x", 0, 7200),
    ("margin_y_pt", "margin-y", 0, 7200),
    ("font_size_pt", "font-size", 1, 200),
    ("leading_pt", "line-height", 1, 400),
    ("horizontal_scale", "horizontal-scale", 0.25, 4),
    ("first_line_indent_pt", "first-line-indent", -7200, 7200),
    ("left_indent_pt", "left-indent", 0, 7200),
    ("right_indent_pt", "right-indent", 0, 7200),
    ("space_before_pt", "space-before", 0, 7200),
    ("space_after_pt", "space-after", 0, 7200),
    ("border_width_pt", "border-width", 0, 100),
    ("border_padding_pt", "border-padding", 0, 500),
)
COLORS: tuple[tuple[str, str], ...] = (
    ("font_color", "font-color"),
    ("border_color", "para-border-color"),
    ("page_background", "page-bg-color"),
    ("paragraph_background", "para-bg-color"),
)


def _check_ranges(config: RenderConfig) -> None:
    for name, key, low, high in RANGES:
        value = getattr(config, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ConfigError(f"{key} is {value!r}; a number from {low} to {high} is needed.")
        if not low <= value <= high:
            raise ConfigError(f"{key} is {value:g}; allowed are {low} to {high}.")
        # One number, one key: 9 and 9.0 are the same setting.
        object.__setattr__(config, name, int(value) if name == "dpi" else float(value))
    for name, key in COLORS:
        object.__setattr__(config, name, glyph_keys.read_color(key, getattr(config, name)))
    for name in ("auto_crop_width", "auto_crop_last_page", "snap_to_28"):
        if not isinstance(getattr(config, name), bool):
            raise ConfigError(f"{name.replace('_', '-')} is {getattr(config, name)!r}; true or false is needed.")
    try:
        object.__setattr__(config, "alignment", Alignment(config.alignment))
    except ValueError:
        allowed = ", ".join(Alignment)
        raise ConfigError(f"alignment is {config.alignment!r}; allowed are {allowed}.") from None
    object.__setattr__(config, "font_path", Path(config.font_path))
    object.__setattr__(config, "fallback_fonts", tuple(Path(path) for path in config.fallback_fonts))


def _check_combinations(c: RenderConfig) -> None:
    if c.leading_pt < c.font_size_pt:
        raise ConfigError(
            f"line-height {c.leading_pt:g} is smaller than font-size {c.font_size_pt:g}: lines would overlap; "
            f"set line-height to {c.font_size_pt:g} or more."
        )
    for key, margin, side, length in (
        ("margin-x", c.margin_x_pt, "width", c.layout_page_pt[0]),
        ("margin-y", c.margin_y_pt, "height", c.layout_page_pt[1]),
    ):
        if 2 * margin + 2 * FRAME_PADDING_PT >= length:
            raise ConfigError(
                f"{key} {margin:g} on both sides (and {FRAME_PADDING_PT:g} pt of frame) leaves nothing of the page "
                f"{side} {length:g}; {key} must stay below {max(0.0, length / 2 - FRAME_PADDING_PT):g}."
            )
    if c.line_width_pt < c.font_size_pt:
        raise ConfigError(
            f"left-indent {c.left_indent_pt:g} and right-indent {c.right_indent_pt:g} leave less than one "
            f"character (font-size {c.font_size_pt:g}) of the line width {c.frame_width_pt:g}; "
            "make the indents or margins smaller."
        )
    if c.line_width_pt - c.first_line_indent_pt < c.font_size_pt:
        raise ConfigError(
            f"first-line-indent {c.first_line_indent_pt:g} leaves less than one character (font-size "
            f"{c.font_size_pt:g}) of the line width {c.line_width_pt:g}; make it smaller."
        )
    if c.first_line_indent_pt < 0 and -c.first_line_indent_pt > c.left_indent_pt + c.margin_x_pt:
        raise ConfigError(
            f"first-line-indent {c.first_line_indent_pt:g} reaches beyond the page: left-indent "
            f"{c.left_indent_pt:g} and margin-x {c.margin_x_pt:g} leave room for "
            f"{-(c.left_indent_pt + c.margin_x_pt):g}."
        )
    if c.frame_height_pt < c.leading_pt:
        raise ConfigError(
            f"one line of line-height {c.leading_pt:g} does not fit between the margins: the page height "
            f"{c.page_height_pt:g} less margin-y {c.margin_y_pt:g} twice and 12 pt of frame is {c.frame_height_pt:g}."
        )
    width_px, height_px = (math.ceil(length * c.dpi / 72) for length in c.layout_page_pt)
    if width_px * height_px > MAX_PAGE_PIXELS:
        raise ConfigError(
            f"dpi {c.dpi} on a page of {c.page_width_pt:g} x {c.page_height_pt:g} pt makes {width_px} x "
            f"{height_px} px; at most {MAX_PAGE_PIXELS:,} px a page are allowed. Lower the dpi or the page size."
        )
