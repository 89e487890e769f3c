"""Write down every comparison as it runs (an observer of the registry), in a thread of its own.

In: what the comparisons' threads tell; they only put it into a queue. Out: streams that grow line by line, so that whatever
kills this process leaves what came so far. A disk that fails is told once; the answers go on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.clients import Endpoint, Role
from app.comparisons import BookText, ComparisonSpec, Order, Step
from app.comparisons.steps import PagesTaken
from app.paths import why_unwritable
from app.recordings.errors import RecordingError
from app.recordings.keeping import Keep
from app.recordings.plain_json import from_plain, to_plain
from app.recordings.run_file import MAX_FILE_BYTES, ends, moved, step_line
from app.recordings.store import RecordingStore
from app.recordings.values import FORMAT_VERSION, RecordedBook, RecordedSide, RunHeader, TimedStep

_log = logging.getLogger(__name__)
_MOST_WAITING = 50_000
_REMOVED = "[key]"
_SHORTEST_SECRET = 4  # a shorter "key" would take words out of answers


@dataclass(slots=True)
class _Run:
    """A run that is being written."""

    began: float
    path: Path
    secrets: tuple[str, ...]
    keep: Keep
    over: dict[Role, bool]
    previous_at: float = 0.0
    written: int = 0


class Recorder:
    """An app.comparisons.Observer. `trouble` is a sentence for people once a run could not be kept whole, "" until then."""

    def __init__(self, store: RecordingStore, keep: Keep | Callable[[], Keep] = Keep.WHOLE) -> None:
        """`keep`: what is written of a run; a function is asked when the run begins."""
        self.store = store
        self.trouble = ""
        self._keep = (lambda: keep) if isinstance(keep, Keep) else keep
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue(_MOST_WAITING)
        self._runs: dict[str, _Run] = {}
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    # --- told by comparisons: never waits ---------------------------------------------------------------------------

    def began(self, comparison_id: str, spec: ComparisonSpec, order: Order, at: float) -> None:
        if (keep := self._keep()) is not Keep.OFF:
            now = time.time() - (time.perf_counter() - at)
            self.later(lambda: self._begin(comparison_id, spec, order, at, now, keep))

    def stepped(self, comparison_id: str, role: Role, attempt: int, step: Step) -> None:
        self.later(lambda: self._step(comparison_id, role, attempt, step))

    def later(self, work: Callable[[], None]) -> None:
        """Have something done in the recorder's thread, after what was told before."""
        try:
            self._work.put_nowait(work)
        except queue.Full:
            self._tell("The disk is too slow for this recording: parts of it are missing.")

    def close(self, timeout_s: float = 5.0) -> None:
        """Write what is still waiting, then end."""
        try:
            self._work.put(None, timeout=timeout_s)
        except queue.Full:
            return
        self._thread.join(timeout_s)

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Whether all that was told before is on disk now."""
        done = threading.Event()
        self.later(done.set)
        return done.wait(timeout_s)

    # --- in the recorder's own thread -------------------------------------------------------------------------------

    def _write(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except OSError as error:
                self._tell(f"This comparison could not be recorded. {why_unwritable(self.store.folder, error)}")
            except RecordingError as error:
                self._tell(f"This comparison could not be recorded. {error}")
            except Exception as error:
                self._tell(f"This comparison could not be recorded ({type(error).__name__}: {error}).")

    def _tell(self, trouble: str) -> None:
        if not self.trouble:
            _log.warning("%s The answers go on.", trouble)
        self.trouble = trouble

    def _begin(self, run_id: str, spec: ComparisonSpec, order: Order, began: float, now: float, keep: Keep) -> None:
        whole = keep is Keep.WHOLE
        secrets = _secrets(spec)
        header = _without(secrets, _header(run_id, spec, order, now, whole))
        path = self.store.begin(header)
        self._runs[run_id] = _Run(began, path, secrets, keep, {side.role: False for side in header.sides})
        if whole and spec.book is not None:
            for data in (spec.book.text, spec.book.card):
                if data:
                    self.store.keep_blob(run_id, data.encode("utf-8", "surrogatepass"))
        gone = self.store.make_room()
        if gone.runs:
            _log.info("The %d oldest recordings were removed: the most that is kept was reached.", len(gone.runs))
        if gone.enough:
            self.trouble = ""  # whatever it was, this run is kept
        else:
            self._tell("More starred recordings are kept than there is room for: take some stars away on History.")

    def _step(self, run_id: str, role: Role, attempt: int, step: Step) -> None:
        run = self._runs.get(run_id)
        if run is None:
            return  # its beginning failed, or it was let go
        if run.written > MAX_FILE_BYTES // 2:  # an answer without an end: what is there can still be read
            self._let_go(run_id)
            self._tell("An answer is longer than a recording may be: the rest of it is not kept.")
            return
        timed = TimedStep(role, attempt, moved(step, -run.began))
        line = step_line(timed, run.previous_at)
        for secret in run.secrets:
            line = line.replace(secret, _REMOVED)
        data = line.encode("utf-8", "replace")
        try:
            with open(os.open(run.path, os.O_WRONLY | os.O_APPEND), "ab", buffering=0) as stream:  # never made anew
                stream.write(data)
        except FileNotFoundError:
            del self._runs[run_id]  # somebody removed this run while it was answered
            return
        except OSError:
            self._let_go(run_id)  # no line after a gap
            raise
        run.previous_at, run.written = max(run.previous_at, timed.step.at), run.written + len(data)
        if isinstance(step, PagesTaken) and run.keep is Keep.WHOLE:
            for page in step.pages:
                self.store.keep_blob(run_id, page.path.read_bytes())
        was_over, run.over[role] = run.over[role], ends(step)
        if run.over[role] != was_over:  # a retry begins what was over
            self.store.note_end(run_id, all(run.over.values()))

    def _let_go(self, run_id: str) -> None:
        del self._runs[run_id]
        with suppress(OSError, RecordingError):  # on a full disk it looks as if it ran, until the app ends
            self.store.let_go(run_id)


def _without(secrets: tuple[str, ...], header: RunHeader) -> RunHeader:
    """Earlier answers stand in it, and a server may have said a key back in one."""
    words = json.dumps(to_plain(header), ensure_ascii=False)
    for secret in secrets:
        words = words.replace(secret, _REMOVED)
    return from_plain(RunHeader, json.loads(words))


def _header(run_id: str, spec: ComparisonSpec, order: Order, now: float, whole: bool) -> RunHeader:
    endpoints = [one for one in (spec.text_endpoint, spec.pages_endpoint) if one is not None]
    return RunHeader(
        format=FORMAT_VERSION,
        run_id=run_id,
        began_at=now,
        title=spec.title,
        question=spec.question,
        order=order,
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        sides=tuple(_side(spec, endpoint) for endpoint in endpoints),
        conversation=spec.conversation,
        book=_book(spec.book, whole) if spec.book else None,
        cut=spec.cut,
        known=spec.known,
        stamp=spec.stamp,
        options=spec.options,
        parse_ms=spec.parse_ms,
        settings=spec.passages.query if spec.passages else "",
        page_starts=spec.passages.page_starts if spec.passages else (),
    )


def _book(book: BookText, whole: bool) -> RecordedBook:
    card = hashlib.sha256(book.card.encode("utf-8", "surrogatepass")).hexdigest() if whole and book.card else ""
    return RecordedBook(book.sha256, len(book.text), whole, card)


def _side(spec: ComparisonSpec, endpoint: Endpoint) -> RecordedSide:
    pages = endpoint.role is Role.PAGES
    return RecordedSide(
        role=endpoint.role,
        server=endpoint.name,
        address=endpoint.shown_address,
        model=endpoint.model,
        dialect=endpoint.dialect,
        simulated=endpoint.simulated,
        sampling=(spec.pages_sampling if pages else None) or spec.sampling,
        version=endpoint.version,
        gpu=endpoint.simulated_gpu,
        speedup=endpoint.simulated_speedup,
        projected=spec.projected(endpoint.role),
        cost=spec.cost(endpoint.role),
        history=spec.pages_history if pages else spec.text_history,
    )


def _secrets(spec: ComparisonSpec) -> tuple[str, ...]:
    """What must not be written even where a server says it back: keys, passwords in addresses, values of added headers."""
    found: set[str] = {value for _, value in spec.extra_headers if len(value) > 2 * _SHORTEST_SECRET}
    for endpoint in (spec.text_endpoint, spec.pages_endpoint):
        if endpoint is not None:
            found.add(os.environ.get(endpoint.api_key_env, "") if endpoint.api_key_env else "")
            password = urlsplit(endpoint.base_url).password or ""
            found |= {password, unquote(password)}
    long_ones = (secret.strip() for secret in found)
    escaped = (json.dumps(secret, ensure_ascii=False)[1:-1] for secret in long_ones if len(secret) >= _SHORTEST_SECRET)
    return tuple(sorted(escaped, key=len, reverse=True))
