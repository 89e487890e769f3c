"""A worker that was killed, a full disk and Ctrl-C end a job in a sentence, and the same command goes on."""

import errno
import os
import threading
import time
from types import SimpleNamespace

import pytest

pytest.importorskip("datatrove", reason="the corpus job's packages have an environment of their own")

from app.corpus import executors
from app.corpus.errors import WorkerLost
from app.corpus.lost_workers import watched_workers
from scripts import render_corpus

multiprocess = pytest.importorskip("multiprocess", reason="comes with datatrove")


def test_a_worker_that_dies_ends_what_waits_for_it():
    pools = multiprocess.get_context("spawn")
    lives_a_second = pools.Pool(1, time.sleep, [1])
    with pytest.raises(WorkerLost, match="SIGABRT"), watched_workers(), lives_a_second as pool:
        pool.apply(os.abort)


def test_a_pool_that_ends_its_own_workers_is_left_alone():
    with watched_workers():
        with multiprocess.get_context("spawn").Pool(1) as pool:
            assert pool.apply(len, ["four"]) == 4
        threading.Event().wait(0.3)  # some looks of the watchdog at workers that were sent SIGTERM


def test_a_thread_that_no_signal_reaches_is_not_watched():
    done = []

    def work():
        with watched_workers():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


@pytest.mark.parametrize(
    ("ended_by", "status", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/shards"), 1, "stopped: No space left on device (/shards)."),
        (WorkerLost("SIGKILL"), 1, "stopped: a worker was killed (SIGKILL)."),
        (KeyboardInterrupt(), 130, "stopped."),
    ],
)
def test_whatever_ends_a_job_is_a_sentence(texts, tmp_path, monkeypatch, capsys, ended_by, status, said):
    def run():
        raise ended_by

    monkeypatch.setattr(executors, "executor_of", lambda job, means: SimpleNamespace(run=run))
    assert render_corpus.main([str(texts), "--out", str(tmp_path / "out")]) == status
    words = capsys.readouterr().err
    assert f"render_corpus: {said}" in words
    assert "the same command goes on" in words
