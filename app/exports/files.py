"""A file to be handed out, and the two forms that tables and figures take."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Cell = str | int | float | bool | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """`make` gives the bytes. It is called when the menu is drawn; `late`: only when the button is pressed, as it takes a while."""

    label: str
    name: str
    mime: str
    make: Callable[[], bytes]
    late: bool = False


def csv_bytes(rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it. Columns: of all rows, in the order they first come.

    A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection): titles and
    questions come from others. Numbers stay as they are.
    """
    columns = list(dict.fromkeys(name for row in rows for name in row))
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow([_cell(name) for name in columns])
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return b"\xef\xbb\xbf" + page.getvalue().encode("utf-8", "replace")


def _cell(value: Cell) -> Cell:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def json_bytes(value: object) -> bytes:
    """Indented UTF-8. Raises ValueError for what JSON has no word for (NaN)."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return (text + "\n").encode("utf-8", "replace")


def table_files(what: str, stem: str, rows: Sequence[Mapping[str, Cell]]) -> tuple[ExportFile, ExportFile]:
    """The same rows as CSV and as JSON."""
    kept = [dict(row) for row in rows]
    return (
        ExportFile(f"{what} as CSV", f"{stem}.csv", "text/csv", lambda: csv_bytes(kept)),
        ExportFile(f"{what} as JSON", f"{stem}.json", "application/json", lambda: json_bytes(kept)),
    )
