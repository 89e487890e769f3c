"""A small evaluation against real vLLM with tiny random models: every call answered and counted, on text, pages, factsheet and nothing.

What such models say is noise, so nothing is right by skill; the forms, the counts and the outcomes are what is tested.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.clients import Role
from app.evaluation import (
    Arm,
    EvaluationPlan,
    EvaluationRun,
    Given,
    RunState,
    Sources,
    begin,
    looked_at,
    read_journal,
    report_of,
)
from app.paths import CONFIGS
from renderer import RenderConfig


@pytest.mark.timeout(600)
def test_every_item_is_answered_on_every_arm_and_the_servers_own_counts_bear_the_forms_out(pair, tmp_path):
    config = RenderConfig.load(CONFIGS / "en.json")
    pages = Arm(Given.PAGES, config)
    arms = (Arm(Given.TEXT), pages, replace(pages, factsheet=True), Arm(Given.NOTHING))
    plan = EvaluationPlan(("niah_multikey_2", "vt"), arms, count=2, length=1024, answer_tokens=24, thinking=False)
    servers = {Role.TEXT: looked_at(pair.text)[0], Role.PAGES: looked_at(pair.pages)[0]}
    journal, items = begin(tmp_path / "run.jsonl", plan, Sources(), servers)
    look = EvaluationRun(journal, items, servers, pair.folder / "evaluation", at_once=2).run()
    assert (look.state, look.done) == (RunState.DONE, plan.calls)
    header, results = read_journal(tmp_path / "run.jsonl")
    by_key = {(one.item_id, one.arm_key): one for one in results}
    for one in results:
        assert one.completion_tokens, one.detail  # an answer of noise may be empty to the eye, but tokens came
        assert one.simulated is not pair.real
        assert one.attempts == 1
    for item in items:
        text, seen, sheet, alone = (by_key[item.id, arm.key] for arm in arms)
        assert text.prompt_tokens > text.context_tokens
        assert seen.visual_tokens < seen.prompt_tokens < text.prompt_tokens
        assert sheet.prompt_tokens > seen.prompt_tokens + sheet.factsheet_tokens // 2
        assert alone.prompt_tokens < seen.prompt_tokens
    for summary in report_of(header.plan.arms, results).summaries:
        assert sum(summary.outcomes.values()) == summary.score.count == plan.count * len(plan.tasks)
