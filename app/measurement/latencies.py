"""Derive figures from marks.

In: Marks, usage, preparation times. Out: Latencies in milliseconds; None where a mark is missing, never a substitute.
Knows nothing of streams.

TTFT                 first token of any kind (reasoning or answer) minus sent. An empty first chunk is no token.
time to first answer first answer token minus sent.
headers              headers minus body sent. On vLLM: fetching and preprocessing the images, or tokenizing the text.
queue and prefill    first token minus headers.
decode tokens/s      (completion tokens - 1) / (last token - first token), with the server's own count of tokens.
TPOT                 its inverse, in milliseconds.
total                last token minus sent.

A simulated side's last token is taken at its simulated instant (Marks.late_s): what its stand-in needed beyond is no latency.
"""

from __future__ import annotations

from app.clients import UsageReport
from app.measurement.values import CacheState, Latencies, Marks, Preparation, Provenance

# vLLM reuses whole blocks of 16 tokens, and two prompts share the chat template's opening words at least: fewer cached
# tokens than this share of the prompt is not a warm start.
_WARM_SHARE = 0.01
_TEMPLATE_TOKENS = 64


def latencies(
    marks: Marks,
    usage: UsageReport | None,
    preparation: Preparation = Preparation(),  # noqa: B008 - frozen
    provenance: Provenance = Provenance.MEASURED,
) -> Latencies:
    ttft_ms = _between(marks.sent, marks.first_token)
    last = marks.last_counted(provenance)
    decode_s = _between(marks.first_token, last, 1.0)
    tokens = usage.completion_tokens if usage is not None else None
    gaps = tokens - 1 if tokens is not None and tokens > 1 else None
    rate = gaps / decode_s if gaps is not None and decode_s else None
    return Latencies(
        provenance=provenance,
        ttft_ms=ttft_ms,
        ttft_with_preparation_ms=None if ttft_ms is None else ttft_ms + preparation.total_ms,
        time_to_first_answer_ms=_between(marks.sent, marks.first_answer),
        send_ms=_between(marks.sent, marks.body_sent),
        headers_ms=_between(marks.body_sent, marks.headers),
        queue_and_prefill_ms=_between(marks.headers, marks.first_token),
        reasoning_ms=_between(marks.first_reasoning, marks.first_answer),
        decode_tokens_per_second=rate,
        time_per_output_token_ms=1000 / rate if rate else None,
        total_ms=_between(marks.sent, last),
    )


def cache_state(usage: UsageReport | None, reset_complete: bool = False, new_salt: bool = False) -> CacheState:
    """WARM when the server reused part of the prompt. Where it does not say: COLD after its caches were emptied, SALTED where the
    request had a salt of its own, else UNKNOWN.

    A cold prefix cache can hide a warm vision encoder, which no server reports: see `reset_caches` for truly cold.
    """
    if usage is None or usage.cached_tokens is None:
        if reset_complete:
            return CacheState.COLD
        return CacheState.SALTED if new_salt else CacheState.UNKNOWN
    if usage.cached_tokens <= max(_TEMPLATE_TOKENS, _WARM_SHARE * (usage.prompt_tokens or 0)):
        return CacheState.COLD
    return CacheState.WARM


def _between(start: float | None, end: float | None, per_second: float = 1000.0) -> float | None:
    return None if start is None or end is None else (end - start) * per_second
