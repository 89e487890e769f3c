"""Jobs render once for each book and setting, share, cancel what nobody holds, and stay bounded."""

import dataclasses
import errno
import shutil
import threading
from pathlib import Path

import pytest

from app import paths
from app.pagefiles import jobs as jobs_module
from app.pagefiles.jobs import JobState, PageJobs
from app.paths import CONFIGS
from renderer import RenderCancelled, RenderConfig, RenderError

TEXT = "The harbour was quiet.\n" * 40


@pytest.fixture
def config():
    return RenderConfig.load(CONFIGS / "en.json")


@pytest.fixture
def jobs(tmp_path):
    made = PageJobs(tmp_path, max_jobs=3)
    yield made
    made.close()


@pytest.fixture
def slow_writer(monkeypatch):
    """A writer that works until it is told to end, or cancelled: the seam is the one the job calls."""
    release = threading.Event()

    def write(text, title, config, directory, engine, cancelled, on_progress, may_store, content_hash):
        directory.mkdir(parents=True)
        on_progress(1, 3)
        while not release.wait(0.01):
            if cancelled():
                raise RenderCancelled("stopped")
        raise RenderError("the end of the test's writer")

    monkeypatch.setattr(jobs_module, "write_pages", write)
    return release


def test_a_job_gives_the_page_files_and_their_cost(jobs, config):
    job = jobs.start("hash", TEXT, "Harbour", config, "me")
    look = job.wait(60)
    assert look.state is JobState.DONE
    assert [page.path.exists() for page in look.page_set.pages] == [True] * len(look.page_set.pages)
    assert look.page_set.totals.visual_tokens > 0


def test_the_same_book_and_setting_share_one_job(jobs, config):
    first = jobs.start("hash", TEXT, "Harbour", config, "one")
    assert jobs.start("hash", TEXT, "Harbour", config, "two") is first
    assert jobs.start("hash", TEXT, "Harbour", dataclasses.replace(config, dpi=96), "two") is not first


def test_a_job_is_found_by_its_key_only(jobs, config):
    job = jobs.start("hash", TEXT, "Harbour", config, "me")
    assert jobs.by_key(job.key) is job
    assert jobs.by_key("guess") is None


def test_the_last_holder_to_go_cancels(jobs, config, slow_writer):
    job = jobs.start("hash", TEXT, "Harbour", config, "one")
    jobs.start("hash", TEXT, "Harbour", config, "two")
    job.let_go("one")
    assert job.wait(0.1).state is JobState.RUNNING
    job.let_go("two")
    assert job.wait(5).state is JobState.CANCELLED
    assert not job.directory.exists()


def test_a_cancelled_job_is_begun_anew_when_asked_for_again(jobs, config, slow_writer):
    job = jobs.start("hash", TEXT, "Harbour", config, "one")
    job.let_go("one")
    job.wait(5)
    assert jobs.start("hash", TEXT, "Harbour", config, "one") is not job


def test_progress_is_told_while_it_works(jobs, config, slow_writer):
    job = jobs.start("hash", TEXT, "Harbour", config, "me")
    for _ in range(200):
        if job.snapshot().pages_total:
            break
        threading.Event().wait(0.01)
    assert (job.snapshot().pages_done, job.snapshot().pages_total) == (1, 3)


def test_work_in_the_background_waits_for_the_pages(jobs, config, slow_writer):
    jobs.start("hash", TEXT, "Harbour", config, "me")
    quiet = threading.Thread(target=jobs.wait_quiet, args=(0.05, 60.0))
    quiet.start()
    quiet.join(0.4)
    assert quiet.is_alive()
    slow_writer.set()
    quiet.join(10)
    assert not quiet.is_alive()


def test_a_failure_is_a_sentence_and_leaves_no_files(jobs, config, slow_writer):
    job = jobs.start("hash", TEXT, "Harbour", config, "me")
    slow_writer.set()
    look = job.wait(5)
    assert look.state is JobState.FAILED
    assert look.error == "the end of the test's writer"
    assert not job.directory.exists()


def test_what_nobody_holds_is_dropped_oldest_first(jobs, config):
    kept = [jobs.start("hash", TEXT, "Harbour", dataclasses.replace(config, dpi=dpi), "me") for dpi in (60, 72, 84)]
    for job in kept:
        job.wait(60)
    kept[0].let_go("me")
    jobs.start("hash", TEXT, "Harbour", dataclasses.replace(config, dpi=96), "me").wait(60)
    assert jobs.by_key(kept[0].key) is None
    assert not kept[0].directory.exists()
    assert jobs.by_key(kept[1].key) is kept[1]


