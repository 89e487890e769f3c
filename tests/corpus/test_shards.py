"""The steps in a datatrove pipeline, and their shards in the hands of webdataset's and pyarrow's own readers."""

import contextlib
import io
import json
import os
import signal
import subprocess
import time
from collections import Counter

import pytest
from PIL import Image

from app.corpus.drawing import draw
from app.corpus.shard_file import ShardFile, drop_parts, shard_path, task_name
from app.corpus.values import Bounds, SourceText

from .conftest import command, differing, prose, results, run, told

pytest.importorskip(
    "datatrove", reason="needs datatrove (bash scripts/test --corpus, or pip install -r requirements-corpus.txt)"
)
pytest.importorskip(
    "webdataset", reason="needs webdataset (bash scripts/test --corpus, or pip install -r requirements-corpus.txt)"
)
parquet = pytest.importorskip(
    "pyarrow.parquet", reason="needs pyarrow (bash scripts/test --corpus, or pip install -r requirements-corpus.txt)"
)


def steps_over(folder, out, look, tasks, shard_bytes=1 << 20):
    """A job run in this process, task by task: its steps without an executor."""
    from app.corpus.executors import pipeline_of
    from app.corpus.inputs import Keys, list_inputs
    from app.corpus.job import Job, begin
    from app.corpus.values import Shards

    job = Job(folder, out, look, tasks, tuple(Shards), shard_bytes, Keys(), Bounds())
    begin(job, list_inputs(folder))
    for rank in range(tasks):
        data = None
        for step in pipeline_of(job):
            data = step(data, rank, tasks)
        yield rank, data


def finish(job_tasks):
    return [page for _, pages in job_tasks for page in pages]


def samples(out):
    import webdataset

    paths = sorted(str(path) for path in (out / "tar").glob("*.tar"))
    return list(webdataset.WebDataset(paths, shardshuffle=False, empty_check=False))


class TestShards:
    def test_hold_every_page_of_every_document_once_in_both_kinds(self, texts, tmp_path, look):
        pages = finish(steps_over(texts, tmp_path / "out", look, tasks=3))
        in_tars = samples(tmp_path / "out")
        table = [parquet.read_table(path) for path in sorted((tmp_path / "out" / "parquet").glob("*"))]
        keys = [key for part in table for key in part["key"].to_pylist()]
        assert sorted(sample["__key__"] for sample in in_tars) == sorted(keys) == sorted(page.id for page in pages)
        assert len(set(keys)) == len(keys)
        by_document = Counter(json.loads(sample["json"])["document"] for sample in in_tars)
        for number in range(4):
            expected = draw(SourceText(f"t{number}.txt", prose(number, 200 + 150 * number)), look, Bounds()).pages
            assert by_document[f"t{number}.txt"] == len(expected) > 0
        assert by_document["line-0"] > 0

    def test_give_each_readers_own_picture_and_text(self, texts, tmp_path, look):
        finish(steps_over(texts, tmp_path / "out", look, tasks=1))
        (path,) = (tmp_path / "out" / "parquet").glob("*")
        rows = {row["key"]: row for row in parquet.read_table(path).to_pylist()}
        for sample in samples(tmp_path / "out"):
            row, about = rows[sample["__key__"]], json.loads(sample["json"])
            assert sample["png"] == row["image"]["bytes"]
            assert sample["txt"].decode() == row["text"]
            assert {name: row[name] for name in about} == about
            with Image.open(io.BytesIO(sample["png"])) as image:
                assert image.size == (about["width_px"], about["height_px"])

    def test_end_at_their_size_and_begin_with_the_next_page(self, texts, tmp_path, look):
        pages = finish(steps_over(texts, tmp_path / "small", look, tasks=1, shard_bytes=60_000))
        for kind in ("tar", "parquet"):
            assert len(list((tmp_path / "small" / kind).glob("*"))) > 1
        assert [sample["__key__"] for sample in samples(tmp_path / "small")] == [page.id for page in pages]
        paths = sorted((tmp_path / "small" / "parquet").glob("*"))
        assert [key for path in paths for key in parquet.read_table(path)["key"].to_pylist()] == [p.id for p in pages]

    def test_of_a_task_that_broke_off_keep_no_name(self, texts, tmp_path, look):
        (_, pages), *_ = steps_over(texts, tmp_path / "out", look, tasks=1)
        next(pages)
        pages.close()
        left = results(tmp_path / "out")
        assert left
        assert all(name.endswith(".part") for name in left)

    def test_lie_in_a_folder_with_any_name(self, texts, tmp_path, look):
        folder = tmp_path / "100%d of 000000.tar"
        pages = finish(steps_over(texts, folder, look, tasks=1))
        assert [sample["__key__"] for sample in samples(folder)] == [page.id for page in pages]

    def test_say_to_datasets_what_is_a_picture(self, texts, tmp_path, look):
        datasets = pytest.importorskip("datasets", reason="needs datasets (bash scripts/setup-corpus)")
        finish(steps_over(texts, tmp_path / "out", look, tasks=1))
        paths = [str(path) for path in (tmp_path / "out" / "parquet").glob("*")]
        loaded = datasets.load_dataset("parquet", data_files=paths, split="train", cache_dir=str(tmp_path / "cache"))
        assert isinstance(loaded.features["image"], datasets.Image)
        assert loaded[0]["image"].size == (loaded[0]["width_px"], loaded[0]["height_px"])


