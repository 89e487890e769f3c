#!/usr/bin/env python3
"""Have LLaMA-Factory's own loader read our rows, and take a step on them on the CPU. Runs in .venv-llama-factory.

    .venv-llama-factory/bin/python scripts/llama_factory_steps.py --rows DIR --model DIR --out DIR   (prove_training.py calls it so)

In: a folder of rows, a tiny model with weights. Out: one JSON line: for each data set the visual tokens that the rows tell and those
that the loader makes of the pages, with the limit on pixels raised and with its own; the loss of one step.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.update(
    HF_HUB_OFFLINE="1", CUDA_VISIBLE_DEVICES="", TOKENIZERS_PARALLELISM="false", DISABLE_VERSION_CHECK="1"
)

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
from llamafactory.train.tuner import run_exp

RAISED = 4_816_896  # what app/training/pixel_limits.py tells to set
IMAGE = "<|image|>"
DATASETS = {
    "glyph_sft_train": ("sft", True),
    "glyph_cpt_train": ("cpt", False),
}  # stage; enable_thinking (docs/training.md)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    told = [json.loads(line) for line in (options.rows / "about.jsonl").read_text().splitlines()]
    found = {}
    for name, (stage, _) in DATASETS.items():
        rows = [one for one in told if one["task"].startswith("sft-") == (stage == "sft") and "grpo" not in one["task"]]
        found[name] = {
            "told": sum(one["tokens"]["visual"] for one in rows),
            "raised": visual_tokens(settings(name, options, image_max_pixels=RAISED)),
            "default": visual_tokens(settings(name, options)),
            "loss": stepped(settings(name, options, image_max_pixels=RAISED)),
        }
    print(json.dumps(found))
    return 0


def settings(name: str, options: argparse.Namespace, **more: Any) -> dict[str, Any]:
    return {
        "model_name_or_path": str(options.model),
        "dataset_dir": str(options.rows / "llama-factory"),
        "dataset": name,
        "template": "glm4v",
        "enable_thinking": DATASETS[name][1],
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "full",
        "freeze_vision_tower": False,
        "freeze_multi_modal_projector": False,
        "cutoff_len": 8_192,
        "max_steps": 1,
        "per_device_train_batch_size": 1,
        "output_dir": str(options.out / name),
        "report_to": "none",
        "save_strategy": "no",
        "bf16": False,
        **more,
    }


def visual_tokens(values: dict[str, Any]) -> int:
    """Of all rows of a data set, as its loader makes them."""
    model, data, training, _, _ = get_train_args(dict(values))
    loaded = load_tokenizer(model)
    template = get_template_and_fix_tokenizer(loaded["tokenizer"], data)
    rows = get_dataset(template, model, data, training, stage="sft", **loaded)["train_dataset"]
    image = loaded["tokenizer"].convert_tokens_to_ids(IMAGE)
    return sum(list(row["input_ids"]).count(image) for row in rows)


def stepped(values: dict[str, Any]) -> float:
    run_exp(dict(values))
    return float(json.loads((Path(values["output_dir"]) / "train_results.json").read_text())["train_loss"])


if __name__ == "__main__":
    sys.exit(main())
