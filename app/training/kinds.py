"""Stages, tasks and splits by name. Imports nothing of ours: a trainer's environment has no renderer (see rewards.py)."""

from enum import StrEnum


class Stage(StrEnum):
    """The paper's three stages of training (arXiv 2510.17800, section 3)."""

    CPT = "cpt"
    SFT = "sft"
    GRPO = "grpo"


class Task(StrEnum):
    """What a row asks. The first three are the paper's families of continual pre-training."""

    OCR = "ocr"
    INTERLEAVED = "interleaved"
    GENERATION = "generation"
    SFT_OCR = "sft-ocr"
    """The auxiliary OCR rows of the second stage."""
    SFT_QA = "sft-qa"
    GRPO_OCR = "grpo-ocr"
    GRPO_QA = "grpo-qa"

    @property
    def stage(self) -> Stage:
        head = self.value.partition("-")[0]
        return Stage(head) if head in ("sft", "grpo") else Stage.CPT

    @property
    def needs_questions(self) -> bool:
        return self in (Task.SFT_QA, Task.GRPO_QA)


class Split(StrEnum):
    TRAIN = "train"
    HELD_OUT = "heldout"
