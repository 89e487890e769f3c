#!/usr/bin/env python3
"""Have TRL train a tiny random Glm4v on the CPU for a few steps, on rows of ours, with our rewards. Runs in .venv-trainers.

    .venv-trainers/bin/python scripts/trl_steps.py --rows DIR --model DIR --out DIR      (prove_training.py calls it so)

In: a folder of rows (make_training_data.py), a folder of configuration and tokenizer (tiny_models.py; weights are random).
Out: one JSON line: the rows' tokens as the model's own processor counts them, losses, gradients, which parts of the model moved,
and the reward of every planted answer. Judges nothing: prove_training.py does. Nothing here learns to read.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from datasets import Dataset, Image, List, load_dataset
from transformers import AutoProcessor, Glm4vConfig, Glm4vForConditionalGeneration
from trl import GRPOConfig, GRPOTrainer, SFTConfig, SFTTrainer

from app.training.escaping import escape
from scripts.training_rewards import REWARDS

SEED = 7
GROUP = 4  # samples of one question
MOST_SAMPLED = 16  # tokens of the random model's own answers, which are noise
IMAGE, BEGIN, END = "<|image|>", "<|begin_of_image|>", "<|end_of_image|>"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    processor = AutoProcessor.from_pretrained(options.model)
    model = tiny_model(options.model)
    model.save_pretrained(options.out / "model")  # for ms-swift, which reads its weights from a folder
    processor.save_pretrained(options.out / "model")
    cpt, sft, grpo = (loaded(options, stage) for stage in ("cpt", "sft", "grpo"))
    told = [json.loads(line) for line in (options.rows / "about.jsonl").read_text().splitlines()]
    found = {
        "parameters": sum(p.numel() for p in model.parameters()),
        "rows": {"cpt": len(cpt), "sft": len(sft), "grpo": len(grpo)},
        "counted": counted(processor, {**by_id(cpt), **by_id(sft), **by_id(grpo)}, told),
        "cpt": trained_sft(model, processor, shortest(cpt, told, 2), options),
        "sft": trained_sft(model, processor, shortest(sft, told, 3), options),
        "grpo_sampled": trained_grpo(model, processor, shortest(grpo, told, 2), options, MOST_SAMPLED),
        "grpo_planted": trained_grpo(model, processor, one_of_each(grpo, told), options, planted),
    }
    print(json.dumps(found))
    return 0


def tiny_model(folder: Path) -> Glm4vForConditionalGeneration:
    """Random weights, in 32 bits: a CPU has no quick 16."""
    config = Glm4vConfig.from_pretrained(folder)
    return Glm4vForConditionalGeneration(config).to(torch.float32)


def loaded(options: argparse.Namespace, stage: str) -> Dataset:
    """By Hugging Face's `datasets`, which is TRL's own way."""
    file = str(options.rows / "trl" / f"{stage}.train.jsonl")
    rows = load_dataset("json", data_files=file, split="train", cache_dir=str(options.out / "datasets"))
    return rows.cast_column("images", List(Image()))


def by_id(rows: Dataset) -> dict[str, Any]:
    return {row["id"]: row for row in rows}


def shortest(rows: Dataset, told: Sequence[dict[str, Any]], count: int) -> Dataset:
    tokens = {one["id"]: one["tokens"]["total"] for one in told}
    order = sorted(range(len(rows)), key=lambda number: tokens[rows[number]["id"]])
    return rows.select(order[:count])


def one_of_each(rows: Dataset, told: Sequence[dict[str, Any]]) -> Dataset:
    ordered = shortest(rows, told, len(rows))
    tasks = list(ordered["task"])
    return ordered.select([tasks.index(task) for task in ("grpo-ocr", "grpo-qa")])


def counted(processor: Any, rows: dict[str, Any], told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each row, what it says of its tokens and what the processor makes of its pages and texts."""
    ids = {name: processor.tokenizer.convert_tokens_to_ids(name) for name in (IMAGE, BEGIN, END)}
    found = []
    for one in told:
        row = rows.get(one["id"])
        if row is None:
            continue
        parts = [part for message in [*row["prompt"], *row.get("completion", [])] for part in message["content"]]
        texts = [part["text"] for part in parts if part["type"] == "text"]
        said = processor.apply_chat_template(row["prompt"])
        made = processor(text=[said], images=row["images"])["input_ids"][0]
        counts = {name: list(made).count(number) for name, number in ids.items()}
        read = {
            "text": sum(len(processor.tokenizer(text)["input_ids"]) for text in texts),
            "visual": counts[IMAGE],
            "marks": counts[BEGIN] + counts[END],
        }
        found.append({"id": one["id"], "told": {k: one["tokens"][k] for k in read}, "processor": read})
    return found


