"""What the charts of a sweep share: names, colours and curves of its sides. In: points and arms. Out: Curve values.

A simulated point is called simulated, and by how much its clock was made faster stands in its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import MappingProxyType

from app.charts.curves import Curve, CurvePoint, Missing, Source
from app.charts.theme import COLORWAY, GLYPH, GREY, TEXT
from app.measurement import Provenance
from app.sweep import Arm, Kind, Outcome, Point, Record

LENGTH_TITLE = "Length of the text (tokens)"
PUBLISHED_DPI = 72  # Glyph's configs
PAPER = COLORWAY[3]
SOURCES = MappingProxyType({Provenance.MEASURED: Source.MEASURED, Provenance.SIMULATED: Source.SIMULATED})
_HIGHER_DPI = tuple(color for color in COLORWAY if color not in (TEXT, GLYPH, GREY, PAPER))


def curve_of(name: str, source: Source, color: str, marks: Iterable[CurvePoint], pace: str = "") -> list[Curve]:
    """None or one. `pace`: what is said behind a simulated name, as ", made 40× faster"."""
    points = tuple(sorted(marks, key=lambda one: one.x))
    note = pace if source is Source.SIMULATED else ""
    return [Curve(name, source, color, points, note)] if points else []


def name_of(arm: Arm) -> str:
    return arm.label


def length_of(point: Point) -> int:
    return point.text_tokens or point.aimed_tokens


def arm_order(arm: Arm) -> int:
    return arm.dpi or 0


def colors_of(arms: Iterable[Arm]) -> dict[Arm, str]:
    """One a side: the text's, that of the paper's DPI and below, and for higher DPIs the rest in their order."""
    ordered = sorted(set(arms), key=arm_order)
    higher = [arm for arm in ordered if arm_order(arm) > PUBLISHED_DPI]
    usual = {arm: TEXT if arm.dpi is None else GLYPH for arm in ordered}
    return usual | {arm: _HIGHER_DPI[rank % len(_HIGHER_DPI)] for rank, arm in enumerate(higher)}


def missing_of(records: Sequence[Record], kind: Kind) -> list[Missing]:
    """One cross a place that has no measurement at all."""
    found: dict[tuple[Arm, int], str] = {}
    measured = {(one.task.arm, one.task.text_tokens) for one in records if one.outcome is Outcome.MEASURED}
    for record in records:
        place = (record.task.arm, record.task.text_tokens)
        if record.task.kind is kind and record.outcome is not Outcome.MEASURED and place not in measured:
            found[place] = (
                f"{record.task.arm.label}, {record.task.text_tokens:,} tokens, {record.outcome}: {record.detail}"
            )
    colors = colors_of(one.task.arm for one in records)
    return [Missing(tokens, colors[arm], plain_hover(words)) for (arm, tokens), words in found.items()]


def plain_hover(words: str) -> str:
    """A server's words among ours: plotly reads a few tags, so none may come from outside."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
