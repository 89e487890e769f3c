"""A chart taken away: the figure by itself as JSON, and its points as CSV. In: a figure. Out: text. Knows nothing of files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

_PAPER, _INK = "#ffffff", "#262730"  # the browser puts its own theme's in their place
WIDTH_PX, LEAST_HEIGHT_PX = 1280, 480
COLUMNS = ("series", "x", "y", "low", "high", "words")


def portable_json(figure: go.Figure, title: str) -> str:
    """Data and layout of the figure with a background, a title and a size of its own: on the page the theme gives them."""
    alone = go.Figure(figure)
    alone.update_layout(
        template="none",
        paper_bgcolor=_PAPER,
        plot_bgcolor=_PAPER,
        font={"color": _INK, "family": "sans-serif"},
        width=WIDTH_PX,
        height=max(LEAST_HEIGHT_PX, int(figure.layout.height or 0)) + 60,
        title={"text": title, "x": 0.01, "font": {"size": 20}},
        margin={"l": 90, "b": 70},
    )
    if alone.layout.margin.t is None or alone.layout.margin.t < 130:
        alone.update_layout(margin={"t": 130})
    value = json.loads(alone.to_json())
    return json.dumps({"data": value["data"], "layout": value["layout"]}, ensure_ascii=False)


def chart_csv(figure: go.Figure) -> str:
    """One row a point, every column of COLUMNS; a bar's words are its name and where it comes from."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(COLUMNS)
    for trace in figure.data:
        for number, (x, y) in enumerate(zip(_values(trace.x), _values(trace.y), strict=False)):
            low, high = _range(trace, number, y)
            words = _at(_values(getattr(trace, "text", None)), number) or _at(_values(trace.customdata), number)
            writer.writerow(_for_a_sheet(cell) for cell in (trace.name or "", x, y, low, high, _plain(words)))
    return sheet.getvalue()


def _range(trace: Any, number: int, y: Any) -> tuple[Any, Any]:
    bars = getattr(trace, "error_y", None)
    if bars is None or bars.array is None:
        return "", ""
    return y - (_at(_values(bars.arrayminus), number) or 0), y + (_at(_values(bars.array), number) or 0)


def _values(found: Any) -> list[Any]:
    if found is None or isinstance(found, str):
        return []
    return list(found) if isinstance(found, Iterable) else [found]


def _at(values: list[Any], number: int) -> Any:
    return values[number] if number < len(values) else None


def _plain(words: Any) -> str:
    if words is None:
        return ""
    parts = words if isinstance(words, (list, tuple)) else [words]
    return " ".join(str(part).replace("<br>", "; ") for part in parts)


def _for_a_sheet(cell: Any) -> Any:
    """A server's words must not be run as a formula by the program that opens the sheet."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
