"""Render books to page files in the background, once for each book and setting, and keep a bounded number of them.

In: a text and a RenderConfig. Out: a PageJob whose snapshot says how far it is, and in the end its PageSet. Two sessions
that want the same pages share one job; a job that nobody holds any more is cancelled. Knows nothing of screens.
"""

from __future__ import annotations

import os
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from app.pagefiles.writer import PageSet, write_pages
from app.paths import PAGES_OUT
from app.unguessable import unguessable_key
from renderer import PopplerMissing, RenderCancelled, RenderConfig, RenderError

MAX_JOBS = 24
MAX_BYTES = 2 * 1024**3


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

    def __init__(self, text: str, title: str, config: RenderConfig, folder: Path, engine: str) -> None:
        self.key = unguessable_key()
        self.config, self.title, self.engine = config, title, engine
        self.directory = folder / self.key
        self._text = text
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
                self._text, self.title, self.config, self.directory, self.engine, self._cancelled.is_set, progress
            )
            self._tell(JobState.DONE, len(page_set.pages), len(page_set.pages), page_set)
        except RenderCancelled:
            shutil.rmtree(self.directory, ignore_errors=True)
            self._tell(JobState.CANCELLED, 0, None, error="Rendering was stopped.")
        except (RenderError, OSError) as error:
            shutil.rmtree(self.directory, ignore_errors=True)
            lasting = isinstance(error, RenderError) and not isinstance(error, PopplerMissing)
            settings = error.settings if isinstance(error, RenderError) else ()
            self._tell(JobState.FAILED, 0, None, error=str(error), lasting=lasting, settings=settings)
        except Exception as error:  # a defect of ours must show on the page, not hang it
            shutil.rmtree(self.directory, ignore_errors=True)
            self._tell(JobState.FAILED, 0, None, error=f"Rendering failed: {error}")
        finally:
            self._text = ""
            self._over.set()


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
        slot = (content_hash, config.key, engine)
        with self._lock:
            job = self._jobs.get(slot)
            if job is None or job.snapshot().state in (JobState.FAILED, JobState.CANCELLED) or job._cancelled.is_set():
                self._folder.mkdir(parents=True, exist_ok=True)
                job = PageJob(text, title, config, self._folder, engine)
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

    def _evict(self, keep: tuple[str, str, str]) -> None:
        """Oldest first, what nobody holds. Called with the lock held."""
        for slot in list(self._jobs):
            if len(self._jobs) <= self._max_jobs and self._bytes() <= self._max_bytes:
                return
            if slot != keep and not self._jobs[slot].held:
                job = self._jobs.pop(slot)
                job.cancel()
                shutil.rmtree(job.directory, ignore_errors=True)

    def _bytes(self) -> int:
        sets = (job.snapshot().page_set for job in self._jobs.values())
        return sum(page_set.png_bytes for page_set in sets if page_set is not None)


_jobs = PageJobs()


def page_jobs() -> PageJobs:
    """The process's one set of jobs."""
    return _jobs
