"""`vllm bench serve` and we measure the same requests on the same servers, and agree within the spread."""

from __future__ import annotations

import pytest

from app.sweep import looked_at
from scripts.compare_with_bench_serve import compare_side, table
from tests.vllm.pairs import READY_WITHIN_S, VLLM_VENV, endpoints, launch, need_vllm

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1500)]


def test_its_times_to_first_token_lie_among_ours(tmp_path, capsys):
    need_vllm()
    found = []
    with launch("tiny-quiet", tmp_path) as launched:
        launched.wait(lambda state: all(server.is_serving for server in state.servers), READY_WITHIN_S, "serving")
        for endpoint in endpoints(launched).values():
            server = looked_at(endpoint)[0].endpoint
            found.append(compare_side(server, (1024, 4096), 4, VLLM_VENV / "bin" / "vllm", tmp_path))
    with capsys.disabled():
        print("", *table([one for side in found for one in side], "measured, tiny random models"), sep="\n")
    for shorter, longer in found:
        for one in (shorter, longer):
            assert one.ours.count == one.theirs.count == 8
            # The middle halves overlap; or, on a machine that was busy for one of them, the medians are of one size.
            assert one.agrees or 0.5 < one.ratio < 2, one
        # It was cold to both: a cached prefix or encoder would make the longer one as quick as the shorter.
        assert longer.theirs.median > 1.5 * shorter.theirs.median
        assert longer.ours.median > 1.5 * shorter.ours.median
