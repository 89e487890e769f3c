"""Where items come from: folders that the user has, and a book. Nothing is fetched; what can be generated needs none of these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sources:
    """None: not there. Layouts: docs/evaluation.md."""

    essays: Path | None = None
    squad: Path | None = None
    hotpotqa: Path | None = None
    mrcr: Path | None = None
    longbench: Path | None = None
    book_title: str = ""
    book_text: str = ""
