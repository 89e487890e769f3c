"""A seeded generator in, a rendering style out: the five themes, or the paper's Table 8 (arXiv 2510.17800, appendix).

Values come from the renderer's own table (training_ranges, table, paper_sizes) and from configs/themes. The paper names
bands, lists and ranges and says which are favoured, in words; its probabilities are not published. THE WEIGHTS BELOW ARE
OURS. Rules exclude what nobody would print (app/styles).
"""

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.paths import CONFIGS
from app.styles import PALETTES, excluded_by
from renderer import RenderConfig, RenderError
from renderer.fonts.catalogue import installed_fonts
from renderer.fonts.missing_glyphs import missing_glyphs
from renderer.settings.newline_markup import BREAK, RED_MARK
from renderer.settings.paper_sizes import ASPECT_RATIOS, PAPER_SIZES_PT
from renderer.settings.table import BY_FIELD
from renderer.settings.training_ranges import DPI_BANDS, EXTRA_LEADING_PT, FONT_SIZES_PT, STYLE_THEMES

from .errors import RowSkipped, StyleError
from .values import Style

THEMES = CONFIGS / "themes"
MOST_TRIES = 200

# Ours, after the paper's words: "favor normal/medium with small probability spikes to extremes" and the like.
_THEME_SHARE = 0.4
_DPI_WEIGHTS = {"lowest": 4, "low": 10, "medium": 40, "normal": 43, "high": 3}
_PAPER_WEIGHTS = {"A4": 40, "LETTER": 20, "LEGAL": 8, "A5": 10, "B5": 10, "A3": 4, "B4": 4, "TABLOID": 4}
_ALIGNMENT_WEIGHTS = {"LEFT": 46, "JUSTIFY": 46, "CENTER": 4, "RIGHT": 4}
_PALETTE_WEIGHTS = {"white": 60, "cream": 12, "grey": 12, "night": 12, "blue night": 4}
_Choices = list[tuple[str, str]]


def sample_style(rng: random.Random, text: str, *, theme: str | None = None) -> Style:
    """A style for `text`, in a font that lacks least of it. `theme`: one by name, "" for Table 8 only, None: any.

    Raises StyleError where no try passes the rules.
    """
    fonts = _fonts_for(text)
    last = ""
    for _ in range(MOST_TRIES):
        name = theme
        if name is None:
            name = rng.choice(STYLE_THEMES) if rng.random() < _THEME_SHARE else ""
        try:
            style = _from_theme(rng, name, fonts) if name else _from_table(rng, fonts)
        except RenderError as error:
            last = str(error)
            continue
        last = excluded_by(style.config)
        if not last:
            return style
    raise StyleError(f"None of {MOST_TRIES} styles can be used; the last was excluded because: {last}.")


def _fonts_for(text: str) -> tuple[Path, ...]:
    """The installed fonts that lack least of a text: all of its letters where one has them."""
    letters = "".join(sorted(set(text)))
    lacking = [(len(missing_glyphs(letters, font)), font) for font in _pool()]
    least = min((count for count, _ in lacking), default=0)
    found = tuple(font for count, font in lacking if count == least)
    if not found:
        raise StyleError("No font is installed; run scripts/install_fonts.py.")
    return found


def check_glyphs(text: str, config: RenderConfig) -> None:
    """Pages that leave letters out would teach that they are not there. Raises RowSkipped."""
    if missing_glyphs(text, config.font_path):
        raise RowSkipped("no installed font has all characters of the text")


@lru_cache(maxsize=1)
def _pool() -> tuple[Path, ...]:
    return tuple(sorted((font.file.resolve() for font in installed_fonts()), key=lambda path: path.name))


@lru_cache(maxsize=len(STYLE_THEMES))
def _theme(name: str) -> RenderConfig:
    return RenderConfig.load(THEMES / f"{name}.json")


def _from_theme(rng: random.Random, name: str, fonts: Sequence[Path]) -> Style:
    """A theme at a resolution of its own; its font gives way to one that has the text's letters."""
    theme = _theme(name)
    band, dpi = _dpi(rng)
    font = theme.font_path if theme.font_path in fonts else rng.choice(fonts)
    config = RenderConfig.from_mapping({**theme.to_mapping(), "dpi": dpi, "font-path": str(font)})
    return Style(config, name, (("dpi", band), ("font", font.name)))


