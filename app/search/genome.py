"""The space that is searched: factors of the paper's Table 8 with their ranges, and genomes, one value a factor.

In: installed fonts that have the documents' letters. Out: random, checked and repaired genomes, and their RenderConfig. A factor
may depend on another (no indent's width without an indent): an inactive one has no value. Ranges come from the renderer's
tables; what nobody would print (app/styles) or nothing can draw is refused before it costs anything.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.search.errors import SearchError
from app.styles import PALETTES, excluded_by
from renderer import RenderConfig, RenderError
from renderer.settings.newline_markup import BREAK, RED_MARK
from renderer.settings.paper_sizes import PAPER_SIZES_PT
from renderer.settings.table import BY_FIELD
from renderer.settings.training_ranges import EXTRA_LEADING_PT, FONT_SIZES_PT

Value = str | int | float
MOST_TRIES = 400
_SLACK = 1e-9
_DPI = (45, 144)  # Table 8 goes far beyond; above this a page is cheaper as text
_INDENTS = ("none", "first line", "block", "hanging")
_BREAKS = {"break": BREAK, "mark": RED_MARK}


@dataclass(frozen=True, slots=True)
class Factor:
    """One gene: `choices`, or a range in steps. Active only where `under` (another factor) has one of `values`."""

    name: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0
    whole: bool = True
    under: str = ""
    values: tuple[Value, ...] = ()

    @property
    def options(self) -> tuple[Value, ...]:
        """Every value there is, in order."""
        if self.choices:
            return self.choices
        count = round((self.high - self.low) / self.step) + 1
        return tuple(self._number(self.low + i * self.step) for i in range(count))

    def accepts(self, value: object) -> bool:
        if self.choices:
            return any(value == one and isinstance(value, str) == isinstance(one, str) for one in self.choices)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        steps = (value - self.low) / self.step
        return self.low - _SLACK <= value <= self.high + _SLACK and abs(steps - round(steps)) < 1e-6

    def cast(self, value: object) -> Value:
        """An accepted value as the factor's own type."""
        if self.choices:
            return next(one for one in self.choices if one == value)
        assert isinstance(value, int | float)
        return self._number(value)

    def said(self) -> str:
        """For the critic and the docs: 'one of "A4", "A5"' or "45 to 144 in steps of 1"."""
        if self.choices:
            return "one of " + ", ".join(f'"{one}"' if isinstance(one, str) else f"{one:g}" for one in self.choices)
        return f"{self.low:g} to {self.high:g} in steps of {self.step:g}"

    def _number(self, value: float) -> Value:
        return round(value) if self.whole else round(value, 4)


@dataclass(frozen=True, slots=True)
class Genome:
    """A value for each active factor, in the space's order."""

    genes: tuple[tuple[str, Value], ...]

    def to_mapping(self) -> dict[str, Value]:
        return dict(self.genes)

    def get(self, name: str) -> Value | None:
        return next((value for gene, value in self.genes if gene == name), None)

    def differences(self, other: Genome) -> tuple[tuple[str, Value | None, Value | None], ...]:
        """(factor, there, here) for each that differs."""
        names = list(dict.fromkeys([*(name for name, _ in other.genes), *(name for name, _ in self.genes)]))
        return tuple((n, other.get(n), self.get(n)) for n in names if other.get(n) != self.get(n))


