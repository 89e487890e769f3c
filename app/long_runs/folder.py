"""The folder in which the journals of one kind of run lie, newest kept. In: a folder, endings, a bound. Out: ids and paths.

An id is a time, so that names sort by age; ids come from addresses and buttons, and no path comes out of one that is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

_ID = re.compile(r"[0-9A-Za-z-]{1,80}")
_TIME = "%Y%m%d-%H%M%S-%f"  # an id: when its run began


def began(run_id: str) -> str:
    """When the run of this id began, for a list: "2026-11-29 08:52:13"; a name of somebody's own as it is."""
    with suppress(ValueError):
        return f"{datetime.strptime(run_id, _TIME):%Y-%m-%d %H:%M:%S}"
    return run_id


@dataclass(frozen=True, slots=True)
class RunFolder:
    """`endings`: the journal's own first, then those of what lies beside it. `kind`: what lies here, in a word for people.
    `refused`: makes the caller's own error from a sentence about a name that is no id."""

    folder: Path
    endings: tuple[str, ...]
    kind: str
    refused: Callable[[str], Exception]

    def checked(self, run_id: str) -> str:
        if not _ID.fullmatch(run_id):
            raise self.refused(f"{run_id!r} names no {self.kind}.")
        return run_id

    def path(self, run_id: str, ending: str = "") -> Path:
        return self.folder / f"{self.checked(run_id)}{ending or self.endings[0]}"

    def new_id(self) -> str:
        """One that sorts behind all that are here: where the clock was set back, a microsecond after the newest. What is begun
        now would else be the oldest, and the first to go."""
        now = f"{datetime.now():{_TIME}}"
        for path in self.newest():
            with suppress(ValueError):  # a name of somebody's own is passed over
                last = datetime.strptime(path.name.removesuffix(self.endings[0]), _TIME)
                return max(now, f"{last + timedelta(microseconds=1):{_TIME}}")
        return now

    def newest(self, most: int | None = None) -> list[Path]:
        """Journals, newest first; none where the folder cannot be read."""
        with suppress(OSError):
            return sorted(self.folder.glob(f"*{self.endings[0]}"), key=lambda path: path.name, reverse=True)[:most]
        return []

    def keep_newest(self, most: int) -> None:
        for path in self.newest()[most:]:
            for ending in self.endings:
                with suppress(OSError):
                    path.with_name(path.name.removesuffix(self.endings[0]) + ending).unlink(missing_ok=True)
