"""What is kept of the runs on this machine: chosen by a person, remembered in the data folder, or fixed by the environment.

In: GLYPH_RECORDINGS, the remembered choice. Out: a Keep. What cannot be read keeps the least that is recorded.
"""

from __future__ import annotations

import logging
import os
from enum import StrEnum
from pathlib import Path

from app.paths import make_private

VARIABLE = "GLYPH_RECORDINGS"
_log = logging.getLogger(__name__)


class Keep(StrEnum):
    """What GLYPH_RECORDINGS may say."""

    WHOLE = "whole"
    WITHOUT_BOOK = "without-book"
    """Questions, answers and times; neither the book's text nor its pages."""
    OFF = "off"


class KeepChoice:
    """The environment goes before what was chosen on the screen; without either, runs are kept whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._chosen: Keep | None = None
        """Chosen in this process, also where it could not be written down."""

    @property
    def fixed(self) -> bool:
        """Whether the environment says it."""
        return bool(os.environ.get(VARIABLE))

    @property
    def misspelt(self) -> str:
        """What the environment says where that means nothing; "" where it is one of Keep."""
        said = os.environ.get(VARIABLE, "")
        return "" if said in ("", *Keep) else said

    def now(self) -> Keep:
        if said := os.environ.get(VARIABLE):
            return _meant(said, VARIABLE)
        if self._chosen is None:
            self._chosen = self._remembered()
        return self._chosen

    def _remembered(self) -> Keep:
        try:
            return _meant(self._path.read_text(encoding="utf-8", errors="replace")[:100].strip(), str(self._path))
        except FileNotFoundError:
            return Keep.WHOLE
        except OSError as error:
            _log.warning("%s cannot be read (%s); books are left out.", self._path, error.strerror)
            return Keep.WITHOUT_BOOK

    def choose(self, keep: Keep) -> None:
        """From the next question on. Raises OSError where it cannot be remembered; it holds for this process all the same."""
        self._chosen = keep
        make_private(self._path.parent)
        self._path.write_text(keep.value, encoding="utf-8")


def _meant(said: str, where: str) -> Keep:
    if said in {one.value for one in Keep}:
        return Keep(said)
    _log.warning("%s says %r, which is not one of %s; books are left out.", where, said[:40], ", ".join(Keep))
    return Keep.WITHOUT_BOOK
