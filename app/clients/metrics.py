"""A vLLM's own account of itself (GET /metrics, Prometheus text). In: an endpoint. Out: ServerMetrics; None where it does not say.

The body is hostile: it is bounded in bytes, only whole short lines of names that are known here come to the parser, and what
is no finite number counts as not told. Source of the names: vllm/v1/metrics/loggers.py; the simulator has the same.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from app.clients.errors import ClientError
from app.clients.reaching import check_address, key_headers
from app.clients.values import Dialect, Endpoint
from app.outbound import Trouble, ask

MAX_BYTES = 4 * 1024 * 1024  # a vLLM's page has some 60 kB
MAX_LINES, MAX_LINE_BYTES = 400, 1000  # of the names below; a vLLM has some forty of them
_MOST = 1e15
_RUNNING, _WAITING, _CACHE = "vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc"
_PROMPT, _GENERATED = "vllm:prompt_tokens_total", "vllm:generation_tokens_total"
_QUERIES, _HITS, _DONE = "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total", "vllm:request_success_total"
_TTFT_SUM, _TTFT_COUNT = "vllm:time_to_first_token_seconds_sum", "vllm:time_to_first_token_seconds_count"
_MEMORY = "process_resident_memory_bytes"
_NAMES = (_RUNNING, _WAITING, _CACHE, _PROMPT, _GENERATED, _QUERIES, _HITS, _DONE, _TTFT_SUM, _TTFT_COUNT, _MEMORY)
_PREFIXES = tuple(name.encode() for name in _NAMES)


@dataclass(frozen=True, slots=True)
class ServerMetrics:
    """Gauges of this moment, counters since the server's start. None: it does not tell.

    `kv_cache_share`: of the memory for keys and values, how much is held, 0 to 1; of several engines the fullest.
    `resident_bytes`: of the server's process in the machine's memory, not the GPU's.
    """

    running: int | None = None
    waiting: int | None = None
    kv_cache_share: float | None = None
    prompt_tokens: int | None = None
    generated_tokens: int | None = None
    prefix_hit_share: float | None = None
    requests_done: int | None = None
    mean_ttft_s: float | None = None
    resident_bytes: int | None = None


def server_metrics(endpoint: Endpoint, timeout_s: float = 2.0) -> ServerMetrics | None:
    """One quick look; never raises. None behind a router: one server's figures are not those of all."""
    if endpoint.dialect is not Dialect.VLLM or endpoint.behind_router:
        return None
    try:
        check_address(endpoint)
        url = f"{endpoint.server_root}/metrics"
        answer = ask("GET", url, key_headers(endpoint), None, timeout_s=timeout_s, max_bytes=MAX_BYTES)
    except (ClientError, Trouble):
        return None
    return read_metrics(answer.body) if answer.status == 200 else None


def read_metrics(page: bytes) -> ServerMetrics | None:
    """None where the page has none of the names."""
    found: dict[str, list[float]] = defaultdict(list)
    for line in _known_lines(page):
        try:
            samples = [sample for family in text_string_to_metric_families(line + "\n") for sample in family.samples]
        except (ValueError, KeyError, IndexError, TypeError):  # not Prometheus text: this line is not told
            continue
        for sample in samples:
            if sample.name in _NAMES and math.isfinite(sample.value) and 0 <= sample.value <= _MOST:
                found[sample.name].append(sample.value)
    if not found:
        return None
    queries, hits, count = (_over(found[name], sum) for name in (_QUERIES, _HITS, _TTFT_COUNT))
    share, spent = _over(found[_CACHE], max), _over(found[_TTFT_SUM], sum)
    return ServerMetrics(
        running=_whole(found[_RUNNING]),
        waiting=_whole(found[_WAITING]),
        kv_cache_share=None if share is None else min(1.0, share),
        prompt_tokens=_whole(found[_PROMPT]),
        generated_tokens=_whole(found[_GENERATED]),
        prefix_hit_share=min(1.0, hits / queries) if queries and hits is not None else None,
        requests_done=_whole(found[_DONE]),
        mean_ttft_s=spent / count if count and count >= 1 and spent is not None else None,  # a count is whole
        resident_bytes=_whole(found[_MEMORY]),
    )


def _known_lines(page: bytes) -> list[str]:
    """One line a parse: what one line breaks takes no other with it."""
    lines = []
    for line in page.split(b"\n"):
        if line.startswith(_PREFIXES) and len(line) <= MAX_LINE_BYTES:
            lines.append(line.decode("utf-8", "replace"))
            if len(lines) == MAX_LINES:
                break
    return lines


def _over(values: list[float], fold: Callable[[list[float]], float]) -> float | None:
    return fold(values) if values else None


def _whole(values: list[float]) -> int | None:
    return round(sum(values)) if values else None
