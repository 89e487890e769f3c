"""Trainers read our rows: each writer's by a loader, and TRL and ms-swift take steps with a tiny random model on the CPU.

What needs a trainer's environment is marked `trainers`, runs by `bash scripts/test --trainers`, and is skipped where there is none.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.training.kinds import Split, Stage, Task
from app.training.making import Skipped, make_rows, plan
from app.training.writers import RowFolder, Trainer
from scripts import prove_training
from scripts.prove_training import (
    LLAMA_FACTORY,
    ROOT,
    SWIFT,
    TRL,
    llama_factory_claims,
    rule_judge,
    swift_claims,
    trl_claims,
)
from scripts.training_rewards import glyph_judge

needs_trl = pytest.mark.skipif(not TRL.exists(), reason="TRL's environment is not there: bash scripts/setup-trainers")
needs_swift = pytest.mark.skipif(
    not SWIFT.exists(), reason="ms-swift's environment is not there: bash scripts/setup-trainers --swift"
)
needs_llama_factory = pytest.mark.skipif(
    not LLAMA_FACTORY.exists(),
    reason="LLaMA-Factory's environment is not there: bash scripts/setup-trainers --llama-factory",
)


def steps():
    return {"loss": [11.9, 11.8], "grad_norm": [5.0, 4.0], "moved": {"visual": 0.1, "lm_head": 0.1}}


def right_results():
    """As trl_steps.py prints them."""
    rewards = [
        {"reward": reward, "task": [task] * 4, "given": list(given)}
        for (task, reward), given in prove_training.EXPECTED.items()
    ]
    return {
        "rows": {"sft": 1},
        "counted": [{"id": "a", "told": {"text": 3}, "processor": {"text": 3}}],
        "cpt": steps(),
        "sft": steps(),
        "grpo_sampled": steps(),
        "grpo_planted": {**steps(), "rewards": rewards, "logged": [{"reward_std": 0.8}]},
    }


class TestClaims:
    """What the proof says of results that are right, and of each that is not."""

    def test_right_results_hold(self):
        assert all(claim.holds for claim in trl_claims(right_results()))

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            (("counted", 0, "processor", "text"), 4),
            (("counted",), []),
            (("cpt", "loss", 0), math.nan),
            (("sft", "loss"), []),
            (("grpo_sampled", "grad_norm", 1), math.inf),
            (("sft", "moved", "visual"), 0.0),
            (("grpo_planted", "rewards", 1, "given", 2), 1.0),
            (("grpo_planted", "rewards", 2, "given", 0), None),
            (("grpo_planted", "rewards"), []),
            (("grpo_planted", "logged", 0, "reward_std"), 0.0),
        ],
    )
    def test_one_wrong_result_fails_one_claim(self, place, value):
        found = right_results()
        inner = found
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = value
        assert [claim.holds for claim in trl_claims(found)].count(False) == 1

    def test_an_option_that_swift_does_not_know_or_reads_otherwise_is_named(self):
        logged = [{"loss": 0.1, **{f"rewards/glyph_{name}/mean": 0.0 for name in ("judge", "format", "ocr")}}]
        values = {
            "warmup_steps": ["160", "160.0"],
            "torch_dtype": ["bfloat16", "torch.bfloat16"],
            "epsilon": ["0.2", "0.2"],
        }
        one = {"unknown": [], "values": values, "status": 0, "said": "", "logged": logged}
        assert all(claim.holds for claim in swift_claims({"grpo": one}))
        other = {**one, "values": {**values, "epsilon": ["0.2", "0.3"]}, "unknown": ["--config"]}
        wrong = [claim.seen for claim in swift_claims({"grpo": other}) if not claim.holds]
        assert wrong == ["3 values, unknown ['--config'], read otherwise ['epsilon']"]

    @pytest.mark.parametrize(
        ("change", "holding"),
        [
            ({}, [True, True, True]),
            ({"raised": 99}, [False, True, True]),
            ({"default": 100}, [True, False, True]),
            ({"loss": math.nan}, [True, True, False]),
        ],
    )
    def test_pages_that_llama_factory_shrinks_are_seen(self, change, holding):
        one = {"told": 100, "raised": 100, "default": 60, "loss": 11.9, **change}
        assert [claim.holds for claim in llama_factory_claims({"glyph_sft_train": one})] == holding


def test_the_rule_judge_is_asked_as_any_endpoint_is(monkeypatch):
    from scripts import training_rewards

    columns = {"task": ["grpo-qa"] * 2, "solution": ["163"] * 2, "question": ["How many?"] * 2}
    with rule_judge() as url:
        monkeypatch.setenv("GLYPH_JUDGE_URL", url)
        training_rewards._judge.cache_clear()
        try:
            assert glyph_judge(["<think>a</think>It is 163.", "<think>163</think>It is 4."], **columns) == [1.0, 0.0]
        finally:
            training_rewards._judge.cache_clear()


def test_a_missing_environment_is_named_with_its_command(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(prove_training, "TRL", tmp_path / "python")
    assert prove_training.main([]) == 2
    assert "bash scripts/setup-trainers" in capsys.readouterr().err


READ = """
import json, sys
from pathlib import Path
import webdataset
from datasets import Image, List, load_dataset
top, cache = Path(sys.argv[1]), sys.argv[2]
found = {}
for path in sorted(top.glob("*/*.train.*")):
    kind = "parquet" if path.suffix == ".parquet" else "json"
    if path.suffix not in (".parquet", ".jsonl"):
        continue
    rows = load_dataset(kind, data_files=str(path), split="train", cache_dir=cache)
    pages = 0
    if "images" in rows.column_names:
        if kind == "json":
            rows = rows.cast_column("images", List(Image()))
        pages = sum(image.size[0] > 0 for row in rows for image in row["images"])
    else:
        parts = [part for row in rows for message in row["messages"] for part in message["content"]]
        pages = sum(Path(part["path"]).is_file() for part in parts if part["type"] == "image")
    found[str(path.relative_to(top))] = [len(rows), pages]
