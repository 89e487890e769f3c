"""A sweep's medians as what a projection can be held against. In: a journal. Out: Observation values.

Only cold medians of models whose shapes are known. A simulator that was made faster is slowed down again: its projection is
what it had before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.calibration.errors import CalibrationError
from app.calibration.values import Quantity
from app.clients import Role
from app.projection import PATCHES_PER_TOKEN, ModelShape, PromptSize, shape_named
from app.sweep import Header, Kind, Point, Record, ServerNote, points

_BEGIN_AND_END_OF_IMAGE = 2


@dataclass(frozen=True, slots=True)
class Observation:
    """One median. `spread`: the repeats' median absolute deviation, as a share of it."""

    quantity: Quantity
    side: str
    shape: ModelShape
    text_tokens: int
    prompt: PromptSize
    output_tokens: int
    at_once: int
    seconds: float
    spread: float


def observations(header: Header, records: Sequence[Record]) -> tuple[Observation, ...]:
    """Raises CalibrationError where a model's shape is not known, or nothing was measured cold."""
    notes = {note.role: note for note in header.servers}
    shapes = {role: _shape(note) for role, note in notes.items()}
    pages_of = {
        (record.task.arm.dpi, record.task.text_tokens): record.pages for record in records if record.pages is not None
    }
    found = []
    for point in points(records):
        note = notes.get(point.arm.role)
        prompt = _prompt(point, pages_of.get((point.arm.dpi, point.aimed_tokens)))
        if note is None or prompt is None:
            continue
        found += _of(point, shapes[point.arm.role], prompt, header, _slower(note))
    if not any(one.quantity.fitted for one in found):
        raise CalibrationError(
            "Nothing in this sweep was measured cold on both counts of tokens, so there is nothing to fit. Let it go on first."
        )
    return tuple(found)


def _of(point: Point, shape: ModelShape, prompt: PromptSize, header: Header, slower: float) -> list[Observation]:
    plan = header.plan
    answer = plan.prefill_answer_tokens if point.kind is Kind.PREFILL else plan.answer_tokens
    found = []
    # A decoding request's first token counts as much as a prefill's: it is cold too.
    if point.kind is Kind.PREFILL and point.ttft_ms is not None and point.ttft_ms.median > 0:
        seconds, off = point.ttft_ms.median / 1000, point.ttft_ms.mad / point.ttft_ms.median
        found.append((Quantity.TTFT, slower * seconds, off))
        if point.arm.role is Role.PAGES and point.headers_ms is not None and point.headers_ms.median > 0:
            headers = point.headers_ms
            found.append((Quantity.PREPARATION, slower * headers.median / 1000, headers.mad / headers.median))
    rate = point.tokens_per_second
    if rate is not None and rate.median > 0 and point.kind is not Kind.PREFILL:
        quantity = Quantity.STEP if point.kind is Kind.DECODE else Quantity.LOAD
        found.append((quantity, slower / rate.median, rate.mad / rate.median))
    return [
        Observation(
            quantity, point.arm.label, shape, point.aimed_tokens, prompt, answer, point.at_once, seconds, spread
        )
        for quantity, seconds, spread in found
    ]


def _prompt(point: Point, pages: int | None) -> PromptSize | None:
    """By the server's own count where it gave one: the question and the template are in it."""
    if point.arm.role is Role.TEXT:
        tokens = point.prompt_tokens or point.text_tokens
        return PromptSize(tokens) if tokens else None
    if not point.visual_tokens or not pages:
        return None
    least = point.visual_tokens + _BEGIN_AND_END_OF_IMAGE * pages
    each, rest = divmod(point.visual_tokens, pages)
    patches = tuple(PATCHES_PER_TOKEN * (each + (1 if number < rest else 0)) for number in range(pages))
    return PromptSize(max(least, point.prompt_tokens or least), patches)


def _shape(note: ServerNote) -> ModelShape:
    shape = shape_named(note.model)
    if shape is None:
        raise CalibrationError(
            f"The server of {note.role.named} serves “{note.model}”, whose shape is not known here: only Qwen3-8B and Glyph can be "
            "calibrated. Sweep servers of those."
        )
    if (note.role is Role.PAGES) != (shape.vision is not None):
        raise CalibrationError(f"“{note.model}” at the server of {note.role.named}: the two seem to be exchanged.")
    return shape


def _slower(note: ServerNote) -> float:
    return (note.simulated_speedup or 1.0) if note.simulated else 1.0
