"""A shard that is there whole or not at all: written under another name, brought to the disk, then renamed.

What a killed worker leaves ends in .part: nobody reads it, and the next attempt at its task takes it away. Each attempt
writes under a name of its own, so that a worker which outlived its job does no harm to the one that goes on: both write
the same bytes, and either may come last.
"""

import os
import uuid
from pathlib import Path
from typing import BinaryIO

PART = ".part"


class ShardFile:
    """One file while it is written."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._part = path.with_name(f"{path.name}.{uuid.uuid4().hex[:12]}{PART}")
        self.stream: BinaryIO = self._part.open("wb")

    def publish(self) -> None:
        """It is whole: from now on it has its name. Raises FileNotFoundError where another attempt took it away."""
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()
        self._part.replace(self._path)


def shard_path(folder: Path, rank: int, number: int, ending: str) -> Path:
    """pages-00003-000012.tar: task 3's shard 12."""
    return folder / f"{task_name(rank)}{number:06d}.{ending}"


def task_name(rank: int) -> str:
    """What the names of all shards of a task begin with."""
    return f"pages-{rank:05d}-"


def drop_parts(folder: Path, beginning: str) -> None:
    """Take away what earlier attempts left half written in `folder`, by how its names begin."""
    for path in folder.glob(f"{beginning}*{PART}"):
        path.unlink(missing_ok=True)