def test_sweep_removes_what_dead_processes_left_and_nothing_else(tmp_path):
    dead, alien = tmp_path / "4194305-ab", tmp_path / "keep-me"
    dead.mkdir()
    alien.mkdir()
    PageJobs(tmp_path).sweep()
    assert not dead.exists()
    assert alien.exists()


def test_a_job_that_somebody_holds_is_never_dropped(jobs, config):
    held = [jobs.start("hash", TEXT, "Harbour", dataclasses.replace(config, dpi=dpi), "me") for dpi in range(60, 66)]
    for job in held:
        job.wait(60)
    jobs.start("hash", TEXT, "Harbour", dataclasses.replace(config, dpi=96), "me").wait(60)
    assert [jobs.by_key(job.key) for job in held] == held  # six, where three are kept that nobody holds
    assert all(job.directory.exists() for job in held)


def test_the_end_of_the_last_session_clears_the_disk(jobs, config):
    job = jobs.start("hash", TEXT, "Harbour", config, "one")
    jobs.start("hash", TEXT, "Harbour", config, "two")
    job.wait(60)
    jobs.end("one")
    assert job.directory.exists()
    jobs.end("two")
    assert not job.directory.exists()
    assert jobs.by_key(job.key) is None


def test_a_full_disk_is_a_sentence_and_leaves_no_file(jobs, config, monkeypatch, tmp_path):
    whole = Path.write_bytes

    def write_bytes(path, data):
        if path.name.endswith(".part") and "002" in path.name:
            whole(path, data[:100])  # as a disk that fills in mid-file
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(path, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    monkeypatch.setattr(paths, "DATA", tmp_path)
    job = jobs.start("hash", TEXT * 10, "Harbour", config, "me")
    look = job.wait(60)
    assert look.state is JobState.FAILED
    assert "is full. Make room there, or set GLYPH_DATA" in look.error
    assert not look.lasting
    assert not job.directory.exists()
    monkeypatch.undo()
    assert jobs.start("hash", TEXT * 10, "Harbour", config, "me").wait(60).state is JobState.DONE


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path, config, monkeypatch):
    monkeypatch.setattr(paths, "DATA", tmp_path)
    (tmp_path / "file").write_text("in the way")
    look = PageJobs(tmp_path / "file").start("hash", TEXT, "Harbour", config, "me").wait(60)
    assert look.state is JobState.FAILED
    assert "cannot be written" in look.error
    assert "GLYPH_DATA" in look.error


def test_a_font_that_was_taken_away_is_named_with_what_to_do(jobs, config, tmp_path):
    font = tmp_path / "Mine.ttf"
    shutil.copy(config.font_path, font)
    taken = dataclasses.replace(config, font_path=font)
    font.unlink()
    look = jobs.start("hash", TEXT, "Harbour", taken, "me").wait(60)
    assert look.state is JobState.FAILED
    assert f"There is no font file '{font}'; put it into" in look.error


def test_what_one_job_takes_of_the_disk_is_bounded_while_it_runs(jobs, config, monkeypatch):
    monkeypatch.setattr(jobs_module, "MAX_JOB_BYTES", 100_000)
    job = jobs.start("hash", TEXT * 40, "Harbour", config, "me")
    look = job.wait(60)
    assert look.state is JobState.FAILED
    assert "Lower the DPI" in look.error
    assert job.stored_bytes == 0
    assert not job.directory.exists()


def test_what_all_jobs_take_is_bounded_though_all_are_held(tmp_path, config):
    jobs = PageJobs(tmp_path, max_bytes=200_000)
    looks = [
        jobs.start("hash", TEXT * 5, "Harbour", dataclasses.replace(config, dpi=dpi), "me").wait(60)
        for dpi in range(60, 90, 2)
    ]
    assert looks[0].state is JobState.DONE
    assert "Close a tab" in looks[-1].error
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.png")) <= 200_000
    jobs.end("me")
    assert jobs.start("hash", TEXT * 5, "Harbour", config, "me").wait(60).state is JobState.DONE
    jobs.close()


def test_a_disk_that_is_nearly_full_is_left_to_others(jobs, config, monkeypatch):
    monkeypatch.setattr(jobs_module, "LEAVE_FREE_BYTES", 1 << 60)
    assert "is full" in jobs.start("hash", TEXT, "Harbour", config, "me").wait(60).error