for path in sorted(top.glob("webdataset/*.tar")):
    samples = list(webdataset.WebDataset(str(path), shardshuffle=False).decode("pil"))
    pages = sum(sample[name].size[0] > 0 for sample in samples for name in sample["json"]["images"])
    found[str(path.relative_to(top))] = [len(samples), pages]
print(json.dumps(found))
"""


@pytest.mark.trainers
@needs_trl
def test_every_writers_rows_and_pages_load(source, tmp_path):
    made = [one for one in make_rows(source, plan(21, list(Task), {Split.TRAIN: 2})) if not isinstance(one, Skipped)]
    for inside in (False, True):
        with RowFolder(tmp_path / str(inside), list(Trainer), pictures_inside=inside, shards=True) as out:
            for row in made:
                out.add(row)
    expected = {
        stage: [
            sum(row.task.stage is stage for row in made),
            sum(len(row.pictures) for row in made if row.task.stage is stage),
        ]
        for stage in Stage
    }
    for inside in (False, True):
        command = [str(TRL), "-c", READ, str(tmp_path / str(inside)), str(tmp_path / "cache")]
        environment = {**os.environ, "HF_DATASETS_OFFLINE": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        found = json.loads(done.stdout.splitlines()[-1])
        assert len(found) == 3 + 2 + 3 + 2 + 1 + 3, found
        for name, counts in found.items():
            assert counts == expected[Stage(Path(name).name.split(".")[0])], name


@pytest.mark.trainers
@needs_trl
@pytest.mark.timeout(1_500)
def test_trl_takes_steps_on_our_rows_with_our_rewards(tmp_path):
    assert claims_of(tmp_path) == {}


@pytest.mark.trainers
@needs_trl
@needs_swift
@pytest.mark.timeout(3_000)
def test_ms_swift_reads_the_recipe_and_takes_a_step_of_each_stage(tmp_path):
    assert claims_of(tmp_path, "--swift") == {}


@pytest.mark.trainers
@needs_trl
@needs_llama_factory
@pytest.mark.timeout(3_000)
def test_llama_factory_keeps_the_pages_as_they_are_drawn_and_takes_a_step(tmp_path):
    assert claims_of(tmp_path, "--llama-factory") == {}


def claims_of(folder: Path, *options: str) -> dict[str, str]:
    """The claims that do not hold, with what was seen."""
    command = [sys.executable, str(ROOT / "scripts" / "prove_training.py"), "--out", str(folder / "proof"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr[-3000:]
    claims = json.loads(done.stdout.splitlines()[-1])["claims"]
    assert len(claims) >= 8
    return {claim["words"]: claim["seen"] for claim in claims if not claim["holds"]}
