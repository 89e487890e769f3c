"""A page's visual tokens: the cells of 28 px over it, the text each one holds, and how many text tokens that is.

In: glyphs with their boxes, the book's text and where its tokens end. Out: plain values. A glyph belongs to the cell that
holds its centre; a text token counts by halves and thirds where its glyphs lie in two or three cells, so that the cells'
counts add up to the tokens that have ink on the page.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.preview.laid_book import Glyphs, LaidPage
from app.tokens import page_grid


@dataclass(frozen=True, slots=True)
class CellGrid:
    """One entry a cell, row by row. `tokens` are fractions of text tokens."""

    columns: int
    rows: int
    texts: tuple[str, ...]
    tokens: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a stretch of text lies on a page: boxes a line (left, top, right, bottom in pixels), and the cells touched."""

    boxes: tuple[tuple[int, int, int, int], ...]
    cells: tuple[int, ...]


def cell_grid(glyphs: Glyphs, page: LaidPage, text: str, token_ends: np.ndarray) -> CellGrid:
    grid = page_grid(page.width_px, page.height_px)
    count = grid.columns * grid.rows
    if not len(glyphs.index):
        return CellGrid(grid.columns, grid.rows, ("",) * count, (0.0,) * count)
    glyphs = _each_once(glyphs, text)
    cells = _cells_of(glyphs.boxes, page, grid.columns, grid.rows)
    token = np.searchsorted(token_ends, glyphs.index, side="right")
    first = int(token.min())
    shares = 1.0 / np.bincount(token - first)[token - first]
    tokens = np.bincount(cells, weights=shares, minlength=count)
    return CellGrid(
        grid.columns, grid.rows, tuple(_texts(cells, glyphs, text, count)), tuple(round(float(t), 2) for t in tokens)
    )


def marks(glyphs: Glyphs, page: LaidPage, start: int, end: int) -> Marks:
    chosen = (glyphs.index >= start) & (glyphs.index < end)
    boxes = glyphs.boxes[chosen]
    if not len(boxes):
        return Marks((), ())
    grid = page_grid(page.width_px, page.height_px)
    cells = sorted({int(cell) for cell in _cells_of(boxes, page, grid.columns, grid.rows)})
    lines: list[list[int]] = []
    for left, top, right, bottom in boxes.astype(int).tolist():
        last = lines[-1] if lines else None
        if last and left >= last[0] and top < last[3] and bottom > last[1]:
            last[1], last[2], last[3] = min(last[1], top), max(last[2], right), max(last[3], bottom)
        else:
            lines.append([left, top, right, bottom])
    return Marks(tuple((a, b, c, d) for a, b, c, d in lines), tuple(cells))


def _each_once(glyphs: Glyphs, text: str) -> Glyphs:
    """One glyph a character. A space shares its index with the letter before it; a mark's glyphs all stand for one newline,
    of which the second is the first with ink."""
    starts = np.flatnonzero(np.diff(glyphs.index, prepend=-1))
    runs = np.diff(starts, append=len(glyphs.index))
    is_mark = np.array([text[index : index + 1] == "\n" for index in glyphs.index[starts].tolist()])
    kept = starts + ((runs > 1) & is_mark)
    return Glyphs(glyphs.index[kept], glyphs.boxes[kept])


def _cells_of(boxes: np.ndarray, page: LaidPage, columns: int, rows: int) -> np.ndarray:
    centre_x = (boxes[:, 0] + boxes[:, 2]) / 2
    centre_y = (boxes[:, 1] + boxes[:, 3]) / 2
    column = np.clip(centre_x * columns / page.width_px, 0, columns - 1).astype(np.int64)
    row = np.clip(centre_y * rows / page.height_px, 0, rows - 1).astype(np.int64)
    return row * columns + column


def _texts(cells: np.ndarray, glyphs: Glyphs, text: str, count: int) -> list[str]:
    """Per cell its characters; a space where the source has some between them, a new line where the page begins one."""
    parts: list[list[str]] = [[] for _ in range(count)]
    last_index, last_left = [-1] * count, [-1.0] * count
    for cell, index, left in zip(cells.tolist(), glyphs.index.tolist(), glyphs.boxes[:, 0].tolist(), strict=True):
        if not 0 <= index < len(text):
            continue
        if last_index[cell] >= 0:
            if left < last_left[cell]:
                parts[cell].append("\n")
            elif index > last_index[cell] + 1:
                parts[cell].append(" ")
        parts[cell].append("↵" if text[index] == "\n" else text[index])
        last_index[cell], last_left[cell] = index, left
    return ["".join(part) for part in parts]
