"""The one table of render settings: how each is called, spelt and bounded.

Read by RenderConfig's checks, by Glyph's config files (glyph_keys), by links (app/preview/settings_query), by the viewer's
panel (as JSON), by `untrained_settings` and by docs/settings.md (scripts/write_settings_doc.py). It holds no values and
knows nothing of files, addresses or screens. The training ranges are those of the paper's Table 8 (arXiv 2510.17800,
appendix); RenderConfig allows more than that: anything that can be drawn.
"""

from dataclasses import dataclass
from enum import StrEnum

from .newline_markup import BREAK, RED_MARK


class Kind(StrEnum):
    """What a value is, and so how it is read, written and shown."""

    NUMBER = "number"
    WHOLE = "whole"
    """A number without a fraction."""
    COLOR = "color"
    SWITCH = "switch"
    CHOICE = "choice"
    MARKUP = "markup"
    """One of the choices, or mark-up of the user's own."""
    FONT = "font"
    FONTS = "fonts"


@dataclass(frozen=True, slots=True)
class Range:
    """What is allowed. Both ends belong to it."""

    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Slider:
    """What a slider offers: less than what is allowed, because few want the rest."""

    lowest: float
    highest: float
    step: float


class Against(StrEnum):
    """What a training range bounds where it is not the value itself."""

    EXTRA = "more than the font size"
    """The value less the font size."""
    EM = "times the font size"
    """The value in font sizes. Nought is none, and trained."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What Glyph was trained on. Both ends belong to it; None: no bound is given."""

    lowest: float | None
    highest: float | None
    against: Against | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One value. `word`: how a link spells it."""

    value: str
    word: str
    label: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of RenderConfig. `link_key` never changes: links that people keep are made of it."""

    field: str
    glyph_key: str
    link_key: str
    label: str
    kind: Kind = Kind.NUMBER
    unit: str = ""
    allowed: Range | None = None
    shown: Slider | None = None
    trained: Trained | None = None
    choices: tuple[Choice, ...] = ()
    help: str = ""
    ours: bool = False
    """Not one of Glyph's keys: its script ignores it."""

    @property
    def slider(self) -> Slider:
        """`shown`, of a setting that has it."""
        assert self.shown is not None, self.field
        return self.shown

    def said(self, value: float) -> str:
        """A value with its unit: "400 pt"."""
        return f"{value:.6g} {self.unit}".rstrip()


_POINTS = Range(0, 7200)
_PAGE = Range(36, 14400)  # 14,400 pt is the PDF format's own limit

