"""Our logs in inspect's format: as told, and read by inspect itself where its environment is (scripts/setup-evaluation)."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from app.evaluation import Outcome, items_of, read_journal, report_of
from app.evaluation.inspect_log import write_inspect_logs
from app.paths import ROOT
from tests.evaluation.conftest import NOTHING, TEXT, plan_of, started

PYTHON = Path(os.environ.get("GLYPH_EVALUATION_VENV") or ROOT / ".venv-evaluation") / "bin" / "python"
READ = """
import json, sys
from inspect_ai.analysis import samples_df
from inspect_ai.log import list_eval_logs, read_eval_log
found = {}
for info in list_eval_logs(sys.argv[1]):
    log = read_eval_log(info)
    found[log.eval.task] = [[s.id, s.scores["outcome"].value, s.scores["score"].value, s.target] for s in log.samples]
    assert {s.scores["Levenshtein"].value for s in log.samples} == {0.25}
    assert [score.metrics["mean"].value for score in log.results.scores if score.name == "Levenshtein"] == [0.25]
print(json.dumps({"logs": found, "rows": len(samples_df(sys.argv[1]))}))
"""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, servers):
    folder = tmp_path_factory.mktemp("logs")
    started(folder, servers, plan_of("vt", "facts", arms=(TEXT, NOTHING))).run()
    header, results = read_journal(folder / "run.jsonl")
    assert write_inspect_logs(folder / "inspect", header, results, items_of(header)) == 4
    return folder / "inspect", header, results


def test_there_is_a_log_for_every_task_and_arm_with_our_figures(evaluated):
    folder, header, results = evaluated
    cells = {f"{one.task} · {one.arm.label}": one for one in report_of(header.plan.arms, results).cells}
    logs = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    assert {log["eval"]["task"] for log in logs} == set(cells)
    for log in logs:
        cell = cells[log["eval"]["task"]]
        outcome, score = log["results"]["scores"]
        assert outcome["metrics"]["mean"]["value"] == cell.right.value
        assert score["metrics"]["mean"]["value"] == cell.score.value
        assert log["eval"]["metadata"]["simulated"]
        letters = [sample["scores"]["outcome"]["value"] for sample in log["samples"]]
        assert letters.count("C") == cell.correct
        assert letters.count("N") == cell.abstained + cell.no_answer


def test_no_address_and_no_key_of_a_server_is_in_a_log(evaluated, servers):
    text = "".join(path.read_text() for path in evaluated[0].glob("*.json"))
    assert not any(server.endpoint.base_url in text for server in servers.values())


@pytest.mark.skipif(
    not PYTHON.is_file(), reason="bash scripts/setup-evaluation makes the environment that inspect lives in"
)
def test_inspects_own_reader_takes_them(evaluated, tmp_path):
    """With the third figure that MRCR's logs have."""
    _, header, results = evaluated
    folder = tmp_path
    write_inspect_logs(folder, header, [replace(one, likeness=0.25) for one in results])
    run = subprocess.run([str(PYTHON), "-c", READ, str(folder)], capture_output=True, text=True, check=True)
    found = json.loads(run.stdout.splitlines()[-1])
    assert found["rows"] == len(results)
    read = {(sample[0], letter) for task in found["logs"].values() for sample in task for letter in [sample[1]]}
    ours = {(one.item_id, "C" if one.outcome is Outcome.CORRECT else "N") for one in results}
    assert read == ours