def _from_table(rng: random.Random, fonts: Sequence[Path]) -> Style:
    choices: _Choices = []

    def chose(factor: str, word: str) -> str:
        choices.append((factor, word))
        return word

    band, dpi = _dpi(rng)
    chose("dpi", band)
    font = rng.choice(fonts)
    chose("font", font.name)
    size = rng.choice(FONT_SIZES_PT)
    width, height = _page(rng, chose)
    values: dict[str, Any] = {
        "font_path": font,
        "dpi": dpi,
        "page_width_pt": width,
        "page_height_pt": height,
        "font_size_pt": size,
        "leading_pt": size + rng.choice(EXTRA_LEADING_PT),
        "alignment": chose("alignment", _weighted(rng, _ALIGNMENT_WEIGHTS)),
        "horizontal_scale": _scale(rng, chose),
        "auto_crop_width": rng.random() < 0.5,
        "auto_crop_last_page": rng.random() < 0.5,
        "newline_markup": RED_MARK if chose("newline", _weighted(rng, {"break": 85, "mark": 15})) == "mark" else BREAK,
    }
    values |= _margins(rng, chose) | _indents(rng, chose, size) | _spacing(rng, chose) | _colors(rng, chose)
    return Style(RenderConfig(**values), "", tuple(choices))


_Chose = Callable[[str, str], str]


def _weighted(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def _dpi(rng: random.Random) -> tuple[str, int]:
    name = _weighted(rng, _DPI_WEIGHTS)
    band = next(band for band in DPI_BANDS if band.name == name)
    return name, rng.choice(band.choices) if band.choices else rng.randint(band.lowest, band.highest)


def _page(rng: random.Random, chose: _Chose) -> tuple[float, float]:
    mode = chose("page", _weighted(rng, {"paper": 60, "ratio": 25, "free": 15}))
    if mode == "paper":
        return PAPER_SIZES_PT[chose("paper", _weighted(rng, _PAPER_WEIGHTS))]
    width = float(rng.randint(360, 700))
    if mode == "ratio":
        return width, round(width * rng.choice(ASPECT_RATIOS), 1)
    lowest, highest = rng.choice(((0.5, 1.0), (1.0, 1.6), (1.6, 2.5)))  # wide, usual, tall
    return width, round(width * rng.uniform(lowest, highest), 1)


def _scale(rng: random.Random, chose: _Chose) -> float:
    if chose("horizontal scale", _weighted(rng, {"none": 75, "narrower": 25})) == "none":
        return 1.0
    lowest, highest = _trained("horizontal_scale")
    return round(highest - (highest - lowest) * rng.random() ** 2, 2)  # ever rarer towards the narrow end


def _margins(rng: random.Random, chose: _Chose) -> dict[str, float]:
    lowest, highest = (int(bound) for bound in _trained("margin_x_pt"))
    one, other = sorted((rng.randint(lowest, highest), rng.randint(lowest, highest)))
    pattern = chose("margins", rng.choice(("equal", "vertical larger", "horizontal larger")))
    x, y = {"equal": (one, one), "vertical larger": (one, other)}.get(pattern, (other, one))
    return {"margin_x_pt": x, "margin_y_pt": y}


def _indents(rng: random.Random, chose: _Chose, size: float) -> dict[str, float]:
    mode = chose("indent", _weighted(rng, {"none": 60, "first line": 28, "block": 6, "hanging": 6}))
    lowest, highest = _trained("first_line_indent_pt")
    em = round(size * rng.uniform(lowest, highest), 1)
    if mode == "first line":
        return {"first_line_indent_pt": em}
    if mode == "block":
        return {"left_indent_pt": em, "right_indent_pt": em}
    return {"left_indent_pt": em, "first_line_indent_pt": -em} if mode == "hanging" else {}


def _spacing(rng: random.Random, chose: _Chose) -> dict[str, float]:
    mode = chose("spacing", _weighted(rng, {"none": 60, "small": 28, "large": 12}))
    before, after = {"none": (0, 0), "small": (rng.randint(0, 2), rng.randint(1, 4))}.get(
        mode, (rng.randint(3, 8), rng.randint(5, 12))
    )
    return {"space_before_pt": before, "space_after_pt": after}


def _colors(rng: random.Random, chose: _Chose) -> dict[str, Any]:
    palette = PALETTES[chose("palette", _weighted(rng, _PALETTE_WEIGHTS))]
    found: dict[str, Any] = {
        "page_background": palette.page,
        "paragraph_background": palette.paragraph,
        "font_color": palette.letters,
        "border_color": palette.letters,
    }
    if chose("border", _weighted(rng, {"none": 95, "thin": 5})) == "thin":
        found |= {"border_width_pt": rng.choice((0.5, 1.0)), "border_padding_pt": rng.choice((1.0, 2.0, 4.0))}
    return found


def _trained(field: str) -> tuple[float, float]:
    """A range of the renderer's table that has both ends."""
    trained = BY_FIELD[field].trained
    assert trained is not None
    assert trained.lowest is not None
    assert trained.highest is not None
    return trained.lowest, trained.highest
