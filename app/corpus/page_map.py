"""The renderer for Hugging Face's `datasets`: `dataset.map(PageMap(look), batched=True, remove_columns=dataset.column_names)`.

A batch of columns in, a row a page out. Needs no package of theirs: a plain function of lists. A text that gives no pages
gives no row, unless `keep_undrawn` asks for one that says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .drawing import draw
from .errors import CorpusError, Undrawn
from .looks import Look
from .values import USUAL_BOUNDS, Bounds, DrawnPage, SourceText

Columns = dict[str, list[Any]]
COLUMNS = (
    "document",
    "page",
    "image",
    "text",
    "text_begin",
    "text_end",
    "width_px",
    "height_px",
    "visual_tokens",
    "engine",
    "settings_key",
)


@dataclass(frozen=True)
class PageMap:
    """Pickled with its fields, so that `num_proc` and the cache of `datasets` work."""

    look: Look
    text_column: str = "text"
    name_column: str | None = None
    """The column with the documents' names; None: they are called by their index, which `with_indices=True` gives."""
    bounds: Bounds = USUAL_BOUNDS
    keep_undrawn: bool = False
    """A row without image for each text that gives no pages, with the reason in the column "undrawn"."""

    def __call__(self, batch: Mapping[str, list[Any]], indices: list[int] | None = None) -> Columns:
        """Rows of the pages of these texts, in their order. Raises CorpusError where nothing names them."""
        texts = batch[self.text_column]
        names = batch[self.name_column] if self.name_column else indices
        if names is None:
            raise CorpusError("Nothing names the documents; give name_column, or map with with_indices=True.")
        found: Columns = {name: [] for name in (*COLUMNS, *(("undrawn",) if self.keep_undrawn else ()))}
        for name, text in zip(names, texts, strict=True):
            source = SourceText(str(name), text if isinstance(text, str) else "")
            try:
                for page in draw(source, self.look, self.bounds).pages:
                    self._add(found, page_row(page))
            except Undrawn as undrawn:
                if self.keep_undrawn:
                    self._add(found, {"document": source.name, "undrawn": undrawn.reason})
        return found

    def _add(self, found: Columns, row: Mapping[str, Any]) -> None:
        for name, column in found.items():
            column.append(row.get(name))


def page_row(page: DrawnPage) -> dict[str, Any]:
    """A page as one row. The image is what `datasets` reads as one: {"bytes", "path"}."""
    return {
        "document": page.document,
        "page": page.number,
        "image": {"bytes": page.png, "path": f"{page.number:05d}.png"},
        "text": page.text,
        **page.facts,
    }
