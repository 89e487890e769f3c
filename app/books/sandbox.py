"""Run the reader of an untrusted file in a process of its own, with limits on time and memory.

Bytes in, a Draft out, or a BookError: what the child says, or what its end says about the file. The child gets the
file through an unlinked temporary file and an environment without the caller's secrets; it answers in lines.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable

from . import errors
from .book import BookFormat
from .errors import BookCancelled, BookDamaged, BookError, BookTooHeavy
from .limits import MAX_TEXT_CHARACTERS, WORKER_CPU_SECONDS, WORKER_MEMORY_BYTES, WORKER_WALL_SECONDS, megabytes
from .parsed_text import Draft, Progress
from .worker_process import spare_worker

_MAX_ANSWER_BYTES = 8 * MAX_TEXT_CHARACTERS
_POLL_SECONDS = 0.2


def read_in_child(
    data: bytes,
    filename: str,
    format: BookFormat | None,
    encoding: str | None,
    keep_gutenberg: bool,
    progress: Progress,
    cancelled: Callable[[], bool] | None = None,
    wall_seconds: float = WORKER_WALL_SECONDS,
) -> Draft:
    """The Draft that the reader of `format` makes of the data; without a format, what the content turns out to be."""
    order = json.dumps([format.value if format else None, filename, encoding, keep_gutenberg])
    worker = spare_worker().take()
    try:
        with tempfile.TemporaryFile() as handed_over:
            handed_over.write(data)
            handed_over.seek(0)
            worker.obey(order, handed_over.fileno())
        draft = _listen(worker.process, filename, progress, cancelled, wall_seconds)
    finally:
        worker.end()
    if draft is None:
        raise _explain_end(worker.process.returncode, filename)
    return draft


def _listen(
    child: subprocess.Popen[bytes],
    filename: str,
    progress: Progress,
    cancelled: Callable[[], bool] | None,
    wall_seconds: float,
) -> Draft | None:
    """Read the child's lines until its answer; None when it ended without one."""
    assert child.stdout is not None
    pieces: list[bytes] = []
    size = 0
    deadline = time.monotonic() + wall_seconds
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if cancelled is not None and cancelled():
                raise BookCancelled(f"Reading '{filename}' was stopped.")
            left = deadline - time.monotonic()
            if left <= 0:
                raise BookTooHeavy(
                    f"'{filename}' was not read within {wall_seconds:g} seconds, and this machine may be busy; "
                    "try again, or give a part of it, or its text."
                )
            if not selector.select(min(left, _POLL_SECONDS)):
                continue
            piece = os.read(child.stdout.fileno(), 1 << 20)
            if not piece:
                return None
            size += len(piece)
            if size > _MAX_ANSWER_BYTES:
                raise BookTooHeavy(f"'{filename}' grew beyond all bounds while it was read; give a part of it.")
            pieces.append(piece)
            if b"\n" in piece:
                *lines, rest = b"".join(pieces).split(b"\n")
                pieces = [rest]
                for line in lines:
                    if (draft := _hear(line, progress)) is not None:
                        return draft


def _hear(line: bytes, progress: Progress) -> Draft | None:
    """One line of the child: progress, its refusal, or its answer."""
    kind, _, rest = line.partition(b" ")
    if kind == b"progress":
        fraction, what = json.loads(rest)
        progress(fraction, what)
    elif kind == b"error":
        name, message = json.loads(rest)
        refusal = getattr(errors, name, BookError)
        raise refusal(message)
    elif kind == b"draft":
        return Draft.from_json(rest)
    return None


def _explain_end(returncode: int, filename: str) -> BookError:
    if returncode == -signal.SIGXCPU:
        return BookTooHeavy(
            f"'{filename}' needs more than {WORKER_CPU_SECONDS} seconds of processor time to be read; "
            "give a part of it, or its text."
        )
    if returncode == -signal.SIGKILL:
        return BookTooHeavy(
            f"'{filename}' needs more than {megabytes(WORKER_MEMORY_BYTES)} of memory to be read; give a part of it."
        )
    return BookDamaged(f"'{filename}' is broken in a way that stops its reader; fetch it again or convert it to text.")
