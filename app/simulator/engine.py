"""One simulated engine: a GPU that prefills one request at a time, three caches, and the counters of /metrics.

Requests in, permission to go on out. Belongs to one event loop. Knows nothing of HTTP or of answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

from app.simulator.caches import EncoderCache, PrefixCache, ProcessorCache
from app.simulator.errors import EngineDead
from app.simulator.settings import SimulatorSettings
from app.simulator.timing import kv_capacity_tokens

_BUCKETS_MS = (1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1e3, 2.5e3, 5e3, 7.5e3, 1e4, 2e4, 4e4, 8e4, 1.6e5, 6.4e5)
_BUCKETS_SECONDS = tuple(limit / 1e3 for limit in _BUCKETS_MS)


class Histogram:
    def __init__(self) -> None:
        self.counts = [0] * len(_BUCKETS_SECONDS)
        self.count = 0
        self.total = 0.0

    def observe(self, seconds: float) -> None:
        self.count += 1
        self.total += seconds
        for index, limit in enumerate(_BUCKETS_SECONDS):
            if seconds <= limit:
                self.counts[index] += 1

    def lines(self, name: str, labels: str) -> Iterator[str]:
        for limit, count in zip(_BUCKETS_SECONDS, self.counts, strict=True):
            yield f'{name}_bucket{{le="{float(limit)}",{labels}}} {float(count)}'
        yield f'{name}_bucket{{le="+Inf",{labels}}} {float(self.count)}'
        yield f"{name}_count{{{labels}}} {float(self.count)}"
        yield f"{name}_sum{{{labels}}} {self.total}"


@dataclass(slots=True)
class Counters:
    prompt_tokens: int = 0
    generation_tokens: int = 0
    prefix_queries: int = 0
    prefix_hits: int = 0
    finished: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("stop", "length", "abort", "error"), 0))


class Engine:
    def __init__(self, settings: SimulatorSettings, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock`: seconds, of the loop that this engine runs in."""
        self.settings = settings
        self.clock = clock
        self.capacity_tokens = kv_capacity_tokens(settings.shape, settings.gpu)
        self.prefix = PrefixCache(self.capacity_tokens)
        self.encoder = EncoderCache()
        self.processor = ProcessorCache()
        self.counters = Counters()
        self.running = 0
        self.waiting = 0
        self.held_tokens = 0
        self.queue_seconds = Histogram()
        self.prefill_seconds = Histogram()
        self.first_token_seconds = Histogram()
        self.between_tokens_seconds = Histogram()
        self._gpu = asyncio.Lock()
        self._dead_until: float | None = None

    @property
    def dead(self) -> bool:
        return self._dead_until is not None and time.monotonic() < self._dead_until

    def crash(self, seconds: float) -> None:
        self._dead_until = time.monotonic() + seconds
        self.reset_all()

    def check_alive(self) -> None:
        if self.dead:
            raise EngineDead

    def reset_all(self) -> None:
        self.prefix.clear()
        self.encoder.clear()
        self.processor.clear()

    @contextmanager
    def queued(self) -> Iterator[None]:
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    @contextmanager
    def held(self, tokens: int) -> Iterator[None]:
        """A request that runs: it occupies memory until it ends, however it ends."""
        self.running += 1
        self.held_tokens += tokens
        try:
            yield
        finally:
            self.running -= 1
            self.held_tokens -= tokens

    async def acquire_gpu(self) -> None:
        with self.queued():
            await self._gpu.acquire()

    def release_gpu(self) -> None:
        self._gpu.release()

    def metrics(self) -> str:
        labels = f'engine="0",model_name="{_escaped(self.settings.model)}"'
        lines: list[str] = []

        def single(kind: str, name: str, value: float, extra: str = "") -> None:
            lines.append(f"# HELP vllm:{name} Simulated.")
            lines.append(f"# TYPE vllm:{name} {kind}")
            lines.append(f"vllm:{name}{{{labels}{extra}}} {float(value)}")

        single("gauge", "num_requests_running", self.running)
        single("gauge", "num_requests_waiting", self.waiting)
        single("gauge", "kv_cache_usage_perc", min(1.0, self.held_tokens / self.capacity_tokens))
        counters = self.counters
        single("counter", "prompt_tokens_total", counters.prompt_tokens)
        single("counter", "generation_tokens_total", counters.generation_tokens)
        single("counter", "prefix_cache_queries_total", counters.prefix_queries)
        single("counter", "prefix_cache_hits_total", counters.prefix_hits)
        single("counter", "mm_cache_queries_total", self.processor.queries)
        single("counter", "mm_cache_hits_total", self.processor.hits)
        lines.append("# HELP vllm:request_success_total Simulated.")
        lines.append("# TYPE vllm:request_success_total counter")
        for reason, count in counters.finished.items():
            lines.append(f'vllm:request_success_total{{{labels},finished_reason="{reason}"}} {float(count)}')
        for name, histogram in (
            ("request_queue_time_seconds", self.queue_seconds),
            ("request_prefill_time_seconds", self.prefill_seconds),
            ("time_to_first_token_seconds", self.first_token_seconds),
            ("inter_token_latency_seconds", self.between_tokens_seconds),
        ):
            lines.append(f"# HELP vllm:{name} Simulated.")
            lines.append(f"# TYPE vllm:{name} histogram")
            lines.extend(histogram.lines(f"vllm:{name}", labels))
        lines.append("# HELP process_resident_memory_bytes Resident memory size in bytes.")
        lines.append("# TYPE process_resident_memory_bytes gauge")
        lines.append(f"process_resident_memory_bytes {float(psutil.Process().memory_info().rss)}")
        return "\n".join(lines) + "\n"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
