"""A shard that is there whole or not at all: written under another name, brought to the disk, then renamed.

What a killed worker leaves is a file that ends in .part: nobody reads it, and the task, when it is done again, comes by
the same name and writes over it.
"""

import os
from pathlib import Path
from typing import BinaryIO

PART = ".part"


class ShardFile:
    """One file while it is written."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._part = path.with_name(path.name + PART)
        self.stream: BinaryIO = self._part.open("wb")

    def publish(self) -> None:
        """It is whole: from now on it has its name."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()
        self._part.replace(self._path)


def shard_path(folder: Path, rank: int, number: int, ending: str) -> Path:
    """pages-00003-000012.tar: task 3's shard 12."""
    return folder / f"pages-{rank:05d}-{number:06d}.{ending}"
