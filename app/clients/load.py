"""How full a vLLM is right now, by its own gauges (GET /metrics). In: an endpoint. Out: a ServerLoad; None where it does not say.

Knows nothing of who asks it for what.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from app.clients.errors import ClientError
from app.clients.reaching import check_address, key_headers
from app.clients.values import Dialect, Endpoint
from app.outbound import Trouble, ask

MAX_BYTES = 4 * 1024 * 1024  # a vLLM's page has some 60 kB
_GAUGE = re.compile(rb"^vllm:(kv_cache_usage_perc|num_requests_waiting)\{[^}\n]{0,2000}\} (\S{1,40})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """`kv_cache_share`: of the memory for keys and values, how much is held (0 to 1). `waiting`: requests that are queued."""

    kv_cache_share: float
    waiting: int


def server_load(endpoint: Endpoint, timeout_s: float = 2.0) -> ServerLoad | None:
    """One quick look; never raises."""
    if endpoint.dialect is not Dialect.VLLM:
        return None
    try:
        check_address(endpoint)
        url = f"{endpoint.server_root}/metrics"
        answer = ask("GET", url, key_headers(endpoint), None, timeout_s=timeout_s, max_bytes=MAX_BYTES)
    except (ClientError, Trouble):
        return None
    return _read(answer.body) if answer.status == 200 else None


def _read(page: bytes) -> ServerLoad | None:
    """Of several engines behind one address the fullest, and all that wait."""
    shares: list[float] = []
    waiting: list[float] = []
    for name, words in _GAUGE.findall(page):
        try:
            value = float(words)
        except ValueError:
            continue
        if math.isfinite(value) and value >= 0:
            (shares if name == b"kv_cache_usage_perc" else waiting).append(value)
    if not shares:
        return None
    return ServerLoad(min(1.0, max(shares)), round(min(sum(waiting), 1e9)))
