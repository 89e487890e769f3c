"""Records have each trainer's fields; the script's folders are the same bytes whoever makes them."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from argparse import ArgumentTypeError
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.training import making
from app.training.errors import OutputError, TrainingError
from app.training.kinds import Split, Stage, Task
from app.training.making import Order, Skipped, make_row, make_rows, plan
from app.training.pixel_limits import LIMITS, MODEL_PIXELS, shrunk_warning
from app.training.values import Words
from app.training.writers import FORMATS, RowFolder, Trainer
from app.training.writers.parquet import ParquetRows
from app.training.writers.shards import ShardRows
from scripts import make_training_data
from scripts.option_types import positive

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rows(source):
    orders = plan(21, list(Task), {Split.TRAIN: 2})
    return [result for result in make_rows(source, orders) if not isinstance(result, Skipped)]


@pytest.fixture(scope="module")
def folder(rows, tmp_path_factory):
    place = tmp_path_factory.mktemp("rows") / "out"
    with RowFolder(place, list(Trainer), pictures_inside=False) as out:
        for row in rows:
            out.add(row)
    return place


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


@pytest.mark.parametrize("stage", Stage)
def test_ms_swift_has_a_picture_for_each_placeholder(folder, stage):
    records = lines(folder / "ms-swift" / f"{stage}.train.jsonl")
    assert records
    for record in records:
        said = "".join(message["content"] for message in record["messages"])
        assert said.count("<image>") == len(record["images"]) > 0
        assert all(Image.open(image).size for image in record["images"])
        roles = [message["role"] for message in record["messages"]]
        assert roles == {Stage.CPT: ["assistant"], Stage.SFT: ["user", "assistant"], Stage.GRPO: ["user"]}[stage]
        assert ("solution" in record) == (stage is Stage.GRPO)


def test_llama_factory_names_its_files_and_columns(folder):
    named = json.loads((folder / "llama-factory" / "dataset_info.json").read_text())
    assert set(named) == {"glyph_cpt_train", "glyph_sft_train"}
    for dataset in named.values():
        assert dataset["formatting"] == "sharegpt"
        for record in lines(folder / "llama-factory" / dataset["file_name"]):
            assert set(dataset["columns"].values()) <= set(record)
            assert [message["role"] for message in record["messages"]] == ["user", "assistant"]
            said = "".join(message["content"] for message in record["messages"])
            assert said.count("<image>") == len(record["images"])


def test_trl_rows_load_in_its_loaders_way(folder, rows):
    for record in lines(folder / "trl" / "sft.train.jsonl"):
        (message,) = record["prompt"]
        assert sum(part["type"] == "image" for part in message["content"]) == len(record["images"])
        assert record["completion"][0]["role"] == "assistant"
    for record in lines(folder / "trl" / "grpo.train.jsonl"):
        assert {"solution", "task", "prompt", "images"} <= set(record)


def test_axolotl_parts_are_in_the_rows_order(folder, rows):
    by_id = {row.id: row for row in rows}
    for record in lines(folder / "axolotl" / "cpt.train.jsonl"):
        kinds = [part["type"] for part in record["messages"][0]["content"]]
        assert kinds == ["text" if isinstance(p, Words) else "image" for p in by_id[record["id"]].request]


def test_verl_parquet_holds_the_pages_themselves(folder, rows):
    parquet = pytest.importorskip("pyarrow.parquet")
    records = parquet.read_table(folder / "verl" / "grpo.train.parquet").to_pylist()
    by_id = {row.id: row for row in rows}
    assert len(records) == sum(row.task.stage is Stage.GRPO for row in rows)
    for record in records:
        row = by_id[record["extra_info"]["id"]]
        assert [image["bytes"] for image in record["images"]] == [picture.png for picture in row.pictures]
        assert record["reward_model"] == {"ground_truth": row.solution, "style": "rule"}
        assert record["data_source"].removeprefix("glyph/") in set(Task)


def test_trl_rows_with_pictures_inside(rows, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    with RowFolder(tmp_path / "out", [Trainer.TRL], pictures_inside=True) as out:
        for row in rows:
            out.add(row)
    for stage in Stage:
        for record in parquet.read_table(tmp_path / "out" / "trl" / f"{stage}.train.parquet").to_pylist():
            assert all(Image.open(BytesIO(image["bytes"])).size for image in record["images"])


def test_texts_stay_where_the_first_rows_ask_with_pictures_alone(tmp_path):
    """Arrow drops what the schema lacks without a word."""
    parquet = pytest.importorskip("pyarrow.parquet")

    def record(*parts):
        return {"id": "x", "images": [], "prompt": [{"role": "user", "content": list(parts)}]}

    for group in (1, 8):
        rows = ParquetRows(tmp_path / f"{group}.parquet", group)
        rows.add(record({"type": "image"}), [b"page"])
        rows.add(record({"type": "image"}, {"type": "text", "text": "Read it."}), [b"page"])
        rows.close()
        _, second = parquet.read_table(tmp_path / f"{group}.parquet").to_pylist()
        assert second["prompt"][0]["content"][1]["text"] == "Read it."


def test_a_group_is_written_once_its_pages_are_many_bytes(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = ParquetRows(tmp_path / "rows.parquet", 64, group_bytes=10_000)
    for number in range(7):
        rows.add({"id": str(number)}, [b"x" * 2_500] * 2)
    rows.close()
    file = parquet.ParquetFile(tmp_path / "rows.parquet")
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [2, 2, 2, 1]
    assert file.read()["id"].to_pylist() == list("0123456")


def test_shards_hold_each_rows_record_and_pages_under_its_id(rows, tmp_path):
    with RowFolder(tmp_path / "out", [], shards=True) as out:
        for row in rows:
            out.add(row)
    found = {}
    for path in sorted((tmp_path / "out" / "webdataset").iterdir()):
        assert path.name.endswith(".train-000000.tar")
        with tarfile.open(path) as tar:
            for member in tar:
                key, _, name = member.name.partition(".")
                found.setdefault(key, {})[name] = tar.extractfile(member).read()
    assert set(found) == {row.id for row in rows}
    for row in rows:
        members = found[row.id]
        record = json.loads(members.pop("json"))
        assert [members[name] for name in record["images"]] == [picture.png for picture in row.pictures]
        assert record["about"]["seed"] == str(row.seed)
        assert len(record["prompt"][0]["content"]) == len(row.request)


def test_a_shard_ends_before_it_is_too_large_and_is_the_same_bytes_again(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        shards = ShardRows(tmp_path / folder / "rows", most_bytes=10_000)
        for number in range(6):
            shards.add(f"row-{number}", {"n": number}, [bytes(3_000)])
        shards.add("large", {}, [bytes(30_000)])
        shards.close()
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "one").iterdir()}
    assert sorted(sizes) == [f"rows-{number:06d}.tar" for number in range(4)]
    with tarfile.open(tmp_path / "one" / "rows-000000.tar") as tar:
        assert tar.getnames() == ["row-0.json", "row-0.000.png", "row-1.json", "row-1.000.png"]


def test_what_is_told_of_a_row_makes_it_again(source, folder, rows):
    told = lines(folder / "about.jsonl")
    assert [one["id"] for one in told] == [row.id for row in rows]
    for one in told[::4]:
        row = make_row(source, Order(Task(one["task"]), Split(one["split"]), int(one["seed"])))
        assert row.style.config.key == one["settings_key"]
        for picture, page in zip(row.pictures, one["pages"], strict=True):
            assert (folder / page["image"]).read_bytes() == picture.png
            assert page["text_span"] == list(picture.text_span)


def test_a_stage_that_a_trainer_does_not_have_is_not_written(folder):
    for trainer, (stages, _) in FORMATS.items():
        written = {path.name.split(".")[0] for path in (folder / trainer).iterdir()} - {"dataset_info"}
        assert written == {str(stage) for stage in stages}


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty"):
        RowFolder(tmp_path, [Trainer.TRL])


def test_of_two_jobs_that_find_a_folder_empty_one_gets_it(tmp_path):
    first = RowFolder(tmp_path / "out", [Trainer.TRL])
    with pytest.raises(OutputError, match="not there yet"):
        RowFolder(tmp_path / "out", [Trainer.TRL])
    with first:
        pass


def test_a_folder_whose_path_no_row_can_tell_is_refused_before_it_is_made(tmp_path):
    with pytest.raises(OutputError, match="is not UTF-8"):
        RowFolder(tmp_path / "half \udcff", [Trainer.TRL])
    assert list(tmp_path.iterdir()) == []


def test_all_files_are_closed_whatever_one_of_them_raises(tmp_path, rows):
    class Full(OSError):
        pass

    def close():
        raise Full

    out = RowFolder(tmp_path / "out", [Trainer.TRL, Trainer.VERL], shards=True)
    for row in rows:
        out.add(row)
    next(iter(out._tables.values())).close = close
    with pytest.raises(Full), out:
        pass
    assert all(lines.closed for lines in out._lines.values())


class TestPixelLimits:
    def test_llama_factory_shrinks_a4_from_81_dpi_up(self):
        def warning(dpi):
            return shrunk_warning(Trainer.LLAMA_FACTORY, [(595 * dpi // 72, 842 * dpi // 72)])

        assert warning(72) == ""
        assert "image_max_pixels is 589,824" in warning(81)
        assert f"set image_max_pixels: {MODEL_PIXELS}" in warning(96)

    def test_it_says_how_many_and_how_large(self):
        said = shrunk_warning(Trainer.LLAMA_FACTORY, [(100, 100), (1000, 1000), (1000, 2000)])
        assert "2 of 3 pages" in said
        assert "2,000,000" in said

    def test_every_trainer_has_a_limit_and_none_warns_at_72_dpi(self):
        assert {limit.trainer for limit in LIMITS} == set(Trainer)
        assert all(shrunk_warning(trainer, [(595, 842)]) == "" for trainer in Trainer)


def run_script(*options):
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "make_training_data.py"), *map(str, options)],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def contents(folder):
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes().replace(str(folder.resolve()).encode(), b"FOLDER")
        found[str(path.relative_to(folder))] = hashlib.sha256(data).hexdigest()
    return found


def test_two_processes_and_two_workers_make_the_same_bytes_of_every_task(tmp_path):
    common = ["--samples", "--count", 2, "--seed", 8, "--most-tokens", 4096, "--webdataset", "--pictures-inside"]
    one = run_script(*common, "--out", tmp_path / "one")
    two = run_script(*common, "--out", tmp_path / "two", "--workers", 2)
    assert one[0] == two[0] == 0, one[2] + two[2]
    assert one[1] == two[1]
    assert len({json.loads(line)["task"] for line in (tmp_path / "one" / "about.jsonl").open()}) == len(Task)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_script_refuses_in_a_sentence(tmp_path):
    status, out, said = run_script(tmp_path / "nowhere", "--out", tmp_path / "out")
    assert (status, out) == (2, "")
    assert said.startswith("make_training_data: There is no folder")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("ended_by", "status", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/rows"), 1, "stopped: No space left on device (/rows)."),
        (KeyboardInterrupt(), 130, "stopped."),
    ],
)
def test_a_job_that_broke_off_says_that_its_rows_are_not_whole(tmp_path, monkeypatch, capsys, ended_by, status, said):
    def add(self, row):
        raise ended_by

    monkeypatch.setattr(RowFolder, "add", add)
    arguments = ["--samples", "--out", str(tmp_path / "out"), "--tasks", "ocr", "--count", "1", "--seed", "5"]
    assert make_training_data.main(arguments) == status
    assert f"make_training_data: {said} The rows in --out are not whole" in capsys.readouterr().err
    assert not (tmp_path / "out" / "summary.json").exists()


def test_a_process_that_dies_is_a_sentence(source, monkeypatch):
    orders = plan(1, [Task.OCR], {Split.TRAIN: 3})
    monkeypatch.setattr(making, "_remember", os.abort)  # each process of the pool begins with it
    with pytest.raises(TrainingError, match="was killed; where memory ran out"):
        list(make_rows(source, orders, workers=2))


def test_no_row_at_all_is_told(tmp_path, capsys):
    limits = ["--least-tokens", "1", "--most-tokens", "1"]
    assert make_training_data.main(["--samples", "--out", str(tmp_path / "o"), "--tasks", "ocr", *limits]) == 0
    assert "no row was made of 11 orders" in capsys.readouterr().err


@pytest.mark.parametrize("word", ["0", "-1", "1e3", "1" + "0" * 10, "9" * 5_000, "²", ""])
def test_a_number_that_nothing_could_count_is_refused_in_a_short_sentence(word):
    with pytest.raises(ArgumentTypeError, match=r"no whole number from 1 to 1,000,000,000") as refused:
        positive(word)
    assert len(str(refused.value)) < 100
