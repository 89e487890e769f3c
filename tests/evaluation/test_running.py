"""Evaluations against the simulator: what is sent, that outcomes sum, stops, failures, and kills; the script as people run it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import httpx
import pytest

from app.clients import Role, SamplingSettings, build_chat_request
from app.evaluation import (
    EvaluationServer,
    JournalUnusable,
    Outcome,
    PlanError,
    RunState,
    Sources,
    make_items,
    read_journal,
    report_of,
    resume,
    summary_value,
)
from app.evaluation.asking import ask
from app.evaluation.forms import ItemForms
from app.evaluation.run import EvaluationRun
from app.paths import ROOT
from scripts.evaluate import main
from tests.clients.scripted_server import ScriptedServer, Send
from tests.clients.simulators import simulator
from tests.evaluation.conftest import NOTHING, PAGES, SHEET, TEXT, plan_of, started

WITHIN_S = 120


def answered_by(endpoint) -> int:
    """Chats that the server finished, whatever came of them at our side."""
    text = httpx.get(f"{endpoint.server_root}/metrics", trust_env=False).text
    return round(
        sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("vllm:request_success_total{"))
    )


def test_pages_hold_the_document_and_nothing_else_and_the_question_stands_behind_them(tmp_path, servers):
    item = make_items("niah_multikey_1", 1024, 1, 3, Sources())[0]
    forms = ItemForms(item, tmp_path, 256)
    form = forms.form(SHEET)
    endpoint = replace(servers[Role.PAGES].endpoint, media_path=None)
    body = json.loads(build_chat_request(endpoint, form.prompt, SamplingSettings()).body)
    (message,) = body["messages"]
    kinds = [part["type"] for part in message["content"]]
    assert kinds == ["image_url"] * form.pages + ["text", "text"]
    sheet, question = (part["text"] for part in message["content"][-2:])
    assert question == item.question
    assert item.references[0] in sheet
    manifest = json.loads(next(tmp_path.rglob("manifest.json")).read_text())
    shown = " ".join(page["text"] for page in manifest["pages"])
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", item.context)
    assert "mentioned in the provided text" not in shown
    plain = forms.form(PAGES).prompt
    assert not plain.factsheet
    assert forms.form(NOTHING).prompt.document == ""


def test_every_item_is_asked_once_on_every_arm_and_the_outcomes_sum(tmp_path, servers):
    plan = plan_of("niah_multikey_2", "vt", "cwe", "facts", arms=(TEXT, PAGES, SHEET, NOTHING))
    run = started(tmp_path, servers, plan, at_once=3)
    look = run.run()
    assert (look.state, look.done) == (RunState.DONE, plan.calls)
    header, results = read_journal(tmp_path / "run.jsonl")
    assert len({result.key for result in results}) == plan.calls
    report = report_of(header.plan.arms, results)
    for cell in report.cells:
        assert cell.correct + cell.abstained + cell.wrong + cell.no_answer == cell.score.count == plan.count
    for one in report.summaries:
        assert sum(one.outcomes.values()) == one.score.count == plan.count * len(plan.tasks)
    scores = {one.arm.key: one.score.value for one in report.summaries}
    assert scores[TEXT.key] > 0.95
    assert scores[PAGES.key] > 0.95  # by the manifest: no pixels are read in this test
    assert scores[NOTHING.key] < 0.3
    assert all(result.simulated for result in results)
    # The times of a simulator say whose they are, answer by answer: a run may go on with another one.
    told = {(result.simulated_gpu, result.simulated_speedup) for result in results}
    assert told == {(one.endpoint.simulated_gpu, one.endpoint.simulated_speedup) for one in servers.values()}
    assert None not in told.pop()
    assert all(one.compression and one.compression > 2 for one in report.summaries if one.arm is PAGES)
    unread = [result for result in results if result.arm_key == NOTHING.key]
    assert {result.outcome for result in unread} == {Outcome.ABSTAINED}
    # Word counts have no exact strings to list; which result comes last is not told with three at once.
    assert max(result.factsheet_tokens for result in results if result.arm_key == SHEET.key) > 0
    assert {result.factsheet_tokens for result in results if result.arm_key == PAGES.key} == {None}
    pair = next(one for one in report.against if one.arm.key == NOTHING.key and not one.task)
    assert pair.difference.only_other == round(len(unread) * scores[TEXT.key])
    assert pair.difference.p_value < 0.05
    assert not (servers[Role.PAGES].endpoint.media_path / "run.jsonl").exists()


def test_a_side_that_is_not_there_is_no_answer_and_is_asked_again_on_resuming(tmp_path, servers):
    gone = EvaluationServer(replace(servers[Role.PAGES].endpoint, base_url="http://127.0.0.1:9"))
    plan = plan_of("vt")
    look = started(tmp_path, {**servers, Role.PAGES: gone}, plan, waits_s=(0.0,)).run()
    header, results = read_journal(tmp_path / "run.jsonl")
    assert look.state is RunState.DONE
    by_arm = {arm.key: [one for one in results if one.arm_key == arm.key] for arm in plan.arms}
    assert {one.outcome for one in by_arm[PAGES.key]} == {Outcome.NO_ANSWER}
    assert {(one.attempts, one.retryable, one.score) for one in by_arm[PAGES.key]} == {(3, True, 0.0)}
    summary = {one.arm.key: one for one in report_of(header.plan.arms, results).summaries}[PAGES.key]
    assert summary.outcomes[Outcome.NO_ANSWER] == summary.score.count == plan.count
    before = answered_by(servers[Role.TEXT].endpoint)
    journal, items = resume(tmp_path / "run.jsonl", servers)
    folder = servers[Role.PAGES].endpoint.media_path / "again"
    assert EvaluationRun(journal, items, servers, folder).run().done == plan.calls
    assert answered_by(servers[Role.TEXT].endpoint) == before  # the text side is not asked again
    assert {one.outcome for one in read_journal(tmp_path / "run.jsonl")[1]} == {Outcome.CORRECT}


def test_an_item_beyond_the_window_is_no_answer_without_a_call(tmp_path, servers):
    small = replace(servers[Role.TEXT], window_tokens=300)
    started(tmp_path, {**servers, Role.TEXT: small}, plan_of("vt", arms=(TEXT,))).run()
    results = read_journal(tmp_path / "run.jsonl")[1]
    assert {one.outcome for one in results} == {Outcome.NO_ANSWER}
    assert not any(one.retryable for one in results)
    assert "window has 300" in results[0].detail


def test_what_passes_is_tried_again_and_what_is_refused_is_not(servers):
    item = make_items("vt", 1024, 1, 3, Sources())[0]
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    refused = b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    prompt = ItemForms(item, ROOT, 64).form(TEXT).prompt
    for reply, attempts, retryable in ((busy, 3, True), (refused, 1, False)):
        with ScriptedServer({"/v1/chat/completions": [[Send(reply)]]}) as server:
            endpoint = replace(servers[Role.TEXT].endpoint, base_url=server.url)
            asked = ask(endpoint, prompt, SamplingSettings(), threading.Event(), waits_s=(0.0,))
            assert (asked.attempts, asked.retryable) == (attempts, retryable)
            assert len(server.asked) == attempts
            assert asked.error


def test_stopping_keeps_what_came_and_gives_up_what_is_under_way(tmp_path, servers):
    with simulator(Role.TEXT, "--speedup", "5000", "--fail", "stall:60") as stalled:
        slow = EvaluationServer(stalled)
        reached = threading.Event()
        run = started(
            tmp_path,
            {Role.TEXT: slow, Role.PAGES: servers[Role.PAGES]},
            plan_of("vt", arms=(PAGES, TEXT)),
            on_result=lambda *_: reached.set(),
        )
        run.start()
        assert reached.wait(WITHIN_S)
        run.stop()
        assert run.wait(WITHIN_S)
    assert run.look().state is RunState.STOPPED
    results = read_journal(tmp_path / "run.jsonl")[1]
    assert {one.arm_key for one in results} == {PAGES.key}


def test_a_journal_goes_on_only_with_what_it_was_begun_with(tmp_path, servers):
    started(tmp_path, servers, plan_of("vt", arms=(TEXT,))).run()
    path = tmp_path / "run.jsonl"
    other = EvaluationServer(replace(servers[Role.TEXT].endpoint, model="another"))
    with pytest.raises(JournalUnusable, match="the servers or their models"):
        resume(path, {Role.TEXT: other})
    lines = path.read_bytes().splitlines(keepends=True)
    header = json.loads(lines[0])
    header["items_sha256"] = "0" * 64
    path.write_bytes(json.dumps(header).encode() + b"\n" + b"".join(lines[1:]))
    with pytest.raises(JournalUnusable, match="not those that the journal was begun with"):
        resume(path, servers)
    path.write_bytes(b"".join(lines) + b'{"type": "result", "score": 7}\n')
    with pytest.raises(JournalUnusable, match="line 4"):
        read_journal(path)


def test_an_arm_without_a_server_is_refused(tmp_path, servers):
    with pytest.raises(PlanError, match="Glyph has no server"):
        started(tmp_path, {Role.TEXT: servers[Role.TEXT]}, plan_of("vt"))


# --- the script -------------------------------------------------------------------------------------------------------

SCRIPT = [sys.executable, str(ROOT / "scripts" / "evaluate.py")]
HOW = ["--tasks", "vt,niah_multikey_2", "--limit", "6", "--length", "1K", "--seed", "3", "--at-once", "1"]


def at(endpoints) -> list[str]:
    pages = endpoints[Role.PAGES]
    return [
        *("--text-url", endpoints[Role.TEXT].base_url, "--pages-url", pages.base_url),
        *("--pages-dir", str(pages.media_path)),
    ]


def test_killed_at_half_and_resumed_no_call_is_lost_or_made_twice(tmp_path, endpoints, servers):
    path, calls = tmp_path / "killed.jsonl", 2 * 6 * 2
    before = sum(map(answered_by, endpoints.values()))
    process = subprocess.Popen([*SCRIPT, *HOW, "--journal", str(path), *at(endpoints)], stdout=subprocess.PIPE)
    for _ in range(calls // 2):
        assert process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    kept = path.read_bytes()
    kept = kept[: kept.rfind(b"\n") + 1]
    assert calls // 2 < kept.count(b"\n") <= calls
    done = subprocess.run(
        [*SCRIPT, "--resume", str(path), *at(endpoints), "--html", str(tmp_path / "r.html")],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
    )
    assert done.returncode == 0, done.stderr
    data = path.read_bytes()
    assert data.startswith(kept)
    keys = [f"{one['item_id']}|{one['arm_key']}" for one in map(json.loads, data.splitlines()[1:])]
    assert len(keys) == len(set(keys)) == calls
    # The one call that was under way when the process was killed is all that may have been made in vain.
    deadline = time.monotonic() + 10
    while (made := sum(map(answered_by, endpoints.values())) - before) < calls and time.monotonic() < deadline:
        time.sleep(0.05)
    assert calls <= made <= calls + 1
    summary = json.loads(done.stdout.splitlines()[-1])
    header, results = read_journal(path)
    assert {name: summary[name] for name in ("cells", "arms", "against")} == {
        name: value for name, value in summary_value(header, results).items() if name in ("cells", "arms", "against")
    }
    assert "On the same items" in (tmp_path / "r.html").read_text()


def test_a_dry_run_tells_calls_tokens_time_and_price_and_asks_nobody(capsys):
    assert main([*HOW, "--arms", "text,pages@72+factsheet,none", "--dry-run", "--price-prompt", "2"]) == 0
    *arms, plan = map(json.loads, capsys.readouterr().out.splitlines())
    assert [one["calls"] for one in arms] == [12, 12, 12]
    assert plan["calls"] == 36
    assert plan["prompt_tokens"] == sum(one["prompt_tokens"] for one in arms)
    assert arms[1]["prompt_tokens"] < arms[0]["prompt_tokens"]
    assert plan["price"] == pytest.approx(2 * plan["prompt_tokens"] / 1e6, abs=1e-3)
    assert plan["projected_seconds"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tasks", "nonsense"], "There is no task 'nonsense'"),
        (["--arms", "pictures"], "Choose from text, none, pages@72"),
        (["--tasks", "mrcr_2", "--dry-run"], "it needs a local folder of MRCR"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(arguments, words, capsys):
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
