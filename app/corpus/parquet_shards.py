"""Pages to Parquet, a row each; `image` is what Hugging Face's `datasets` reads as a picture, and says so in the file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .errors import PackageMissing
from .shard_file import ShardFile, drop_parts, shard_path, task_name
from .steps import Document, PipelineStep

_GROUP_BYTES = 16 << 20  # of pictures: so much is held before it is written; less where a shard is smaller
_TEXTS = ("key", "document", "origin", "text", "engine", "settings_key")
_NUMBERS = ("page", "text_begin", "text_end", "width_px", "height_px", "visual_tokens")


class ParquetShards(PipelineStep):
    """Hands the pages on. A shard ends with the row group that makes it `shard_bytes` or more."""

    type, name = "WRITER", "Parquet"

    def __init__(self, folder: Path, shard_bytes: int) -> None:
        super().__init__()
        self._folder, self._shard_bytes = folder, shard_bytes

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        drop_parts(self._folder, task_name(rank))
        shard: _Shard | None = None
        number = 0
        for page in data:
            with self.track_time():
                shard = shard or _Shard(
                    shard_path(self._folder, rank, number, "parquet"), min(_GROUP_BYTES, self._shard_bytes)
                )
                if shard.add(page) >= self._shard_bytes:
                    shard.close()
                    shard, number = None, number + 1
            yield page
        if shard is not None:
            shard.close()


class _Shard:
    def __init__(self, path: Path, group_bytes: int) -> None:
        try:
            import pyarrow
            import pyarrow.parquet as parquet
        except ImportError:
            raise PackageMissing("pyarrow") from None
        self._arrow = pyarrow
        self._file = ShardFile(path)
        self._group_bytes = group_bytes
        self._schema = schema()
        # Pictures are compressed already; the rest is small.
        self._writer = parquet.ParquetWriter(self._file.stream, self._schema, compression="none")
        self._rows: list[dict[str, Any]] = []
        self._held = self._written = 0

    def add(self, page: Document) -> int:
        """Returns the bytes of pictures in the groups that are written."""
        png = page.media[0].media_bytes or b""
        picture = {"bytes": png, "path": f"{page.id}.png"}
        self._rows.append({"key": page.id, "image": picture, "text": page.text, **page.metadata})
        self._held += len(png)
        if self._held >= self._group_bytes:
            self._flush()
        return self._written

    def close(self) -> None:
        self._flush()
        self._writer.close()
        self._file.publish()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._written += self._held
        self._rows, self._held = [], 0


def schema() -> Any:
    """Columns by name and type, with the features that `datasets` finds in a file of its own."""
    import pyarrow as arrow

    picture = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    columns = [("image", picture), *((name, arrow.string()) for name in _TEXTS)]
    columns += [(name, arrow.int64()) for name in _NUMBERS]
    features: dict[str, Any] = {"image": {"_type": "Image"}}
    features |= {name: {"dtype": "string", "_type": "Value"} for name in _TEXTS}
    features |= {name: {"dtype": "int64", "_type": "Value"} for name in _NUMBERS}
    return arrow.schema(columns, metadata={"huggingface": json.dumps({"info": {"features": features}})})
