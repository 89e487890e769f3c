"""How well print can be read: an OCR program on the very pixels that the model would see, or a stored table without one.

    from app.legibility import measured_clarity, table_clarity
    measured_clarity(config).words

A stand-in for the vision model's eyes, and told as one wherever it is shown. Knows nothing of books, servers or screens.
"""

from app.legibility.gauge import measured_clarity, table_clarity
from app.legibility.ocr import OcrUnavailable, ReadingUnwanted, why_not
from app.legibility.passages import PassageOnPage, read_passages, read_whole_pages, share_wrong
from app.legibility.probe import NoProbe
from app.legibility.spans import read_spans
from app.legibility.values import MEANING, Clarity, ClaritySource, percent

__all__ = [
    "MEANING",
    "Clarity",
    "ClaritySource",
    "NoProbe",
    "OcrUnavailable",
    "PassageOnPage",
    "ReadingUnwanted",
    "measured_clarity",
    "percent",
    "read_passages",
    "read_spans",
    "read_whole_pages",
    "share_wrong",
    "table_clarity",
    "why_not",
]
