"""What became of each document of a task, as JSON lines: OUT/documents/00003.jsonl, whole or not there.

Documents that gave no pages stand in it with their reason. The same task gives the same bytes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import JobChanged
from .inputs import Unread
from .shard_file import ShardFile, drop_parts
from .values import DrawnText, SourceText

FOLDER = "documents"


class Ledger:
    """Of one task. Lines go to the disk as they come."""

    def __init__(self, out: Path, rank: int) -> None:
        name = f"{rank:05d}.jsonl"
        drop_parts(out / FOLDER, name)
        self._file = ShardFile(out / FOLDER / name)

    def drawn(self, source: SourceText, number: int, text: DrawnText) -> None:
        """`number`: the document's in its task, which the names of its pages begin with."""
        engines = sorted({page.engine for page in text.pages})
        self._line(
            document=source.name,
            origin=source.origin,
            number=number,
            pages=len(text.pages),
            characters=text.characters,
            visual_tokens=sum(page.visual_tokens for page in text.pages),
            missing_glyphs=text.missing_glyphs,
            engine=engines[0] if engines else "",
            settings_key=text.pages[0].settings_key if text.pages else "",
        )

    def undrawn(self, unread: Unread) -> None:
        self._line(document=unread.name, origin=unread.origin, pages=0, reason=unread.reason)

    def close(self) -> None:
        self._file.publish()

    def _line(self, **told: Any) -> None:
        self._file.stream.write((json.dumps(told) + "\n").encode())


@dataclass(slots=True)
class Totals:
    """Sums over ledgers."""

    documents: int = 0
    pages: int = 0
    characters: int = 0
    visual_tokens: int = 0
    missing_glyphs: int = 0
    by_reference: int = 0
    """Documents that the reference engine drew: some fifty times as slow."""
    undrawn: dict[str, int] = field(default_factory=dict)
    """Reason: how many documents, files or lines."""


def totals(out: Path) -> Totals:
    """Of all tasks of a job that have ended. Raises JobChanged where a ledger was changed."""
    found = Totals()
    for path in sorted((out / FOLDER).glob("*.jsonl")):
        try:
            with path.open("rb") as lines:
                _add(found, lines)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise JobChanged(
                f"{path} is damaged: a line in it is not a document's. The shards are not touched by that."
            ) from None
    return found


def _add(found: Totals, lines: Iterable[bytes]) -> None:
    for told in map(json.loads, lines):
        if reason := told.get("reason"):
            found.undrawn[reason] = found.undrawn.get(reason, 0) + 1
            continue
        found.documents += 1
        found.pages += told["pages"]
        found.characters += told["characters"]
        found.visual_tokens += told["visual_tokens"]
        found.missing_glyphs += told["missing_glyphs"]
        found.by_reference += told["engine"] == "reference"