def test_two_workers_at_one_task_leave_a_whole_shard_whoever_comes_last(tmp_path):
    """One outlived the job that was killed, the other goes on."""
    path = shard_path(tmp_path, 3, 0, "tar")
    old = ShardFile(path)
    old.stream.write(b"the same by")
    new = ShardFile(path)
    new.stream.write(b"the same bytes")
    new.publish()
    assert path.read_bytes() == b"the same bytes"
    old.stream.write(b"tes")
    old.publish()
    assert path.read_bytes() == b"the same bytes"
    assert list(tmp_path.iterdir()) == [path]


def test_a_task_takes_away_its_own_halves_and_nobody_elses(tmp_path):
    for rank in (1, 2, 11):
        ShardFile(shard_path(tmp_path, rank, 1, "tar"))
    drop_parts(tmp_path, task_name(1))
    assert sorted(path.name[:11] for path in tmp_path.iterdir()) == ["pages-00002", "pages-00011"]


def test_the_ledger_names_every_document_and_why_some_gave_no_pages(texts, tmp_path, look):
    finish(steps_over(texts, tmp_path / "out", look, tasks=2))
    lines = [
        json.loads(line)
        for path in (tmp_path / "out" / "documents").glob("*")
        for line in path.read_text().splitlines()
    ]
    reasons = {line["document"]: line.get("reason", "") for line in lines}
    assert len(lines) == len(reasons) == 12
    assert {name: reason for name, reason in reasons.items() if reason} == {
        "latin.txt": "it is not UTF-8",
        "many.jsonl:4": "its line is not JSON",
        "many.jsonl:5": "its line has no text under 'text'",
        "many.jsonl:6": "there is no text, or half a character in it",
    }


@pytest.fixture(scope="module")
def long_texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    for number in range(16):
        (folder / f"t{number:02}.txt").write_text(prose(number, 12_000))
    return folder


@pytest.fixture(scope="module")
def uninterrupted(long_texts, tmp_path_factory):
    """What a job that nobody stopped gives, by one worker."""
    out = tmp_path_factory.mktemp("uninterrupted") / "out"
    summary = told(run(long_texts, out, *ASKED, "--workers", "1"))
    assert summary["documents"] == 16
    return results(out)


ASKED = ("--tasks", "8", "--shard-mb", "1")


@pytest.mark.timeout(500)  # three jobs
def test_a_job_killed_in_the_middle_ends_with_the_same_bytes(long_texts, uninterrupted, tmp_path):
    out, said = tmp_path / "out", tmp_path / "said.txt"
    with said.open("w") as words:
        job = subprocess.Popen(
            command(long_texts, out, *ASKED, "--workers", "2"), stdout=words, stderr=words, start_new_session=True
        )
    try:
        # A task is done, and another has shards of its own: both kinds of leftovers are there.
        ends_at = time.monotonic() + 120
        while not (list(out.glob("log/completions/*")) and list(out.glob("tar/*.part"))):
            assert job.poll() is None, f"the job ended before it could be killed: {said.read_text()}"
            assert time.monotonic() < ends_at
            time.sleep(0.001)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()
    done = len(list(out.glob("log/completions/*")))
    assert 0 < done < 8
    assert results(out) != uninterrupted
    summary = told(run(long_texts, out, *ASKED, "--workers", "2"))
    assert (summary["done"], summary["documents"]) == (8, 16)
    assert differing(results(out), uninterrupted) == []


def test_a_finished_job_is_left_as_it_is_and_told_again(texts, tmp_path):
    first = told(run(texts, tmp_path / "out", "--workers", "1"))
    assert 0 < first["peak_memory_mb"] < Bounds().memory_bytes >> 20
    assert first["processor_s"] > 0
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "tar").glob("*")}
    assert told(run(texts, tmp_path / "out", "--workers", "1")) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "tar").glob("*")} == kept
    (texts / "t0.txt").write_text("another")
    refused = run(texts, tmp_path / "out", "--workers", "1")
    assert refused.returncode == 2
    assert "the texts" in refused.stderr
