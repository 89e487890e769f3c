"""Rows with their pages in WebDataset shards: tar files of a bounded size whose members' names group into samples.

    ID.json  ID.000.png  ID.001.png …      an ID has no dot, so that the reader's key is all of it

The bytes depend on the rows alone (no times, no users). Read by the webdataset library as it is; Hugging Face's `datasets`
wants the same members in every sample, and rows differ in their number of pages: Parquet is for that.
"""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

MOST_SHARD_BYTES = 256 * 1024 * 1024  # a shard is closed before it would grow beyond; one larger row has one of its own
_BLOCK = 512  # of tar: a header, and what a member is filled up to


class ShardRows:
    """NAME-000000.tar, NAME-000001.tar …"""

    def __init__(self, path: Path, most_bytes: int = MOST_SHARD_BYTES) -> None:
        """`path`: the shards' common beginning."""
        self._path = path
        self._most_bytes = most_bytes
        self._tar: tarfile.TarFile | None = None
        self._count = 0
        self._bytes = 0

    def add(self, key: str, record: dict[str, Any], pictures: list[bytes]) -> None:
        members = [(f"{key}.json", json.dumps(record, ensure_ascii=False).encode())]
        members += [(f"{key}.{number:03d}.png", png) for number, png in enumerate(pictures)]
        size = sum(_BLOCK + -(-len(data) // _BLOCK) * _BLOCK for _, data in members)
        if self._tar is None or self._bytes + size > self._most_bytes:
            self._begin()
        assert self._tar is not None
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            self._tar.addfile(info, io.BytesIO(data))
        self._bytes += size

    def close(self) -> None:
        if self._tar is not None:
            self._tar.close()

    def _begin(self) -> None:
        self.close()
        self._tar = tarfile.TarFile(f"{self._path}-{self._count:06d}.tar", "w", format=tarfile.USTAR_FORMAT)
        self._count += 1
        self._bytes = 0
