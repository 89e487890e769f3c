"""How full a vLLM is right now, by its own gauges. In: an endpoint. Out: a ServerLoad; None where it does not say.

Knows nothing of who asks it for what.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.clients.metrics import server_metrics
from app.clients.values import Endpoint


@dataclass(frozen=True, slots=True)
class ServerLoad:
    """`kv_cache_share`: of the memory for keys and values, how much is held (0 to 1). `waiting`: requests that are queued."""

    kv_cache_share: float
    waiting: int


def server_load(endpoint: Endpoint, timeout_s: float = 2.0) -> ServerLoad | None:
    """One quick look; never raises."""
    told = server_metrics(endpoint, timeout_s)
    if told is None or told.kv_cache_share is None:
        return None
    return ServerLoad(told.kv_cache_share, min(told.waiting or 0, 1_000_000_000))
