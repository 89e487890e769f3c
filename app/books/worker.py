"""The child process: limits first, then one file from standard input through the reader of its format.

Run by `worker_process.py` as `python -m app.books.worker`. Gets its order and the open file through the socket on standard
input, and answers on standard output in lines: progress, then one draft or one error. Imports only what the format needs.
"""

from __future__ import annotations

import json
import resource
import socket
import sys

from .book import BookFormat
from .errors import BookDamaged, BookError, BookTooHeavy
from .file_format import detect
from .limits import WORKER_CPU_SECONDS, WORKER_MEMORY_BYTES, megabytes
from .parsed_text import Draft, Progress
from .plain_text import refuse_length
from .readers import reader_of


def parse(
    data: bytes,
    filename: str,
    format: BookFormat | None,
    encoding: str | None,
    keep_gutenberg: bool,
    progress: Progress,
) -> Draft:
    """Read one untrusted file, in this process. Whatever its parser throws comes out as a BookError.

    Without a format the content decides, and .gz is unpacked.
    """
    try:
        if format is None:
            data, filename, format = detect(data, filename)
        draft = reader_of(format)(data, filename, encoding, keep_gutenberg, progress)
    except BookError:
        raise
    except (MemoryError, RecursionError):
        raise BookTooHeavy(
            f"'{filename}' needs more than {megabytes(WORKER_MEMORY_BYTES)} of memory to be read; give a part of it."
        ) from None
    except Exception as error:
        raise BookDamaged(
            f"'{filename}' is a broken {format.label if format else 'packed'} file ({type(error).__name__}); fetch it again or convert it to text."
        ) from error
    refuse_length(draft.text, filename)
    return draft


def limit_this_process() -> None:
    """No more memory, processor time, open files or written bytes than a book needs."""
    for what, limit in (
        (resource.RLIMIT_AS, WORKER_MEMORY_BYTES),
        (resource.RLIMIT_CPU, WORKER_CPU_SECONDS),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        # At the hard limit of time the kernel kills, as it does for want of memory: the soft one, a second before, says why.
        grace = 1 if what == resource.RLIMIT_CPU else 0
        last = allowed + grace if hard == resource.RLIM_INFINITY else min(allowed + grace, hard)
        resource.setrlimit(what, (allowed, last))


def await_order() -> tuple[str, int] | None:
    """The order and the descriptor of the file it is about, from the socket on standard input; None where nobody is there any more."""
    line = b""
    files: list[int] = []
    with socket.socket(fileno=0) as orders:
        while not line.endswith(b"\n"):
            piece, given, _, _ = socket.recv_fds(orders, 1 << 16, 1)
            if not piece:
                return None
            line, files = line + piece, files + given
    return (line.decode(), files[0]) if files else None


def main() -> None:
    """Obey one order."""
    limit_this_process()
    if (ordered := await_order()) is None:
        return
    order, file = ordered
    format, filename, encoding, keep_gutenberg = json.loads(order)
    with open(file, "rb") as handed_over:
        data = handed_over.read()
    out = sys.stdout.buffer

    def say(kind: str, value: str) -> None:
        out.write(f"{kind} {value}\n".encode("utf-8", "replace"))
        out.flush()

    try:
        draft = parse(
            data,
            filename,
            BookFormat(format) if format else None,
            encoding,
            keep_gutenberg,
            lambda fraction, what: say("progress", json.dumps([fraction, what])),
        )
        say("draft", draft.to_json())
    except BookError as error:
        say("error", json.dumps([type(error).__name__, str(error)]))
    except MemoryError:
        say(
            "error",
            json.dumps(["BookTooHeavy", f"'{filename}' needs more memory than one book may; give a part of it."]),
        )


if __name__ == "__main__":
    main()
