#!/usr/bin/env python3
"""Have ms-swift read configs/training and our rows, and take one step of each stage on the CPU. Runs in .venv-swift.

    .venv-swift/bin/python scripts/swift_steps.py --rows DIR --model DIR --out DIR       (prove_training.py --swift calls it so)

In: a folder of rows, a tiny model with weights. Out: one JSON line: for each stage what ms-swift's own parser made of the file,
and what it logged of its one step. What a CPU cannot have is overridden and told: model, lengths, batch, 32 bits.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", USE_HF="1", CUDA_VISIBLE_DEVICES="", TOKENIZERS_PARALLELISM="false")

import yaml
from swift.arguments import PretrainArguments, RLHFArguments, SftArguments
from swift.cli.main import parse_yaml_args
from swift.utils import parse_args

ROOT = Path(__file__).resolve().parent.parent
STAGES = {"cpt": ("pt", PretrainArguments), "sft": ("sft", SftArguments), "grpo": ("rlhf", RLHFArguments)}
STEP = {
    "max_steps": "1",
    "per_device_train_batch_size": "1",
    "gradient_accumulation_steps": "1",
    "max_length": "4096",
    "torch_dtype": "float32",
    "report_to": "none",
    "save_strategy": "no",
}
GROUP_STEP = {"num_generations": "2", "per_device_train_batch_size": "2", "max_completion_length": "16"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    os.chdir(ROOT)  # the plug-in's path in grpo.yaml is the checkout's
    print(json.dumps({stage: {**parsed(stage, options), **stepped(stage, options)} for stage in STAGES}))
    return 0


def given(stage: str, options: argparse.Namespace) -> list[str]:
    rows = options.rows / "ms-swift" / f"{stage}.train.jsonl"
    named = {"model": options.model, "model_type": "glm4v", "template": "glm4_5v", "dataset": rows}
    return flags({**named, "output_dir": options.out / stage})


def flags(values: dict[str, Any]) -> list[str]:
    return [word for name, value in values.items() for word in (f"--{name}", str(value))]


def parsed(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """The file's values beside those that ms-swift has after parsing it, and what it did not know."""
    file = ROOT / "configs" / "training" / f"{stage}.yaml"
    words = [str(file)]
    parse_yaml_args(words)
    known, unknown = parse_args(STAGES[stage][1], [*words, *given(stage, options), "--use_cpu", "true"])
    written = yaml.safe_load(file.read_text())
    values = {name: [str(value), str(getattr(known, name, None))] for name, value in written.items()}
    return {"unknown": unknown, "values": values}


def stepped(stage: str, options: argparse.Namespace) -> dict[str, Any]:
    """One step by the command that the file's head names."""
    command = [
        sys.executable,
        "-m",
        "swift.cli.main",
        STAGES[stage][0],
        str(ROOT / "configs" / "training" / f"{stage}.yaml"),
    ]
    step = {**STEP, **(GROUP_STEP if stage == "grpo" else {})}
    done = subprocess.run(
        [*command, *given(stage, options), *flags(step)], capture_output=True, text=True, errors="replace", check=False
    )
    lines = [
        json.loads(line)
        for file in (options.out / stage).rglob("logging.jsonl")
        for line in file.read_text().splitlines()
    ]
    said = "" if done.returncode == 0 else (done.stdout + done.stderr)[-2_000:]
    return {"status": done.returncode, "said": said, "logged": [line for line in lines if "loss" in line]}


if __name__ == "__main__":
    sys.exit(main())
