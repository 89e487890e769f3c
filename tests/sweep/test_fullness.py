"""The server's own gauge of its KV cache ends the axis of many at once; a server without one is not troubled."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.clients import Dialect, Endpoint, Role, ServerLoad, server_load
from app.measurement import Provenance
from app.sweep import UNTIL_FULL, Arm, Kind, Outcome, Record, SweepPlan, Task
from app.sweep.fullness import LoadWatch
from app.sweep.saturation import why_enough

GAUGES = """# HELP vllm:kv_cache_usage_perc KV-cache usage.
vllm:kv_cache_usage_perc{{engine="0",model_name="m}}x"}} 0.1
vllm:kv_cache_usage_perc{{engine="0",model_name="m"}} {share}
vllm:num_requests_waiting{{engine="0",model_name="m"}} 3.0
vllm:num_requests_waiting{{engine="1",model_name="m"}} 2.0
vllm:num_requests_waiting_by_reason{{engine="1",model_name="m",reason="capacity"}} 90.0
"""


@contextmanager
def telling(pages: list[str | bytes], status: int = 200) -> Iterator[Endpoint]:
    """A server whose /metrics gives these pages one after the other, then the last one again and again."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages[0] if len(pages) == 1 else pages.pop(0)
            body = page if isinstance(page, bytes) else page.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Endpoint(Role.TEXT, "text", f"http://127.0.0.1:{server.server_port}", "m")
    finally:
        server.shutdown()
        server.server_close()


def test_the_fullest_engine_and_all_that_wait_are_told():
    with telling([GAUGES.format(share="0.75")]) as endpoint:
        assert server_load(endpoint) == ServerLoad(0.75, 5)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "nothing here",
        GAUGES.format(share="nan").replace(" 0.1", " -1"),
        b"\xff\x00" * 1000,
        "vllm:kv_cache_usage_perc{" * 5000,
    ],
)
def test_a_page_without_such_a_gauge_tells_nothing(page):
    with telling([page]) as endpoint:
        assert server_load(endpoint) is None


def test_nobody_is_asked_in_vain():
    with telling([GAUGES.format(share="0.5")], status=404) as endpoint:
        assert server_load(endpoint) is None
        assert server_load(replace(endpoint, dialect=Dialect.PLAIN)) is None
    assert server_load(Endpoint(Role.TEXT, "gone", "http://127.0.0.1:9", "m")) is None


def test_the_simulators_gauges_are_read_as_vllms(servers):
    assert server_load(servers[0].endpoint) == ServerLoad(0.0, 0)


def test_the_peak_of_the_whole_time_is_kept():
    with (
        telling([GAUGES.format(share=share) for share in ("0.2", "0.99", "0.3")]) as endpoint,
        LoadWatch(endpoint) as watch,
    ):
        seen = threading.Event()
        for _ in range(400):
            if watch.kv_cache_peak == 0.99 or seen.wait(0.05):
                break
    assert (watch.kv_cache_peak, watch.waiting_peak) == (0.99, 5)


def test_a_full_cache_ends_the_axis_and_says_how_full_with_how_many():
    def load(at_once: int, share: float | None) -> Record:
        task = Task(Kind.LOAD, Arm(Role.TEXT), 4096, at_once)
        return Record(
            task,
            Outcome.MEASURED,
            Provenance.MEASURED,
            tokens_per_second=10.0 * at_once,
            kv_cache_peak=share,
            waiting_peak=3,
        )

    assert why_enough([load(1, 0.3), load(2, 0.6)]) == ""
    assert why_enough([load(1, None)]) == ""
    words = why_enough([load(1, 0.3), load(2, 0.6), load(4, 0.97)])
    assert words == "The server's KV cache is full: 97 % with 4 at once, and 3 waited."


def test_until_full_doubles_and_is_a_plan():
    assert all(later == 2 * earlier for earlier, later in itertools.pairwise(UNTIL_FULL))
    assert SweepPlan(at_once=UNTIL_FULL).at_once == UNTIL_FULL
