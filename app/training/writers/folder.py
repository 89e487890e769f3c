"""A folder of rows: images/, about.jsonl, and a file for each trainer, stage and split.

images/ab/abcd….png                     by SHA-256 of the file: a page that comes twice lies there once
about.jsonl                             one line a row (about.py)
ms-swift/cpt.train.jsonl …              one record a line; verl: Parquet with the pictures inside
llama-factory/dataset_info.json         what that trainer asks for beside its rows
webdataset/cpt.train-000000.tar …       if asked for: TRL's records with what is told of them and their pages (shards.py)
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from app.training.errors import OutputError
from app.training.kinds import Split, Stage
from app.training.values import Row

from .about import about
from .formats import FORMATS, Trainer, trl
from .parquet import ParquetRows
from .shards import ShardRows

_ROWS_A_GROUP = 64  # of Parquet: so many rows with their pictures are held before they are written


class RowFolder:
    """Use as a context manager; `add` rows; leaving closes the files. Not safe from several threads."""

    def __init__(
        self, folder: Path, trainers: Sequence[Trainer], *, pictures_inside: bool = False, shards: bool = False
    ) -> None:
        """`pictures_inside`: TRL's rows become Parquet with the pictures in it too, as verl's always are. `shards`:
        every row into WebDataset shards as well, whichever the trainers.

        Raises OutputError where the folder holds something already, also what another job has just begun there.
        """
        place = str(folder.resolve())
        if place.encode("utf-8", "replace").decode() != place:
            raise OutputError(f"{place!r} is not UTF-8, as rows tell where their pages lie; name another folder.")
        self._folder = folder
        self._trainers = tuple(trainers)
        self._parquet = {Trainer.VERL, *((Trainer.TRL,) if pictures_inside else ())}
        self._lines: dict[str, TextIO] = {}
        self._tables: dict[str, ParquetRows] = {}
        self._with_shards = shards
        self._shards: dict[str, ShardRows] = {}
        self.written: Counter[tuple[Stage, Split]] = Counter()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise OutputError(f"{folder} is not empty; name a folder that is not there yet.")
            # An exclusive create: of two jobs that both found the folder empty one gets it.
            self._lines["about.jsonl"] = (folder / "about.jsonl").open("x", encoding="utf-8", newline="\n")
        except FileExistsError:
            raise OutputError(f"{folder} is another job's, or is no folder; name one that is not there yet.") from None
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}. Name another folder.") from None

    def __enter__(self) -> "RowFolder":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with ExitStack() as every:  # each is closed, whatever the others' closing raises
            for files in (self._lines, self._shards, self._tables):
                for file in files.values():
                    every.callback(file.close)

    def add(self, row: Row) -> None:
        images = [self._store(picture.png) for picture in row.pictures]
        stage = row.task.stage
        told = about(row, images)
        self._write_line("about.jsonl", told)
        if self._with_shards:
            names = [f"{number:03d}.png" for number in range(len(images))]
            self._shard(f"webdataset/{stage}.{row.split}").add(
                row.id, {**trl(row, names), "about": told}, [picture.png for picture in row.pictures]
            )
        for trainer in self._trainers:
            stages, record = FORMATS[trainer]
            if stage not in stages:
                continue
            name = f"{trainer}/{stage}.{row.split}"
            if trainer in self._parquet:
                self._table(name).add(record(row, images), [picture.png for picture in row.pictures])
            else:
                places = [str((self._folder / image).resolve()) for image in images]
                self._write_line(f"{name}.jsonl", record(row, places))
        self.written[stage, row.split] += 1

    def _store(self, png: bytes) -> str:
        name = hashlib.sha256(png).hexdigest()
        place = f"images/{name[:2]}/{name}.png"
        path = self._folder / place
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png)
        return place

    def _write_line(self, name: str, record: dict[str, Any]) -> None:
        if name not in self._lines:
            path = self._folder / name
            path.parent.mkdir(exist_ok=True)
            self._lines[name] = path.open("w", encoding="utf-8", newline="\n")
            if name.startswith(f"{Trainer.LLAMA_FACTORY}/"):
                self._write_dataset_info()
        self._lines[name].write(json.dumps(record, ensure_ascii=False) + "\n")

    def _table(self, name: str) -> ParquetRows:
        if name not in self._tables:
            (self._folder / name).parent.mkdir(exist_ok=True)
            self._tables[name] = ParquetRows(self._folder / f"{name}.parquet", _ROWS_A_GROUP)
        return self._tables[name]

    def _shard(self, name: str) -> ShardRows:
        if name not in self._shards:
            (self._folder / name).parent.mkdir(exist_ok=True)
            self._shards[name] = ShardRows(self._folder / name)
        return self._shards[name]

    def _write_dataset_info(self) -> None:
        """Anew with each file that is begun: whoever stops half way has what the trainer asks for."""
        files = sorted(n for n in self._lines if n.startswith(f"{Trainer.LLAMA_FACTORY}/"))
        path = self._folder / Trainer.LLAMA_FACTORY / "dataset_info.json"
        named = {_dataset_name(name): _dataset(name) for name in files}
        path.write_text(json.dumps(named, indent=2) + "\n", encoding="utf-8")


def _dataset_name(file: str) -> str:
    return "glyph_" + Path(file).name.removesuffix(".jsonl").replace(".", "_")


def _dataset(file: str) -> dict[str, Any]:
    return {
        "file_name": Path(file).name,
        "formatting": "sharegpt",
        "columns": {"messages": "messages", "images": "images"},
        "tags": {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"},
    }
