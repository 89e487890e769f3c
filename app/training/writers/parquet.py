"""Records with their pictures in a Parquet file, written group by group: as many as a group holds are in memory."""

import json
from pathlib import Path
from typing import Any

from app.training.errors import OutputError

# What `datasets` writes into its own Parquet files, for this one column: with it a reader gets pictures, not their bytes.
_FEATURES = {"info": {"features": {"images": {"feature": {"_type": "Image"}, "_type": "List"}}}}


_GROUP_BYTES = 64 << 20  # of pictures: a group is written at that however few rows it has; one row may hold 10 MB


class ParquetRows:
    """Pictures take the place of "images", as {"bytes", "path"}: what Hugging Face's `datasets` and verl read as images."""

    def __init__(self, path: Path, group: int, group_bytes: int = _GROUP_BYTES) -> None:
        """`group`: rows that are written together, or fewer once their pictures have `group_bytes`. Raises OutputError
        without pyarrow."""
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            raise OutputError("Parquet needs pyarrow; pip install -r requirements-training.txt.") from None
        self._parquet = parquet
        self._path = path
        self._group, self._group_bytes = group, group_bytes
        self._held = 0  # bytes of pictures
        self._rows: list[dict[str, Any]] = []
        self._writer: Any = None

    def add(self, record: dict[str, Any], pictures: list[bytes]) -> None:
        images = [{"bytes": png, "path": f"{number:03d}.png"} for number, png in enumerate(pictures)]
        self._rows.append({**record, "images": images})
        self._held += sum(map(len, pictures))
        if len(self._rows) >= self._group or self._held >= self._group_bytes:
            self._flush()

    def close(self) -> None:
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow

        if self._writer is None:
            schema = pyarrow.Table.from_pylist([_widened(self._rows[0])]).schema
            schema = schema.with_metadata({"huggingface": json.dumps(_FEATURES)})
            self._writer = self._parquet.ParquetWriter(self._path, schema)
        self._writer.write_table(pyarrow.Table.from_pylist(self._rows, schema=self._writer.schema))
        self._rows, self._held = [], 0


def _widened(record: dict[str, Any]) -> dict[str, Any]:
    """A record whose parts have all keys that any part has. Arrow drops what a schema lacks without a word, and the first
    row may ask with pictures alone: later rows would lose their texts."""

    def with_text(said: dict[str, Any]) -> dict[str, Any]:
        content = said["content"]
        return said if isinstance(content, str) else {**said, "content": [{"text": "", **part} for part in content]}

    messages = ("prompt", "completion")
    return {name: [with_text(said) for said in value] if name in messages else value for name, value in record.items()}
