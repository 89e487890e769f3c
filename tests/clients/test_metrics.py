"""What a server tells at /metrics: the simulator tells it under vLLM's names, and a hostile page takes nothing down."""

import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.clients.metrics import MAX_LINES, ServerMetrics, read_metrics
from app.simulator.engine import Engine
from app.simulator.settings import ServerRole, SimulatorSettings

PAGE = b"""# HELP vllm:num_requests_running x
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="q"} 2.0
vllm:num_requests_running{engine="1",model_name="q"} 1.0
vllm:num_requests_waiting{engine="0",model_name="q"} 5.0
vllm:kv_cache_usage_perc{engine="0",model_name="q"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="q"} 0.75
vllm:prefix_cache_queries_total{engine="0",model_name="q"} 200.0
vllm:prefix_cache_hits_total{engine="0",model_name="q"} 50.0
vllm:request_success_total{engine="0",finished_reason="stop"} 3.0
vllm:request_success_total{engine="0",finished_reason="length"} 1.0
vllm:time_to_first_token_seconds_sum{engine="0"} 6.0
vllm:time_to_first_token_seconds_count{engine="0"} 4.0
process_resident_memory_bytes 1.5e+09
"""


def test_engines_are_added_up_and_the_fullest_cache_is_told():
    assert read_metrics(PAGE) == ServerMetrics(3, 5, 0.75, None, None, 0.25, 4, 1.5, 1_500_000_000)


def test_the_simulator_tells_all_of_it_and_the_whole_page_is_prometheus_text():
    page = Engine(SimulatorSettings(ServerRole.TEXT, 0, model='a "quoted" \\ name')).metrics()
    names = {sample.name for family in text_string_to_metric_families(page) for sample in family.samples}
    assert {"vllm:num_requests_running", "vllm:kv_cache_usage_perc", "process_resident_memory_bytes"} <= names
    told = read_metrics(page.encode())
    assert (told.running, told.waiting, told.kv_cache_share) == (0, 0, 0.0)
    assert told.resident_bytes > 1_000_000


@pytest.mark.parametrize(
    "line",
    [
        b'vllm:num_requests_running{engine="0} 1.0',
        b"vllm:num_requests_running{" + b'a="b",' * 100_000 + b"} 1.0",
        b"vllm:num_requests_running NaN",
        b"vllm:num_requests_running 1e300",
        b"vllm:num_requests_running -4",
        b"vllm:num_requests_running \xff\xfe",
        b"vllm:num_requests_running{=}{} 1 2 3",
        b"\x00" * 4000,
    ],
)
def test_a_hostile_line_counts_as_not_told_and_takes_no_other_with_it(line):
    told = read_metrics(line + b"\nvllm:num_requests_waiting 7.0\n")
    assert (told.running, told.waiting) == (None, 7)


def test_a_page_without_end_is_read_up_to_a_bound():
    page = b'vllm:request_success_total{finished_reason="stop"} 1.0\n' * 70_000  # 4 MB
    began = time.process_time()
    assert read_metrics(page).requests_done == MAX_LINES
    assert time.process_time() - began < 5


def test_a_page_of_something_else_is_nothing():
    assert read_metrics(b"<html>hello</html>") is None
    assert read_metrics(b"") is None


@pytest.mark.parametrize("count", [b"0", b"1e-320", b"0.5"])
def test_a_mean_over_less_than_one_request_is_not_told(count):
    told = read_metrics(
        b"vllm:time_to_first_token_seconds_sum 6.0\nvllm:time_to_first_token_seconds_count " + count + b"\n"
    )
    assert told.mean_ttft_s is None
