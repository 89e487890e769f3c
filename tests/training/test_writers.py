"""Records have each trainer's fields; the script's folders are the same bytes whoever makes them."""

import hashlib
import json
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.training.errors import OutputError
from app.training.kinds import Split, Stage, Task
from app.training.making import Order, Skipped, make_row, make_rows, plan
from app.training.pixel_limits import LIMITS, MODEL_PIXELS, shrunk_warning
from app.training.values import Words
from app.training.writers import FORMATS, RowFolder, Trainer
from app.training.writers.shards import ShardRows

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
