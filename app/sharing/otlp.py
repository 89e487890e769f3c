"""Runs as OTLP/JSON: a trace a run, a span `chat {model}` a side, by OpenTelemetry's GenAI conventions (status: Development).

Source of the names: semantic-conventions, docs/gen-ai, and of the form: opentelemetry-proto, ExportTraceServiceRequest in its JSON mapping
(ids in hexadecimal, 64-bit numbers as strings). Neither prompt nor answer is in it. What is ours begins with `glyph.`;
runs that could not be read are named in `glyph.left_out` of the resource.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from app.clients import Dialect

from .left_out import LeftOut
from .shared_run import SharedRun, SharedSide

_CLIENT, _ERROR, _OK = 3, 2, 1  # SpanKind, Status.code


def otlp_json(runs: Iterable[SharedRun], left_out: Iterable[LeftOut] = ()) -> str:
    spans = [_span(run, side) for run in runs for side in run.sides if side.marks.sent is not None]
    missing = [f"{one.run_id} ({one.name}): {one.why}" for one in left_out]
    told = {"service.name": "glyph-side-by-side", "glyph.left_out": missing or None}
    resource = {"attributes": _attributes(told)}
    scope_spans = [{"scope": {"name": "glyph-side-by-side"}, "spans": spans}]
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]})


def _span(run: SharedRun, side: SharedSide) -> dict[str, Any]:
    marks, failed = side.marks, side.seen.error
    span = {
        "traceId": _id(run.header.run_id, 16),
        "spanId": _id(f"{run.header.run_id} {side.asked.role}", 8),
        "name": f"chat {side.asked.model}",
        "kind": _CLIENT,
        "startTimeUnixNano": _nano(run, marks.sent or 0.0),
        "endTimeUnixNano": _nano(run, side.ended or marks.sent or 0.0),
        "attributes": _attributes(_told(run, side)),
        "status": {"code": _ERROR, "message": failed.kind} if failed else {"code": _OK},
    }
    if marks.first_token is not None:
        span["events"] = [{"timeUnixNano": _nano(run, marks.first_token), "name": "glyph.first_token"}]
    return span


def _told(run: SharedRun, side: SharedSide) -> dict[str, Any]:
    asked, usage, sampling = side.asked, side.seen.usage, side.asked.sampling
    ttft = side.seen.latencies.ttft_ms
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "vllm" if asked.dialect is Dialect.VLLM else "openai",
        "gen_ai.request.model": asked.model,
        "gen_ai.request.stream": True,
        "gen_ai.request.max_tokens": sampling.max_tokens,
        "gen_ai.request.temperature": sampling.temperature,
        "gen_ai.request.top_p": sampling.top_p,
        "gen_ai.request.seed": sampling.seed,
        "gen_ai.response.finish_reasons": [side.seen.finish_reason] if side.seen.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": ttft / 1000 if ttft is not None else None,
        "gen_ai.usage.input_tokens": side.seen.prompt_tokens,
        "gen_ai.usage.output_tokens": usage.completion_tokens if usage else None,
        "gen_ai.usage.image.input_tokens": usage.image_tokens if usage else None,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens if usage else None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens if usage else None,
        "error.type": side.seen.error.kind if side.seen.error else None,
        "glyph.side": asked.role.value,
        "glyph.simulated": asked.simulated,
        "glyph.kind": side.kind,
        "glyph.recording": run.badge,
    }


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": str(value).encode("utf-8", "replace").decode()}


def _id(words: str, size: int) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[: 2 * size]


def _nano(run: SharedRun, at_s: float) -> str:
    return str(round((run.header.began_at + at_s) * 1e9))
