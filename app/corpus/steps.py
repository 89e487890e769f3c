"""The renderer as steps of a datatrove pipeline: texts in, documents of one page each out, which any writer of theirs takes.

    [ReadTexts(...), DrawPages(...), TarShards(...), ParquetShards(...)]

A page is a datatrove Document: its text is what is on the page, its picture is its one medium. ReadTexts may be any
reader of theirs, and filters may stand between.
"""

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .drawing import draw
from .errors import PackageMissing, Undrawn
from .inputs import Keys, Unread, read_texts
from .ledger import Ledger
from .looks import Look
from .values import USUAL_BOUNDS, Bounds, DrawnPage, SourceText

try:
    from datatrove.data import Document, Media, MediaType
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.readers.base import BaseDiskReader
except ImportError:
    raise PackageMissing("datatrove") from None

_UNREAD = "unread"
_ORIGIN = "file_path"  # what datatrove's own readers call it
PEAK_MEMORY, PROCESSOR = "peak_memory_mb", "processor_ms"


class ReadTexts(BaseDiskReader):
    """Texts of a job's files. Which task reads which file is datatrove's rule: every so manieth of a list."""

    name = "Texts"

    def __init__(self, folder: Path, files_list: Path, keys: Keys, bounds: Bounds) -> None:
        super().__init__(str(folder), paths_file=str(files_list))
        self._folder, self._keys, self._bounds = folder, keys, bounds

    def read_file(self, filepath: str) -> Iterator[Document]:
        for found in read_texts(self._folder / filepath, filepath, self._keys, self._bounds.most_characters):
            if isinstance(found, Unread):
                yield Document("", found.name, metadata={_ORIGIN: found.origin, _UNREAD: found.reason})
            else:
                yield Document(found.text, found.name, metadata={_ORIGIN: found.origin})


class DrawPages(PipelineStep):
    """Documents to pages, all of one document's before the next's. With `out` a ledger of them is kept there."""

    type, name = "RENDERER", "Pages"

    def __init__(self, look: Look, bounds: Bounds = USUAL_BOUNDS, out: Path | None = None) -> None:
        super().__init__()
        self._look, self._bounds, self._out = look, bounds, out

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        _prepare_engine()
        began = time.process_time()
        ledger = None
        if self._out is not None:
            ledger = Ledger(self._out, rank)
        for number, document in enumerate(data):
            yield from self._pages(document, rank, number, ledger)
        if ledger is not None:
            ledger.close()
        self.stat_update(PEAK_MEMORY, value=peak_memory_mb(), unit="task")
        # Of the whole pipeline: its steps take turns in this process.
        self.stat_update(PROCESSOR, value=round(1e3 * (time.process_time() - began)), unit="task")

    def _pages(self, document: Document, rank: int, number: int, ledger: Ledger | None) -> Iterator[Document]:
        source = SourceText(document.id, document.text, document.metadata.get(_ORIGIN, ""))
        try:
            if reason := document.metadata.get(_UNREAD):
                raise Undrawn(reason)
            with self.track_time():
                drawn = draw(source, self._look, self._bounds)
        except Undrawn as undrawn:
            self.stat_update("undrawn")
            if ledger is not None:
                ledger.undrawn(Unread(source.name, source.origin, undrawn.reason))
            return
        self.stat_update("pages", value=len(drawn.pages), unit="document")
        if ledger is not None:
            ledger.drawn(source, number, drawn)
        for page in drawn.pages:
            yield page_document(page, f"{rank:05d}-{number:07d}-{page.number:05d}", source.origin)


def page_document(page: DrawnPage, key: str, origin: str) -> Document:
    """A page as datatrove sees it. `key`: unique in the job, and made of nothing but digits and dashes."""
    told = {"document": page.document, "origin": origin, "page": page.number, **page.facts}
    return Document(page.text, key, [Media(f"{key}.png", MediaType.IMAGE, origin, media_bytes=page.png)], told)


def peak_memory_mb() -> int:
    """The most that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)


def _prepare_engine() -> None:
    """Freed memory is kept for the next page; a worker without machine code makes it, once."""
    from renderer.command_line import prepare_engine

    prepare_engine("auto")