def trained_sft(model: Any, processor: Any, rows: Dataset, options: argparse.Namespace) -> dict[str, Any]:
    arguments = SFTConfig(max_length=None, max_steps=len(rows), **common(options))
    trainer = SFTTrainer(model=model, args=arguments, train_dataset=rows, processing_class=processor)
    return stepped(trainer, model)


Answers = Callable[[dict[str, Any]], list[str]]


def planted(row: dict[str, Any]) -> list[str]:
    """A group of answers whose rewards are known beforehand (prove_training.py has them)."""
    meant = row["solution"]
    if row["task"] == "grpo-qa":
        return [
            f"<think>The page says so.</think>{meant}",
            "<think>Hm.</think>I do not know.",
            meant,
            f"<think>{meant}",
        ]
    return [f"<think></think>{escape(meant)}", f"<think></think>{escape(meant[: len(meant) // 2])}", escape(meant), ""]


def trained_grpo(
    model: Any, processor: Any, rows: Dataset, options: argparse.Namespace, answers: Answers | int
) -> dict[str, Any]:
    """One question with its group a step. Planted answers come where the model would sample; all else is TRL's own."""
    heard: list[dict[str, Any]] = []
    arguments = GRPOConfig(
        max_steps=len(rows),
        num_generations=GROUP,
        epsilon=0.2,
        epsilon_high=0.28,
        shuffle_dataset=False,
        max_completion_length=answers if isinstance(answers, int) else 4_096,
        **{**common(options), "per_device_train_batch_size": GROUP},
    )
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=[listening(reward, heard) for reward in REWARDS],
        args=arguments,
        train_dataset=rows,
        processing_class=processor,
    )
    sampling = model.generate
    if not isinstance(answers, int):
        model.generate = planting(processor, list(rows), answers)
    try:
        return {**stepped(trainer, model), "rewards": heard}
    finally:
        model.generate = sampling


def planting(processor: Any, rows: list[dict[str, Any]], answers: Answers) -> Callable[..., torch.Tensor]:
    """In place of `generate`: the group's answers, as ids behind the prompt, ended and filled up."""
    tokenizer = processor.tokenizer

    def generate(input_ids: torch.Tensor, **_: Any) -> torch.Tensor:
        said = tokenizer.decode(input_ids[0])
        (row,) = [one for one in rows if one["question"] in said]
        ended = [f"{answer}{tokenizer.eos_token}" for answer in answers(row)]
        filled = tokenizer(ended, return_tensors="pt", padding=True, padding_side="right")["input_ids"]
        return torch.cat([input_ids, filled], dim=1)

    return generate


def listening(reward: Callable[..., Sequence[Any]], heard: list[dict[str, Any]]) -> Callable[..., Sequence[Any]]:
    def listener(completions: list[Any], **columns: Any) -> Sequence[Any]:
        given = reward(completions, **columns)
        said = [completion[-1]["content"] for completion in completions]
        heard.append({"reward": reward.__name__, "task": columns["task"], "given": given, "said": said})
        return given

    listener.__name__ = reward.__name__
    return listener


def common(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "output_dir": str(options.out / "trainer"),
        "per_device_train_batch_size": 1,
        "learning_rate": 1e-3,
        "lr_scheduler_type": "constant",
        "logging_steps": 1,
        "report_to": [],
        "save_strategy": "no",
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "disable_tqdm": True,
        "seed": SEED,
    }


def stepped(trainer: Any, model: Any) -> dict[str, Any]:
    """Train. Losses and gradients a step, and how far the parts of the model moved (largest change of any weight)."""
    before = {name: weights.detach().clone() for name, weights in model.named_parameters()}
    trainer.train()
    moved: dict[str, float] = {}
    for name, weights in model.named_parameters():
        part = next((part for part in ("visual.merger", "visual", "language_model", "lm_head") if part in name), name)
        moved[part] = max(moved.get(part, 0.0), float((weights.detach() - before[name]).abs().max()))
    steps = [one for one in trainer.state.log_history if "loss" in one]
    return {
        "loss": [one["loss"] for one in steps],
        "grad_norm": [one["grad_norm"] for one in steps],
        "logged": [{k: v for k, v in one.items() if k.startswith("reward")} for one in steps],
        "moved": moved,
    }


if __name__ == "__main__":
    sys.exit(main())
