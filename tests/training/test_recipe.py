"""The recipe's files carry the paper's hyperparameters, and every line says where its value is from."""

from pathlib import Path

import pytest

from scripts.training_rewards import REWARDS

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "training"

# arXiv 2510.17800, training details.
PAPER = {
    "cpt": {"learning_rate": "2.0e-6", "lr_scheduler_type": "cosine", "max_steps": "4000", "max_length": "131072"},
    "sft": {"learning_rate": "5.0e-6", "max_steps": "1500", "warmup_steps": "160"},
    "grpo": {
        "learning_rate": "1.0e-6",
        "lr_scheduler_type": "constant",
        "max_steps": "500",
        "num_generations": "16",
        "epsilon": "0.2",
        "epsilon_high": "0.28",
        "dynamic_sample": "true",
    },
}
COMMANDS = {"cpt": "pt", "sft": "sft", "grpo": "rlhf"}
BATCH = {"cpt": (10, 170), "sft": (8, 32), "grpo": (8, 32 * 16)}  # GPUs that the file names; samples a step


def settings(stage):
    found = {}
    for line in (FOLDER / f"{stage}.yaml").read_text().splitlines():
        if line and not line.startswith("#"):
            key, rest = line.split(":", 1)
            value, mark, source = rest.partition(" #")
            assert mark, line
            assert source.strip().startswith(("paper", "ms-swift", "ours")), line
            found[key] = value.strip()
    return found


@pytest.mark.parametrize("stage", PAPER)
def test_the_papers_values_stand_and_each_line_has_its_source(stage):
    assert PAPER[stage].items() <= settings(stage).items()


@pytest.mark.parametrize("stage", BATCH)
def test_batches_multiply_to_the_papers(stage):
    gpus, samples = BATCH[stage]
    found = settings(stage)
    assert int(found["per_device_train_batch_size"]) * int(found["gradient_accumulation_steps"]) * gpus == samples


@pytest.mark.parametrize("stage", PAPER)
def test_the_command_in_a_files_head_is_one_that_ms_swift_takes(stage):
    """It wants the file first, without a flag (swift/cli/main.py, 4.6.0); prove_training.py --swift runs it."""
    head = " ".join(line.lstrip("# ") for line in (FOLDER / f"{stage}.yaml").read_text().splitlines() if line[0] == "#")
    assert f"swift {COMMANDS[stage]} configs/training/{stage}.yaml --dataset DIR/ms-swift/{stage}.train.jsonl" in head


@pytest.mark.parametrize("stage", ["cpt", "sft"])
def test_a_row_that_is_too_long_is_left_out_and_never_cut(stage):
    """ms-swift 4.6.0 takes delete, left, right and split; the last three would cut pages off."""
    assert settings(stage)["truncation_strategy"] == "delete"


def test_the_model_thinks_before_it_answers():
    """ms-swift's template puts an empty <think></think> before every sampled answer unless it is told not to."""
    assert settings("grpo")["enable_thinking"] == "true"


@pytest.mark.parametrize("stage", PAPER)
def test_vision_is_trained(stage):
    assert settings(stage)["freeze_vit"] == settings(stage)["freeze_aligner"] == "false"


def test_the_plug_in_has_the_rewards_that_are_named():
    named = settings("grpo")["reward_funcs"].strip("[]").split(", ")
    assert named == [reward.__name__ for reward in REWARDS]
    assert (FOLDER.parents[1] / settings("grpo")["external_plugins"]).is_file()
