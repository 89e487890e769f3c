"""A job's folder: what it was begun with, which tasks are done, what came of them.

job.json            what decides the bytes of the shards: a job goes on only with the very same
files.txt           the list of texts, which datatrove deals out to tasks
tar/, parquet/      shards, each whole
documents/          what became of each document (ledger.py)
log/                datatrove's own: completions/ (a mark for each task that is done), stats/, logs/
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError, JobBusy, JobChanged
from .inputs import Inputs, Keys
from .looks import Look
from .values import Bounds, Shards

_VERSION = 1  # of the shards' layout
_MOST_TASKS = 99_999  # names have five digits
# What a person calls the things in job.json.
_WORDS = {
    "version": "the version of the shards' layout",
    "texts": "the texts (a file came, went or was changed)",
    "look": "the settings or the seed of the pages",
    "tasks": "the number of tasks",
    "shards": "the kinds of shards",
    "shard_bytes": "the size of a shard",
    "keys": "the keys of the lines of JSON",
    "bounds": "the bounds of a document",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One folder of texts on its way to shards."""

    folder: Path
    out: Path
    look: Look
    tasks: int
    kinds: tuple[Shards, ...]
    shard_bytes: int
    keys: Keys
    bounds: Bounds

    @property
    def files_list(self) -> Path:
        return self.out / "files.txt"

    @property
    def log(self) -> Path:
        return self.out / "log"

    def shards(self, kind: Shards) -> Path:
        return self.out / kind.value


@contextmanager
def alone(job: Job) -> Iterator[None]:
    """While this is held no other process begins or goes on with a job in the same folder, which is made where it is missing.

    An advisory lock (flock) on the folder itself: it ends with the process, however that ends, and leaves no file. A file
    system that knows no locks gives none. Raises JobBusy, and what `begin` raises of the folder's place.
    """
    _check_place(job)
    try:
        job.out.mkdir(parents=True, exist_ok=True)
        held = os.open(job.out, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _unwritable(job.out, error) from None
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise JobBusy(f"Another process is at the job in {job.out}; wait for it, or stop it first.") from None
        yield
    finally:
        os.close(held)


def begin(job: Job, inputs: Inputs) -> bool:
    """Write down what the job is, or see that it is still that; False where it was begun before.

    Raises JobChanged where something differs, and InputError where the folder holds other things or cannot be written.
    """
    if not 0 < job.tasks <= _MOST_TASKS:
        raise InputError(f"A job of {job.tasks:,} tasks; give from 1 to {_MOST_TASKS:,}.")
    _check_place(job)
    wanted = _identity(job, inputs)
    if (kept := kept_identity(job.out)) is not None:
        differing = [_WORDS[name] for name in wanted if kept.get(name) != wanted[name]]
        if differing:
            raise JobChanged(
                f"{job.out} holds a job that was begun otherwise: {', '.join(differing)} differ. Go on as it was begun, "
                "or name another --out; pages would be lost or doubled else."
            )
        return False
    try:
        job.out.mkdir(parents=True, exist_ok=True)
        if any(path.name not in ("files.txt", "job.json.part") for path in job.out.iterdir()):
            raise InputError(f"{job.out} is not empty and holds no job; name a folder that is not there yet.")
        job.files_list.write_text("".join(f"{file.path}\n" for file in inputs.files), encoding="utf-8")
        part = job.out / "job.json.part"
        part.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
        part.replace(job.out / "job.json")  # last: a job that has this file has its list, too
    except OSError as error:
        raise _unwritable(job.out, error) from None
    return True


def _check_place(job: Job) -> None:
    if job.out.resolve().is_relative_to(job.folder.resolve()):
        raise InputError(f"{job.out} lies in the folder of texts; name one outside of {job.folder}.")
    for place in (job.out, job.folder):
        # fsspec, through which datatrove opens files, takes "::" for a chain of file systems; paths are written as UTF-8.
        if "::" in str(place) or str(place).encode("utf-8", "replace").decode() != str(place):
            raise InputError(
                f"{str(place)!r} has '::' or half a character in its path; name or rename a folder without."
            )


def _unwritable(out: Path, error: OSError) -> InputError:
    return InputError(f"{out} cannot be written: {error.strerror}. Name another --out.")


def kept_identity(out: Path) -> dict[str, Any] | None:
    """What job.json says; None where there is none. Raises JobChanged where it is no JSON."""
    try:
        found = json.loads((out / "job.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise JobChanged(f"{out / 'job.json'} cannot be read ({type(error).__name__}); name another --out.") from None
    if not isinstance(found, dict):
        raise JobChanged(f"{out / 'job.json'} is not a job's; name another --out.")
    return found


def kept_tasks(out: Path) -> int | None:
    """The number of tasks of the job in this folder; None where there is none. Raises JobChanged where it is damaged."""
    kept = kept_identity(out)
    tasks = kept.get("tasks") if kept is not None else None
    if kept is not None and (type(tasks) is not int or not 0 < tasks <= _MOST_TASKS):
        raise JobChanged(f"{out / 'job.json'} names no number of tasks; it was changed. Name another --out.")
    return tasks


def _identity(job: Job, inputs: Inputs) -> dict[str, Any]:
    bounds = job.bounds
    return {
        "version": _VERSION,
        "texts": inputs.digest,
        "look": job.look.key,
        "tasks": job.tasks,
        "shards": [kind.value for kind in job.kinds],
        "shard_bytes": job.shard_bytes,
        "keys": [job.keys.text, job.keys.name],
        "bounds": [bounds.most_characters, bounds.most_png_bytes, bounds.most_missing],
    }