# In the order in which Glyph's published files have the keys; ours come last.
SETTINGS: tuple[Setting, ...] = (
    Setting("page_width_pt", "page-size", "w", "Page width", unit="pt", allowed=_PAGE, shown=Slider(140, 1200, 1)),
    Setting("page_height_pt", "page-size", "h", "Page height", unit="pt", allowed=_PAGE, shown=Slider(140, 1600, 1)),
    Setting(
        "dpi",
        "dpi",
        "d",
        "DPI",
        Kind.WHOLE,
        allowed=Range(18, 1200),
        shown=Slider(40, 200, 1),
        trained=Trained(45, None),
        help="Dots per inch of the page images. Fewer: more compression, harder to read.",
    ),
    Setting(
        "margin_x_pt",
        "margin-x",
        "mx",
        "Side margins",
        unit="pt",
        allowed=_POINTS,
        shown=Slider(0, 80, 1),
        trained=Trained(10, 40),
    ),
    Setting(
        "margin_y_pt",
        "margin-y",
        "my",
        "Top and bottom margins",
        unit="pt",
        allowed=_POINTS,
        shown=Slider(0, 80, 1),
        trained=Trained(10, 40),
    ),
    Setting("font_path", "font-path", "f", "Font", Kind.FONT),
    Setting(
        "font_size_pt",
        "font-size",
        "s",
        "Font size",
        unit="pt",
        allowed=Range(1, 200),
        shown=Slider(5, 20, 0.5),
        trained=Trained(7, 14),
    ),
    Setting(
        "leading_pt",
        "line-height",
        "l",
        "Leading",
        unit="pt",
        allowed=Range(1, 400),
        shown=Slider(5, 30, 0.5),
        trained=Trained(None, 3, Against.EXTRA),
        help="From one line's baseline to the next one's.",
    ),
    Setting("font_color", "font-color", "fc", "Text colour", Kind.COLOR),
    Setting(
        "alignment",
        "alignment",
        "a",
        "Alignment",
        Kind.CHOICE,
        choices=(
            Choice("LEFT", "LEFT", "Left"),
            Choice("JUSTIFY", "JUSTIFY", "Justify"),
            Choice("CENTER", "CENTER", "Centre"),
            Choice("RIGHT", "RIGHT", "Right"),
        ),
    ),
    Setting(
        "horizontal_scale",
        "horizontal-scale",
        "x",
        "Horizontal scale",
        allowed=Range(0.25, 4),
        shown=Slider(0.5, 1.5, 0.01),
        trained=Trained(0.75, 1),
    ),
    Setting(
        "first_line_indent_pt",
        "first-line-indent",
        "fi",
        "First-line indent",
        unit="pt",
        allowed=Range(-7200, 7200),
        shown=Slider(-20, 60, 1),
        trained=Trained(1, 2.5, Against.EM),
    ),
    Setting("left_indent_pt", "left-indent", "li", "Left indent", unit="pt", allowed=_POINTS, shown=Slider(0, 120, 1)),
    Setting(
        "right_indent_pt", "right-indent", "ri", "Right indent", unit="pt", allowed=_POINTS, shown=Slider(0, 120, 1)
    ),
    Setting("space_after_pt", "space-after", "sa", "Space after", unit="pt", allowed=_POINTS, shown=Slider(0, 30, 0.5)),
    Setting(
        "space_before_pt", "space-before", "sb", "Space before", unit="pt", allowed=_POINTS, shown=Slider(0, 30, 0.5)
    ),
    Setting(
        "border_width_pt",
        "border-width",
        "bw",
        "Border width",
        unit="pt",
        allowed=Range(0, 100),
        shown=Slider(0, 8, 0.25),
    ),
    Setting(
        "border_padding_pt",
        "border-padding",
        "bp",
        "Border padding",
        unit="pt",
        allowed=Range(0, 500),
        shown=Slider(0, 20, 0.5),
    ),
    Setting("page_background", "page-bg-color", "pc", "Page colour", Kind.COLOR),
    Setting("paragraph_background", "para-bg-color", "gc", "Colour behind paragraphs", Kind.COLOR),
    Setting("border_color", "para-border-color", "bc", "Border colour", Kind.COLOR),
    Setting("auto_crop_width", "auto-crop-width", "cw", "Crop to the text's width", Kind.SWITCH),
    Setting("auto_crop_last_page", "auto-crop-last-page", "cl", "Crop the last page", Kind.SWITCH),
    Setting(
        "newline_markup",
        "newline-markup",
        "n",
        "Newlines become",
        Kind.MARKUP,
        choices=(Choice(BREAK, "br", "Line break"), Choice(RED_MARK, "mark", "Red \\n")),
    ),
    Setting(
        "snap_to_28",
        "snap-to-28",
        "k",
        "Snap to cells of 28 px",
        Kind.SWITCH,
        help="Page sides become multiples of 28 px, so the model sees exactly the pixels rendered.",
        ours=True,
    ),
    Setting(
        "fallback_fonts",
        "fallback-fonts",
        "ff",
        "What the font lacks",
        Kind.FONTS,
        help="Characters that the font lacks come from another font. The reference engine draws such pages, more slowly.",
        ours=True,
    ),
)
BY_FIELD: dict[str, Setting] = {setting.field: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that stand together on a panel and in the docs, by field, in their order there. Title "": always open."""

    title: str
    fields: tuple[str, ...]


GROUPS: tuple[Group, ...] = (
    Group("", ("dpi", "font_path", "font_size_pt", "leading_pt", "newline_markup", "fallback_fonts")),
    Group(
        "Page and margins",
        (
            "page_width_pt",
            "page_height_pt",
            "margin_x_pt",
            "margin_y_pt",
            "auto_crop_width",
            "auto_crop_last_page",
            "snap_to_28",
        ),
    ),
    Group(
        "Paragraphs",
        (
            "alignment",
            "horizontal_scale",
            "first_line_indent_pt",
            "left_indent_pt",
            "right_indent_pt",
            "space_before_pt",
            "space_after_pt",
        ),
    ),
    Group(
        "Colours and borders",
        (
            "font_color",
            "page_background",
            "paragraph_background",
            "border_color",
            "border_width_pt",
            "border_padding_pt",
        ),
    ),
)