class Space:
    """The factors in order; conditions name earlier ones only."""

    def __init__(self, fonts: Sequence[Path]) -> None:
        if not fonts:
            raise SearchError("No installed font has the documents' letters; run scripts/install_fonts.py.")
        self._fonts = {font.name: font for font in fonts}
        self.factors = _factors(tuple(self._fonts))
        self._by_name = {factor.name: factor for factor in self.factors}

    def factor(self, name: str) -> Factor:
        return self._by_name[name]

    def is_active(self, factor: Factor, values: Mapping[str, Value]) -> bool:
        return not factor.under or values.get(factor.under) in factor.values

    def active(self, values: Mapping[str, Value]) -> tuple[Factor, ...]:
        return tuple(factor for factor in self.factors if self.is_active(factor, values))

    def problems(self, changes: Mapping[str, Any]) -> list[str]:
        """What is wrong with proposed values, in words; empty where each factor exists and takes its value."""
        found = []
        for name, value in changes.items():
            factor = self._by_name.get(name)
            if factor is None:
                found.append(f"there is no factor {str(name)[:40]!r}")
            elif not factor.accepts(value):
                found.append(f"{name} cannot be {str(value)[:40]!r}: {factor.said()[:200]}")
        return found

    def genome(self, values: Mapping[str, Any]) -> Genome:
        """Canonical: inactive factors left out, active ones that lack a value at their first. Values must be accepted ones."""
        genes: dict[str, Value] = {}
        for factor in self.factors:
            if self.is_active(factor, genes):
                genes[factor.name] = factor.cast(values[factor.name]) if factor.name in values else factor.options[0]
        return Genome(tuple(genes.items()))

    def random(self, rng: random.Random) -> Genome:
        """Uniform over factors; drawn again until it can be printed. Raises SearchError where no try can."""
        for _ in range(MOST_TRIES):
            values: dict[str, Value] = {}
            for factor in self.factors:
                if self.is_active(factor, values):
                    values[factor.name] = rng.choice(factor.options)
            found = Genome(tuple(values.items()))
            if not self.refused(found):
                return found
        raise SearchError(f"None of {MOST_TRIES} random settings can be printed.")

    def refused(self, genome: Genome) -> str:
        """Why nobody would print it, or nothing can draw it; "" where it can be tried."""
        try:
            return excluded_by(self.config(genome))
        except RenderError as error:
            return str(error)

    def config(self, genome: Genome) -> RenderConfig:
        """Raises ConfigError for impossible combinations."""
        gene = genome.to_mapping()
        size = float(gene["font_size_pt"])
        width, height = PAPER_SIZES_PT[str(gene["page"])]
        palette = PALETTES[str(gene["palette"])]
        values: dict[str, Any] = {
            "font_path": self._fonts[str(gene["font"])],
            "dpi": int(gene["dpi"]),
            "page_width_pt": width,
            "page_height_pt": height,
            "margin_x_pt": float(gene["margin_x_pt"]),
            "margin_y_pt": float(gene["margin_y_pt"]),
            "font_size_pt": size,
            "leading_pt": size + float(gene["extra_leading_pt"]),
            "alignment": str(gene["alignment"]),
            "horizontal_scale": float(gene["horizontal_scale"]),
            "space_before_pt": float(gene["space_before_pt"]),
            "space_after_pt": float(gene["space_after_pt"]),
            "auto_crop_width": gene["crop_width"] == "yes",
            "auto_crop_last_page": gene["crop_last_page"] == "yes",
            "snap_to_28": gene["snap_to_28"] == "yes",
            "newline_markup": _BREAKS[str(gene["newline"])],
            "page_background": palette.page,
            "paragraph_background": palette.paragraph,
            "font_color": palette.letters,
            "border_color": palette.letters,
            "border_width_pt": float(gene.get("border_width_pt", 0.0)),
            "border_padding_pt": float(gene.get("border_padding_pt", 0.0)),
            **_indent(str(gene["indent"]), size * float(gene.get("indent_em", 0.0))),
        }
        return RenderConfig(**values)

    def nearest(self, config: RenderConfig) -> Genome:
        """The genome most like these settings, factor by factor; for published ones, which need not lie in the space."""
        paper = min(PAPER_SIZES_PT, key=lambda name: _apart(PAPER_SIZES_PT[name], config))
        font = config.font_path.name if config.font_path.name in self._fonts else next(iter(self._fonts))
        palette = next((name for name, one in PALETTES.items() if one.page == config.page_background), "white")
        wished: dict[str, Any] = {
            "dpi": config.dpi,
            "font": font,
            "font_size_pt": config.font_size_pt,
            "extra_leading_pt": config.leading_pt - config.font_size_pt,
            "page": paper,
            "margin_x_pt": config.margin_x_pt,
            "margin_y_pt": config.margin_y_pt,
            "alignment": config.alignment.value,
            "horizontal_scale": config.horizontal_scale,
            "indent": "none",
            "space_before_pt": config.space_before_pt,
            "space_after_pt": config.space_after_pt,
            "crop_width": "yes" if config.auto_crop_width else "no",
            "crop_last_page": "yes" if config.auto_crop_last_page else "no",
            "snap_to_28": "yes" if config.snap_to_28 else "no",
            "newline": "break" if config.newline_markup == BREAK else "mark",
            "palette": palette,
            "border": "none",
        }
        return self.genome({name: _closest(self._by_name[name], value) for name, value in wished.items()})


def _closest(factor: Factor, value: Any) -> Value:
    if isinstance(value, str):
        return value if factor.accepts(value) else factor.options[0]
    return min(factor.options, key=lambda one: abs(float(one) - float(value)))


def _apart(size: tuple[float, float], config: RenderConfig) -> float:
    return abs(size[0] - config.page_width_pt) + abs(size[1] - config.page_height_pt)


def _indent(mode: str, em_pt: float) -> dict[str, float]:
    em_pt = round(em_pt, 2)
    if mode == "first line":
        return {"first_line_indent_pt": em_pt}
    if mode == "block":
        return {"left_indent_pt": em_pt, "right_indent_pt": em_pt}
    return {"left_indent_pt": em_pt, "first_line_indent_pt": -em_pt} if mode == "hanging" else {}


def _factors(fonts: tuple[str, ...]) -> tuple[Factor, ...]:
    yes_no = ("no", "yes")
    margin, scale, em = (_trained(name) for name in ("margin_x_pt", "horizontal_scale", "first_line_indent_pt"))
    return (
        Factor("dpi", low=_DPI[0], high=_DPI[1]),
        Factor("font", fonts),
        Factor("font_size_pt", FONT_SIZES_PT),
        Factor("extra_leading_pt", EXTRA_LEADING_PT),
        Factor("page", tuple(PAPER_SIZES_PT)),
        Factor("margin_x_pt", low=margin[0], high=margin[1]),
        Factor("margin_y_pt", low=margin[0], high=margin[1]),
        Factor("alignment", tuple(choice.value for choice in BY_FIELD["alignment"].choices)),
        Factor("horizontal_scale", low=scale[0], high=scale[1], step=0.05, whole=False),
        Factor("indent", _INDENTS),
        Factor("indent_em", low=em[0], high=em[1], step=0.25, whole=False, under="indent", values=_INDENTS[1:]),
        Factor("space_before_pt", low=0, high=8),
        Factor("space_after_pt", low=0, high=12),
        Factor("crop_width", yes_no),
        Factor("crop_last_page", yes_no),
        Factor("snap_to_28", yes_no),
        Factor("newline", tuple(_BREAKS)),
        Factor("palette", tuple(PALETTES)),
        Factor("border", ("none", "thin")),
        Factor("border_width_pt", (0.5, 1.0), under="border", values=("thin",)),
        Factor("border_padding_pt", (1.0, 2.0, 4.0), under="border", values=("thin",)),
    )


def _trained(field: str) -> tuple[float, float]:
    trained = BY_FIELD[field].trained
    if trained is None or trained.lowest is None or trained.highest is None:
        raise SearchError(f"The training range of {field} has no two ends.")
    return trained.lowest, trained.highest
