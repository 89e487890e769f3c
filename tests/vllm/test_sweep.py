"""A sweep against real vLLM: every length measured cold by both sides, several at once too, and nothing called simulated."""

from __future__ import annotations

import pytest

from app.clients import Role
from app.measurement import CacheState, Provenance
from app.paths import CONFIGS
from app.sweep import Journal, Kind, Outcome, RunState, SweepPlan, SweepRun, SweepSubject, looked_at, novel_for, points
from renderer import RenderConfig


@pytest.mark.timeout(600)
def test_a_small_sweep_is_measured_cold_on_both_sides(pair, tmp_path):
    plan = SweepPlan(lengths=(512, 2048), repeats=3, at_once=(1, 4), answer_tokens=32)
    title, text = novel_for(plan)
    sides = [looked_at(endpoint)[0] for endpoint in (pair.text, pair.pages)]
    subject = SweepSubject(title, text, RenderConfig.load(CONFIGS / "en.json"), *sides)
    journal = Journal.create(tmp_path / "sweep.jsonl", subject.header(plan))
    look = SweepRun(subject, journal, pair.folder / "sweep").run()
    assert look.state is RunState.DONE
    for record in look.records:
        assert record.outcome is Outcome.MEASURED, record
        assert record.provenance is (Provenance.MEASURED if pair.real else Provenance.SIMULATED)
        assert record.cache is CacheState.COLD, record
        assert record.prompt_tokens > (record.visual_tokens or record.text_tokens)
    median = {(one.kind, one.arm.role, one.aimed_tokens): one.ttft_ms.median for one in points(look.records)}
    if pair.real:  # a cached prefix or encoder would make the longer one as quick as the shorter
        for role in Role:
            assert median[Kind.PREFILL, role, 2048] > 1.5 * median[Kind.PREFILL, role, 512], median
