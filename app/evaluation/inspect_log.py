"""Results in inspect-ai's own log format (version 2, one JSON file for each task and arm), for `inspect view` and its dataframes.

In: a header and results. Out: files. Written by us: inspect (MIT) has 91 packages and lives in an environment of its own
(requirements-evaluation.txt, scripts/setup-evaluation); tests/evaluation/test_inspect_log.py has inspect's own reader check them there.
An outcome becomes its letter: correct C, silently wrong I, abstained and no answer N (noanswer); the task's own score stands beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.evaluation.errors import JournalUnusable
from app.evaluation.figures import LIKENESS
from app.evaluation.journal import Header
from app.evaluation.report import Cell, report_of
from app.evaluation.statistics import Share
from app.evaluation.tasks import TASKS
from app.evaluation.values import Arm, Item, Outcome, Result
from app.paths import why_unwritable

VERSION = 2
SCORER, OWN_SCORE = "outcome", "score"
_LETTERS = {Outcome.CORRECT: "C", Outcome.WRONG: "I", Outcome.ABSTAINED: "N", Outcome.NO_ANSWER: "N"}


def write_inspect_logs(folder: Path, header: Header, results: Sequence[Result], items: Sequence[Item] = ()) -> int:
    """How many logs were written. With `items` questions and right answers stand in them too. Raises JournalUnusable."""
    report = report_of(header.plan.arms, results)
    by_id = {item.id: item for item in items}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for cell in report.cells:
            found = [one for one in results if one.task == cell.task and one.arm_key == cell.arm.key]
            name = re.sub(r"[^\w.-]+", "-", f"{cell.task}_{cell.arm.label}").strip("-")
            text = json.dumps(_log(header, cell, found, by_id), ensure_ascii=False, indent=1)
            (folder / f"{_stamp(found).replace(':', '-')}_{name}_{_id(header, cell)}.json").write_text(
                text, encoding="utf-8"
            )
    except OSError as error:
        raise JournalUnusable(why_unwritable(folder, error)) from error
    return len(report.cells)


def _log(header: Header, cell: Cell, found: Sequence[Result], items: dict[str, Item]) -> dict[str, Any]:
    model = f"openai-api/{cell.arm.role.value}/{_model(header, cell.arm)}"
    ended = max((one.at for one in found if one.at), default=_stamp(found))
    return {
        "version": VERSION,
        "status": "success",
        "eval": {
            "eval_id": _id(header, cell),
            "run_id": header.items_sha256[:22],
            "created": _stamp(found),
            "task": f"{cell.task} · {cell.arm.label}",
            "task_id": f"{cell.task}@{cell.arm.key}",
            "task_version": 0,
            "task_args": {"arm": cell.arm.label, "length": header.plan.length, "seed": header.plan.seed},
            "dataset": {
                "name": TASKS[cell.task].family,
                "samples": len(found),
                "sample_ids": [one.item_id for one in found],
                "shuffled": False,
            },
            "model": model,
            "model_generate_config": {"max_tokens": header.plan.answer_tokens, "temperature": 0.0},
            "config": {"limit": header.plan.count},
            "metadata": {"simulated": cell.simulated, "notes": list(header.notes)},
        },
        "plan": {"name": "plan", "steps": []},
        "results": {
            "total_samples": len(found),
            "completed_samples": len(found),
            "scores": [
                _score(SCORER, cell.right, cell.words),
                _score(OWN_SCORE, cell.score, ""),
                *([_score(LIKENESS, cell.likeness, "")] if cell.likeness else []),
            ],
        },
        "stats": {"started_at": _stamp(found), "completed_at": ended},
        "samples": [_sample(one, model, items.get(one.item_id)) for one in found],
    }


def _score(name: str, share: Share, words: str) -> dict[str, Any]:
    metrics = {"mean": share.value, "wilson_low": share.low, "wilson_high": share.high}
    return {
        "name": name,
        "scorer": name,
        "metrics": {key: {"name": key, "value": value} for key, value in metrics.items()},
        "metadata": {"outcomes": words},
    }


def _sample(result: Result, model: str, item: Item | None) -> dict[str, Any]:
    question = item.question if item else result.item_id
    usage = {
        "input_tokens": result.prompt_tokens or 0,
        "output_tokens": result.completion_tokens or 0,
        "total_tokens": (result.prompt_tokens or 0) + (result.completion_tokens or 0),
    }
    return {
        "id": result.item_id,
        "epoch": 1,
        "input": question,
        "target": list(item.references) if item else "",
        "messages": [
            {"role": "user", "content": question, "source": "input"},
            {"role": "assistant", "content": result.answer, "source": "generate", "model": model},
        ],
        "output": {
            "model": model,
            "choices": [
                {
                    "message": {"role": "assistant", "content": result.answer, "source": "generate", "model": model},
                    "stop_reason": "stop",
                }
            ],
            "usage": usage,
            "time": result.seconds,
        },
        "scores": {
            SCORER: {"value": _LETTERS[result.outcome], "answer": result.answer, "explanation": result.detail or None},
            OWN_SCORE: {"value": result.score},
            **({} if result.likeness is None else {LIKENESS: {"value": result.likeness}}),
        },
        "metadata": {
            "outcome": result.outcome.value,
            "pages": result.pages,
            "visual_tokens": result.visual_tokens,
            "context_tokens": result.context_tokens,
            "simulated": result.simulated,
            "ttft_ms": result.ttft_ms,
            "simulated_gpu": result.simulated_gpu,
            "simulated_speedup": result.simulated_speedup,
        },
        "model_usage": {model: usage},
        "total_time": result.seconds,
    }


def _model(header: Header, arm: Arm) -> str:
    return next((note.model for note in header.servers if note.role is arm.role), "") or "unnamed"


def _stamp(found: Sequence[Result]) -> str:
    first = min((one.at for one in found if one.at), default="")
    return first or datetime.fromtimestamp(0, UTC).isoformat()


def _id(header: Header, cell: Cell) -> str:
    return hashlib.sha256(f"{header.items_sha256} {cell.task} {cell.arm.key}".encode()).hexdigest()[:22]
