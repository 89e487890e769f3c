"""What the paper prints, with its place. Source: Glyph, arXiv 2510.17800, Table 3 (RULER by DPI)."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Glyph, arXiv 2510.17800, Table 3"
TEXT_MODEL, TEXT_AVERAGE = "Qwen3-8B", 87.29


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """Percent. `by_task`: under the short names of the paper's columns; empty where the paper prints the average alone here."""

    dpi: int
    compression: float
    average: float
    by_task: dict[str, float]


TABLE_3 = (
    PublishedRow(
        72,
        4.0,
        72.17,
        {
            "S1": 73.33,
            "S2": 64.67,
            "M1": 67.33,
            "M2": 56.00,
            "V": 73.42,
            "Q": 71.42,
            "VT": 77.93,
            "CWE": 94.40,
            "FWE": 92.67,
            "QA1": 59.33,
            "QA2": 63.33,
        },
    ),
    PublishedRow(96, 2.2, 91.23, {}),
    PublishedRow(120, 1.2, 94.67, {}),
)
