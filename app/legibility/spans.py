"""A text, settings and spans of its characters in; out, what the OCR program reads where each span was drawn.

Only the lines that hold a span are drawn and read: a tenth of a second each, where a page takes seconds. What is read has gone
through the model's own resize.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from app.legibility.model_view import as_the_model_sees_it
from app.legibility.ocr import read_lines
from app.legibility.probe import NoProbe, line_pictures
from renderer import RenderConfig, plan


def read_spans(text: str, config: RenderConfig, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Each span as it was read, on one line. Raises NoProbe, OcrUnavailable, RenderError."""
    layout = plan(text, config).layout
    if layout is None:
        raise NoProbe("the reference engine draws these settings")
    pictures: list[Image.Image] = []
    owners: list[int] = []
    seen: dict[int, tuple[Image.Image, Image.Image]] = {}
    for number, (start, end) in enumerate(spans):
        for index in range(layout.page_of(start), layout.page_of(max(start, end - 1)) + 1):
            if index not in seen:
                drawn = Image.fromarray(layout.page_array(index))
                seen[index] = drawn, as_the_model_sees_it(drawn)
            drawn, model_view = seen[index]
            lines = line_pictures(layout.cells(index), text, model_view, drawn.size, config, (start, end))
            pictures += [line.picture for line in lines]
            owners += [number] * len(lines)
    found = read_lines(pictures)
    return [
        " ".join(" ".join(read for read, owner in zip(found, owners, strict=True) if owner == n).split())
        for n in range(len(spans))
    ]
