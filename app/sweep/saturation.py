"""When more requests at once gain nothing more. In: records with fewer at once. Out: words, or an empty string.

A server that tells its gauges says itself when its memory for keys and values is full. From outside a full cache is seen as
this: the server queues what does not fit, so its tokens a second stand still while every TTFT grows. One step without gain may
be chance; two in a row end the axis.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.sweep.values import Outcome, Record

FULL = 0.95  # of the KV cache: the next request's keys and values would not fit beside
LEAST_GAIN = 1.05  # tokens a second, against the next smaller number at once
_NO_GAIN = "No gain"


def no_gain_words(fewer: Record | None, more: Record) -> str:
    """Said of a measured record that gained next to nothing over the one with fewer requests at once."""
    if fewer is None or not fewer.tokens_per_second or not more.tokens_per_second:
        return ""
    if more.tokens_per_second >= LEAST_GAIN * fewer.tokens_per_second:
        return ""
    return (
        f"{_NO_GAIN} at {more.task.at_once} at once: {more.tokens_per_second:.1f} tokens a second, against "
        f"{fewer.tokens_per_second:.1f} with {fewer.task.at_once}."
    )


def why_enough(fewer: Sequence[Record]) -> str:
    """Why the next larger number at once is not measured; empty where it is. `fewer`: from few to many."""
    if not fewer:
        return ""
    last = fewer[-1]
    if last.outcome is Outcome.LEFT_OUT:
        return last.detail
    if last.kv_cache_peak is not None and last.kv_cache_peak >= FULL:
        queued = f", and {last.waiting_peak} waited" if last.waiting_peak else ""
        return (
            f"The server's KV cache is full: {100 * last.kv_cache_peak:.0f} % with {last.task.at_once} at once{queued}."
        )
    if len(fewer) > 1 and all(one.detail.startswith(_NO_GAIN) for one in fewer[-2:]):
        return f"The server is full. {last.detail}"
    return ""
