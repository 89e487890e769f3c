import dataclasses
import json

import pytest

from app.corpus.errors import InputError, JobBusy, JobChanged
from app.corpus.inputs import Keys, list_inputs
from app.corpus.job import Job, alone, begin
from app.corpus.looks import FixedLooks
from app.corpus.progress import progress
from app.corpus.values import Bounds, Shards


@pytest.fixture
def job(texts, tmp_path, look) -> Job:
    return Job(texts, tmp_path / "out", look, 3, tuple(Shards), 1 << 20, Keys(), Bounds())


def test_a_job_is_begun_once_and_goes_on_after(job, texts):
    assert begin(job, list_inputs(texts))
    assert job.files_list.read_text().splitlines() == [file.path for file in list_inputs(texts).files]
    assert not begin(job, list_inputs(texts))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tasks": 4}, "number of tasks"),
        ({"kinds": (Shards.TAR,)}, "kinds of shards"),
        ({"shard_bytes": 7}, "size of a shard"),
        ({"keys": Keys("content")}, "keys of the lines"),
        ({"bounds": Bounds(most_characters=5)}, "bounds of a document"),
    ],
)
def test_a_job_goes_on_only_as_it_was_begun(job, texts, change, said):
    begin(job, list_inputs(texts))
    with pytest.raises(JobChanged, match=said):
        begin(dataclasses.replace(job, **change), list_inputs(texts))


def test_other_settings_of_the_pages_are_another_job(job, texts, config):
    begin(job, list_inputs(texts))
    other = FixedLooks((dataclasses.replace(config, dpi=96),))
    with pytest.raises(JobChanged, match="settings"):
        begin(dataclasses.replace(job, look=other), list_inputs(texts))


def test_a_text_that_came_is_another_job(job, texts):
    begin(job, list_inputs(texts))
    (texts / "new.txt").write_text("x")
    with pytest.raises(JobChanged, match="a file came"):
        begin(job, list_inputs(texts))


def test_a_folder_with_other_things_is_left_alone(job, texts):
    job.out.mkdir()
    (job.out / "mine.doc").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        begin(job, list_inputs(texts))
    assert [path.name for path in job.out.iterdir()] == ["mine.doc"]


def test_a_job_that_was_killed_before_it_was_written_down_is_begun_anew(job, texts):
    job.out.mkdir()
    (job.out / "files.txt").write_text("half")
    assert begin(job, list_inputs(texts))
    assert len(job.files_list.read_text().splitlines()) == 7


@pytest.mark.parametrize("text", ["{", "[]", json.dumps("x")])
def test_a_damaged_job_is_not_gone_on_with(job, texts, text):
    job.out.mkdir()
    (job.out / "job.json").write_text(text)
    with pytest.raises(JobChanged, match="another --out"):
        begin(job, list_inputs(texts))


def test_shards_do_not_go_among_the_texts(job, texts):
    with pytest.raises(InputError, match="lies in the folder of texts"):
        begin(dataclasses.replace(job, out=texts / "out"), list_inputs(texts))


def test_two_processes_are_never_at_one_job_and_the_next_is(job, texts):
    with alone(job):
        begin(job, list_inputs(texts))
        with pytest.raises(JobBusy, match="Another process is at the job"), alone(job):
            pass
    assert sorted(path.name for path in job.out.iterdir()) == ["files.txt", "job.json"]
    with alone(job):
        assert not begin(job, list_inputs(texts))


@pytest.mark.parametrize("name", ["a::b", "half \udcff"])
def test_a_path_that_datatrove_reads_as_another_is_refused_before_anything_is_made(job, texts, name):
    elsewhere = dataclasses.replace(job, out=job.out.parent / name)
    for held in (lambda: alone(elsewhere).__enter__(), lambda: begin(elsewhere, list_inputs(texts))):
        with pytest.raises(InputError, match="in its path"):
            held()
    assert not job.out.exists()
    assert len(list(job.out.parent.iterdir())) == 1


@pytest.mark.parametrize("text", ["{}", '{"tasks": "x"}', '{"tasks": 0}', '{"tasks": true}', '{"tasks": 1e999}'])
def test_how_far_a_damaged_job_is_is_a_sentence(job, text):
    job.out.mkdir()
    (job.out / "job.json").write_text(text)
    with pytest.raises(JobChanged, match="names no number of tasks"):
        progress(job.out)


@pytest.mark.parametrize("line", ['{"document": "cut sho', "7", "{}", '{"pages": "x", "characters": 1}', "[" * 100_000])
def test_a_ledger_changed_by_hand_is_named(job, texts, line):
    begin(job, list_inputs(texts))
    (job.out / "documents").mkdir()
    (job.out / "documents" / "00001.jsonl").write_text(line)
    with pytest.raises(JobChanged, match=r"00001\.jsonl is damaged"):
        progress(job.out)
