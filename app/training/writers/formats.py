"""One row and the places of its pictures in, one trainer's record out. Writes nothing.

Every record has its row's "id", by which about.jsonl tells settings, spans, tokens and seed. Field names are those of
ms-swift 4.6.0, LLaMA-Factory 0.9.5, TRL 1.16.0, axolotl 0.19.0 and verl (docs: "Custom dataset", "Data preparation",
"Dataset formats", "Multimodal", "Prepare data for post-training").
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from app.training.kinds import Stage
from app.training.values import Picture, Row, Words

Record = dict[str, Any]
IMAGE = "<image>"


class Trainer(StrEnum):
    MS_SWIFT = "ms-swift"
    LLAMA_FACTORY = "llama-factory"
    TRL = "trl"
    AXOLOTL = "axolotl"
    VERL = "verl"


def flat(row: Row) -> str:
    """The request as one text with a placeholder for each picture; a line ends between a text and what follows it."""
    said = ""
    for part in row.request:
        piece = part.text if isinstance(part, Words) else IMAGE
        said += "\n" + piece if isinstance(part, Words) and said.endswith(IMAGE) else piece
    return said


def ms_swift(row: Row, images: list[str]) -> Record:
    """Pre-training learns all of the text, so it is one message of the assistant's; GRPO has no answer."""
    if row.task.stage is Stage.CPT:
        messages = [{"role": "assistant", "content": f"{flat(row)}\n{row.answer}"}]
        return {"id": row.id, "messages": messages, "images": images}
    messages = [{"role": "user", "content": flat(row)}]
    if row.task.stage is Stage.GRPO:
        return {"id": row.id, "messages": messages, "images": images, **_reference(row)}
    return {"id": row.id, "messages": [*messages, {"role": "assistant", "content": row.answer}], "images": images}


def llama_factory(row: Row, images: list[str]) -> Record:
    """Its own pre-training reads text only: rows of that stage are learnt as conversations. It has no GRPO."""
    messages = [{"role": "user", "content": flat(row)}, {"role": "assistant", "content": row.answer}]
    return {"id": row.id, "messages": messages, "images": images}


def trl(row: Row, images: list[str]) -> Record:
    """Prompt and completion apart, so that only the answer is learnt."""
    prompt = [{"role": "user", "content": _parts(row, lambda _: {"type": "image"})}]
    record: Record = {"id": row.id, "images": images, "prompt": prompt}
    if row.task.stage is Stage.GRPO:
        return {**record, **_reference(row)}
    return {**record, "completion": [{"role": "assistant", "content": [{"type": "text", "text": row.answer}]}]}


def axolotl(row: Row, images: list[str]) -> Record:
    request = _parts(row, lambda number: {"type": "image", "path": images[number]})
    answer = [{"type": "text", "text": row.answer}]
    return {"id": row.id, "messages": [_said("user", request), _said("assistant", answer)]}


def verl(row: Row, images: list[str]) -> Record:
    """For reinforcement learning. `data_source` chooses the reward."""
    return {
        "data_source": f"glyph/{row.task}",
        "prompt": [{"role": "user", "content": flat(row)}],
        "images": [{"image": image} for image in images],
        "reward_model": {"style": "rule", "ground_truth": row.solution},
        "extra_info": {"id": row.id, "split": str(row.split), "seed": str(row.seed)},
    }


def _reference(row: Row) -> Record:
    return {"solution": row.solution, "task": str(row.task), "question": _question(row)}


def _question(row: Row) -> str:
    last = row.request[-1]
    return last.text if isinstance(last, Words) else ""


def _said(role: str, content: list[Record]) -> Record:
    return {"role": role, "content": content}


def _parts(row: Row, image: Callable[[int], Record]) -> list[Record]:
    found: list[Record] = []
    number = 0
    for part in row.request:
        if isinstance(part, Picture):
            found.append(image(number))
            number += 1
        else:
            found.append({"type": "text", "text": part.text})
    return found


# What each trainer takes, and how. A stage that is not here the trainer does not have, for rows with pictures.
FORMATS: dict[Trainer, tuple[tuple[Stage, ...], Callable[[Row, list[str]], Record]]] = {
    Trainer.MS_SWIFT: ((Stage.CPT, Stage.SFT, Stage.GRPO), ms_swift),
    Trainer.LLAMA_FACTORY: ((Stage.CPT, Stage.SFT), llama_factory),
    Trainer.TRL: ((Stage.CPT, Stage.SFT, Stage.GRPO), trl),
    Trainer.AXOLOTL: ((Stage.CPT, Stage.SFT), axolotl),
    Trainer.VERL: ((Stage.GRPO,), verl),
}
