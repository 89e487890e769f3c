"""Records and plans to JSON values and back, checked. Knows nothing of files. What is wrong raises ValueError or its kin."""

from __future__ import annotations

from typing import Any

from app.clients import Role
from app.long_runs.journal_values import figure, whole, words, yes_or_no
from app.measurement import CacheState, Provenance
from app.sweep.values import Arm, Kind, Outcome, Record, SweepPlan, Task


def plan_to_json(plan: SweepPlan) -> dict[str, Any]:
    return {
        "lengths": list(plan.lengths),
        "dpis": list(plan.dpis),
        "repeats": plan.repeats,
        "decode": plan.decode,
        "at_once": list(plan.at_once),
        "prefill_answer_tokens": plan.prefill_answer_tokens,
        "answer_tokens": plan.answer_tokens,
        "seed": plan.seed,
    }


def plan_from_json(value: Any) -> SweepPlan:
    return SweepPlan(
        lengths=_whole_list(value["lengths"]),
        dpis=_whole_list(value["dpis"]),
        repeats=whole(value["repeats"]),
        decode=yes_or_no(value["decode"]),
        at_once=_whole_list(value["at_once"]),
        prefill_answer_tokens=whole(value["prefill_answer_tokens"]),
        answer_tokens=whole(value["answer_tokens"]),
        seed=whole(value["seed"]),
    )


def record_to_json(record: Record) -> dict[str, Any]:
    task = record.task
    return {
        "kind": task.kind.value,
        "side": task.arm.role.value,
        "dpi": task.arm.dpi,
        "aimed_tokens": task.text_tokens,
        "at_once": task.at_once,
        "repeat": task.repeat,
        "outcome": record.outcome.value,
        "provenance": record.provenance.value,
        "at": record.at,
        "text_tokens": record.text_tokens,
        "visual_tokens": record.visual_tokens,
        "pages": record.pages,
        "render_ms": record.render_ms,
        "prompt_tokens": record.prompt_tokens,
        "cache": record.cache.value,
        "ttft_ms": list(record.ttft_ms),
        "tokens_per_second": record.tokens_per_second,
        "answer_tokens": record.answer_tokens,
        "headers_ms": list(record.headers_ms),
        "kv_cache_peak": record.kv_cache_peak,
        "waiting_peak": record.waiting_peak,
        "seconds": record.seconds,
        "detail": record.detail,
    }


def record_from_json(value: Any) -> Record:
    if value["type"] != "record":
        raise ValueError("a record is expected")
    dpi = value["dpi"]
    arm = Arm(Role(value["side"]), None if dpi is None else whole(dpi))
    if (arm.role is Role.TEXT) != (arm.dpi is None):
        raise ValueError("pages have a dpi, and the text has none")
    task = Task(Kind(value["kind"]), arm, whole(value["aimed_tokens"]), whole(value["at_once"]), whole(value["repeat"]))
    return Record(
        task=task,
        outcome=Outcome(value["outcome"]),
        provenance=Provenance(value["provenance"]),
        at=words(value["at"]),
        text_tokens=_maybe_whole(value["text_tokens"]),
        visual_tokens=_maybe_whole(value["visual_tokens"]),
        pages=_maybe_whole(value["pages"]),
        render_ms=_maybe_figure(value["render_ms"]),
        prompt_tokens=_maybe_whole(value["prompt_tokens"]),
        cache=CacheState(value["cache"]),
        ttft_ms=tuple(figure(one) for one in value["ttft_ms"]),
        tokens_per_second=_maybe_figure(value["tokens_per_second"]),
        answer_tokens=_maybe_whole(value["answer_tokens"]),
        # Journals of before these were noted lack them.
        headers_ms=tuple(figure(one) for one in value.get("headers_ms", ())),
        kv_cache_peak=_maybe_figure(value.get("kv_cache_peak")),
        waiting_peak=_maybe_whole(value.get("waiting_peak")),
        seconds=figure(value["seconds"]),
        detail=words(value["detail"]),
    )


def _maybe_whole(value: Any) -> int | None:
    return None if value is None else whole(value)


def _maybe_figure(value: Any) -> float | None:
    return None if value is None else figure(value)


def _whole_list(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is no list")
    return tuple(whole(one) for one in value)
