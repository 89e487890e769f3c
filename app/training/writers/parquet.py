"""Records with their pictures in a Parquet file, written group by group: as many as a group holds are in memory."""

import json
from pathlib import Path
from typing import Any

from app.training.errors import OutputError

# What `datasets` writes into its own Parquet files, for this one column: with it a reader gets pictures, not their bytes.
_FEATURES = {"info": {"features": {"images": {"feature": {"_type": "Image"}, "_type": "List"}}}}


class ParquetRows:
    """Pictures take the place of "images", as {"bytes", "path"}: what Hugging Face's `datasets` and verl read as images."""

    def __init__(self, path: Path, group: int) -> None:
        """`group`: rows that are written together. Raises OutputError without pyarrow."""
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            raise OutputError("Parquet needs pyarrow; pip install -r requirements-training.txt.") from None
        self._parquet = parquet
        self._path = path
        self._group = group
        self._rows: list[dict[str, Any]] = []
        self._writer: Any = None

    def add(self, record: dict[str, Any], pictures: list[bytes]) -> None:
        images = [{"bytes": png, "path": f"{number:03d}.png"} for number, png in enumerate(pictures)]
        self._rows.append({**record, "images": images})
        if len(self._rows) >= self._group:
            self._flush()

    def close(self) -> None:
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow

        schema = None if self._writer is None else self._writer.schema
        table = pyarrow.Table.from_pylist(self._rows, schema=schema)
        if self._writer is None:
            table = table.replace_schema_metadata({"huggingface": json.dumps(_FEATURES)})
            self._writer = self._parquet.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table)
        self._rows = []
