"""What is said about how well print can be read. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClaritySource(StrEnum):
    MEASURED = "measured"  # the OCR program read these very settings
    TABLE = "table"  # looked up by size and resize; measured once, for one font


@dataclass(frozen=True, slots=True)
class Clarity:
    """How well an OCR program reads random hex codes at one setting, after the model's own resize.

    `share_wrong`: of the probe's characters, 0 to 1; `low` and `high`: its 95 % range. `contrast_ratio`: WCAG's, 1 to 21, of
    text against the page: the OCR program is blind to colour. `resampled`: the model's processor resizes such pages. `why_table`:
    why nothing was measured; empty where it was, or where nobody asked for it.
    """

    share_wrong: float
    low: float
    high: float
    source: ClaritySource
    contrast_ratio: float
    resampled: bool
    why_table: str = ""

    @property
    def words(self) -> str:
        """As shown wherever the figure is shown whole."""
        told = (
            f"Print clarity (OCR proxy): {percent(self.share_wrong)} of probe characters misread "
            f"(95 % range {percent(self.low)} to {percent(self.high)})."
        )
        if self.source is ClaritySource.TABLE:
            how = "From a stored table by the letters' size in pixels, for one font"
            told += f" {how}: {self.why_table}." if self.why_table else f" {how}."
        return f"{told} {MEANING}"


MEANING = (
    "A small OCR program read random hex codes at these settings. This is not the vision model's accuracy: "
    "use it to compare settings."
)


def percent(share: float) -> str:
    """ "2.0 %", "17 %", "0.3 %": two digits that say something."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 10 else f"{value:.1f} %"
