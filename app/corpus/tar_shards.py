"""Pages to WebDataset shards by webdataset's own writer: KEY.png, KEY.txt and KEY.json for each page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .errors import PackageMissing
from .shard_file import ShardFile, drop_parts, shard_path, task_name
from .steps import Document, PipelineStep

_MODIFIED = 0.0  # a time in the tar would make each run other bytes


class TarShards(PipelineStep):
    """Hands the pages on. A shard ends when it has `shard_bytes` or more."""

    type, name = "WRITER", "WebDataset"

    def __init__(self, folder: Path, shard_bytes: int) -> None:
        super().__init__()
        self._folder, self._shard_bytes = folder, shard_bytes

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        try:
            from webdataset import ShardWriter
        except ImportError:
            raise PackageMissing("webdataset") from None
        drop_parts(self._folder, task_name(rank))
        open_shards: list[ShardFile] = []

        def opened(path: str) -> BinaryIO:
            open_shards.append(ShardFile(Path(path)))
            return open_shards[-1].stream

        writer = None
        for page in data:
            with self.track_time():
                if writer is None:  # a task without pages makes no empty shard
                    writer = ShardWriter(
                        _pattern(self._folder, rank),
                        maxcount=1 << 40,
                        maxsize=self._shard_bytes,
                        opener=opened,
                        post=lambda path: open_shards.pop().publish(),
                        verbose=0,
                        encoder=False,
                        mtime=_MODIFIED,
                    )
                writer.write(sample(page))
            yield page
        if writer is not None:
            writer.close()


def _pattern(folder: Path, rank: int) -> str:
    """A task's shards as webdataset names them: printf's %06d for the number, and a percent sign of the folder's doubled."""
    first = shard_path(folder, rank, 0, "tar")
    return str(first.parent).replace("%", "%%") + "/" + first.name.replace("000000.tar", "%06d.tar")


def sample(page: Document) -> dict[str, Any]:
    """One sample; its keys are the same in every one."""
    told = json.dumps(page.metadata, ensure_ascii=False, sort_keys=True)
    return {"__key__": page.id, "png": page.media[0].media_bytes, "txt": page.text.encode(), "json": told.encode()}
