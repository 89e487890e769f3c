"""Render books to page files in the background, once for each book and setting, and keep a bounded number of them.

In: a text and a RenderConfig. Out: a PageJob whose snapshot says how far it is, and in the end its PageSet. Two sessions
that want the same pages share one job; a job that nobody holds any more is cancelled, and its files go when the last session
that held it ends. What all jobs have on disk is bounded while they run, too. Knows nothing of screens.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from app.pagefiles.writer import PageSet, PagesTooLarge, PagesUnwritable, write_pages
from app.paths import PAGES_OUT, why_unwritable
from app.unguessable import unguessable_key
from renderer import PopplerMissing, RenderCancelled, RenderConfig, RenderError

MAX_JOBS = 24
MAX_BYTES = 2 * 1024**3  # of all jobs' files together
MAX_JOB_BYTES = 1024**3  # of one: a novel at 300 dpi takes some 150 MB
LEAVE_FREE_BYTES = 256 * 1024**2  # on the disk, for everything else that runs on this machine


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """One look at a job. `pages_total` is None until it is known; `page_set` is there once it is done.

    `lasting`: the error lies in text and settings, so that the same job would meet it again. `settings`: fields that it is about.
    """

    state: JobState
    pages_done: int
    pages_total: int | None
    elapsed_s: float
    page_set: PageSet | None
    error: str | None
    lasting: bool = False
    settings: tuple[str, ...] = ()


class PageJob:
    """One book being rendered with one setting, in a thread of its own. `key` is unguessable: it is in page addresses."""

    def __init__(
        self,
        content_hash: str,
        text: str,
        title: str,
        config: RenderConfig,
        folder: Path,
        engine: str,
        room: Callable[[], str] = lambda: "",
    ) -> None:
        """`room` says why the disk has no room for what this job has stored so far; empty while it has."""
        self.key = unguessable_key()
        self.stored_bytes = 0
        self._room = room
        self.config, self.title, self.engine = config, title, engine
        self.directory = folder / self.key
        self._text, self._content_hash = text, content_hash
        self._lock = threading.Lock()
        self._holders: set[str] = set()
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._began = time.perf_counter()
        self._snapshot = JobSnapshot(JobState.RUNNING, 0, None, 0.0, None, None)
        self._thread = threading.Thread(target=self._run, name=f"pages-{self.key[:6]}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def snapshot(self) -> JobSnapshot:
        with self._lock:
            return self._snapshot

    def wait(self, timeout_s: float | None = None) -> JobSnapshot:
        self._over.wait(timeout_s)
        return self.snapshot()

    def hold(self, holder: str) -> None:
        with self._lock:
            self._holders.add(holder)

    def let_go(self, holder: str) -> None:
        """The last holder to go cancels a job that still runs."""
        with self._lock:
            self._holders.discard(holder)
            if not self._holders and self._snapshot.state is JobState.RUNNING:
                self._cancelled.set()

    def is_held_by(self, holder: str) -> bool:
        with self._lock:
            return holder in self._holders

    def is_of(self, content_hash: str, config: RenderConfig) -> bool:
        """Whether these are the pages of this text at these settings."""
        return self._content_hash == content_hash and self.config.key == config.key

    @property
    def held(self) -> bool:
        with self._lock:
            return bool(self._holders)

    def cancel(self) -> None:
        self._cancelled.set()

    def _tell(
        self,
        state: JobState,
        done: int,
        total: int | None,
        page_set=None,
        error: str | None = None,
        lasting: bool = False,
        settings: tuple[str, ...] = (),
    ) -> None:
        with self._lock:
            self._snapshot = JobSnapshot(
                state, done, total, time.perf_counter() - self._began, page_set, error, lasting, settings
            )

    def _run(self) -> None:
        def progress(done: int, total: int | None) -> None:
            self._tell(JobState.RUNNING, done, total)

        try:
            page_set = write_pages(
                self._text,
                self.title,
                self.config,
                self.directory,
                self.engine,
                self._cancelled.is_set,
                progress,
                may_store=self._may_store,
                content_hash=self._content_hash,
            )
            self._tell(JobState.DONE, len(page_set.pages), len(page_set.pages), page_set)
        except RenderCancelled:
            shutil.rmtree(self.directory, ignore_errors=True)
            self.stored_bytes = 0
            self._tell(JobState.CANCELLED, 0, None, error="Rendering was stopped.")
        except RenderError as error:
            lasting = not isinstance(error, PopplerMissing | PagesTooLarge)
            self._fail(str(error), lasting, error.settings)
        except PagesUnwritable as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(self._unreadable(error))
        except Exception as error:  # a defect of ours must show on the page, not hang it
            logging.getLogger(__name__).exception("Pages could not be rendered")
            self._fail(f"Rendering failed: {error}")
        finally:
            self._text = ""
            self._over.set()

    def _fail(self, error: str, lasting: bool = False, settings: tuple[str, ...] = ()) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
        self.stored_bytes = 0
        self._tell(JobState.FAILED, 0, None, error=error, lasting=lasting, settings=settings)

    def _may_store(self, page_bytes: int) -> None:
        self.stored_bytes += page_bytes
        if self.stored_bytes > MAX_JOB_BYTES:
            raise PagesTooLarge(
                f"These pages take more than {MAX_JOB_BYTES / 1e9:.1f} GB on disk, the most that is kept of one book. "
                "Lower the DPI, or choose fewer chapters."
            )
        if refusal := self._room():
            raise PagesTooLarge(refusal)

    def _unreadable(self, error: OSError) -> str:
        if error.filename is not None and Path(error.filename) == self.config.font_path:
            return f"The font {self.config.font_path} is gone. Put it back, or choose another font in the settings."
        return f"{error.filename or 'A file'} cannot be read ({error.strerror or error})."


class PageJobs:
    """The process's jobs, by book and setting. Files lie under PAGES_OUT/<process>, and go with the process's next start."""

    def __init__(self, root: Path = PAGES_OUT, max_jobs: int = MAX_JOBS, max_bytes: int = MAX_BYTES) -> None:
        self._folder = root / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._root, self._max_jobs, self._max_bytes = root, max_jobs, max_bytes
        self._lock = threading.Lock()
        self._jobs: OrderedDict[tuple[str, str, str], PageJob] = OrderedDict()

    def start(
        self, content_hash: str, text: str, title: str, config: RenderConfig, holder: str, engine: str = "auto"
    ) -> PageJob:
        """The job for this book and setting: the running or finished one, else a new one. `holder` must let go of it."""
        try:
            slot = (content_hash, config.key, engine)
        except OSError:  # the font is gone: the job itself says so, where errors of jobs are shown
            slot = (content_hash, "", engine)
        with self._lock:
            job = self._jobs.get(slot)
            if job is None or job.snapshot().state in (JobState.FAILED, JobState.CANCELLED) or job._cancelled.is_set():
                job = PageJob(content_hash, text, title, config, self._folder, engine, self._no_room)
                self._jobs[slot] = job
                job.hold(holder)
                job.start()
            else:
                job.hold(holder)
            self._jobs.move_to_end(slot)
            self._evict(keep=slot)
        return job

    def by_key(self, key: str) -> PageJob | None:
        with self._lock:
            return next(
                (
                    job
                    for job in self._jobs.values()
                    if secrets.compare_digest(job.key.encode(), key.encode("utf-8", "surrogatepass"))
                ),
                None,
            )

    def wait_quiet(self, quiet_s: float = 0.4, timeout_s: float = 30.0) -> None:
        """Return once no job has run for `quiet_s`, or after `timeout_s`: for work that the pages must not wait for."""
        began = last_busy = time.monotonic()
        while (now := time.monotonic()) - began < timeout_s:
            with self._lock:
                jobs = list(self._jobs.values())
            if any(job.snapshot().state is JobState.RUNNING for job in jobs):
                last_busy = now
            elif now - last_busy >= quiet_s:
                return
            time.sleep(0.05)

    def release(self, holder: str) -> None:
        """Let go of everything that `holder` holds."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.let_go(holder)

    def end(self, holder: str) -> None:
        """When a session ends: let go of all it holds; what nobody holds then goes from the disk, too."""
        with self._lock:
            held = [(slot, job) for slot, job in self._jobs.items() if job.is_held_by(holder)]
            for slot, job in held:
                job.let_go(holder)
                if not job.held:
                    self._drop(slot)

    def close(self) -> None:
        with self._lock:
            jobs = list(self._jobs.values())
            self._jobs.clear()
        for job in jobs:
            job.cancel()
        for job in jobs:
            job.wait(5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what processes that no longer run left behind."""
        for folder in self._root.glob("*-*"):
            pid = folder.name.split("-")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                shutil.rmtree(folder, ignore_errors=True)

    def _evict(self, keep: tuple[str, str, str] | None = None) -> None:
        """Oldest first, what nobody holds. Called with the lock held."""
        for slot in list(self._jobs):
            if len(self._jobs) <= self._max_jobs and self._bytes() <= self._max_bytes:
                return
            if slot != keep and not self._jobs[slot].held:
                self._drop(slot)

    def _drop(self, slot: tuple[str, str, str]) -> None:
        job = self._jobs.pop(slot)
        job.cancel()
        shutil.rmtree(job.directory, ignore_errors=True)

    def _no_room(self) -> str:
        """Why no more may be stored, asked by a running job before each page; empty while there is room."""
        with self._lock:
            self._evict()
            taken = self._bytes()
        if taken > self._max_bytes:
            return (
                f"The pages of all open books fill the {self._max_bytes / 1e9:.1f} GB kept for them. Close a tab whose book "
                "is no longer needed, or lower the DPI."
            )
        try:
            free = shutil.disk_usage(self._root).free
        except OSError:  # writing will say what is wrong
            return ""
        if free < LEAVE_FREE_BYTES:
            return why_unwritable(self._root, OSError(errno.ENOSPC, ""))
        return ""

    def _bytes(self) -> int:
        return sum(job.stored_bytes for job in self._jobs.values())


_jobs = PageJobs()


def page_jobs() -> PageJobs:
    """The process's one set of jobs."""
    return _jobs
