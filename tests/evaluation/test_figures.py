"""One table of figures: LongBench as its authors sum it up, MRCR's Levenshtein figure, and the same rows wherever they are shown."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pyarrow as pa
import pytest
from pyarrow import parquet

from app.evaluation import (
    Metric,
    Outcome,
    Result,
    Sources,
    figure_rows,
    graded,
    header_to_json,
    make_items,
    read_journal,
    report_html,
    report_json,
    report_of,
    result_to_json,
    results_csv,
    summary_value,
)
from app.evaluation.inspect_log import write_inspect_logs
from app.evaluation.scoring import likeness
from app.evaluation.tasks import LONGBENCH_CATEGORIES
from app.ui.evaluate.results import matrix_rows
from tests.evaluation.conftest import TEXT, plan_of, started


def result(task, score, number=0, **more):
    return Result(f"{task}/{number}", task, TEXT.key, Outcome.WRONG, score, **more)


def figure(report, name):
    (row,) = [row for row in figure_rows(report) if row.name.startswith(name)]
    return row.name, row.figures[0].share


def test_longbench_is_the_mean_of_its_categories_means_not_of_its_tasks():
    scores = {"qasper": 0.2, "narrativeqa": 0.4, "hotpotqa": 0.9, "gov_report": 0.1, "trec": 0.5, "lcc": 0.6}
    found = [result(f"longbench/{name}", score) for name, score in scores.items()]
    name, share = figure(report_of((TEXT,), found), "LongBench")
    assert share.value == pytest.approx((0.3 + 0.9 + 0.1 + 0.5 + 0.6) / 5)  # qasper and narrativeqa are one category
    assert (name, share.count) == ("LongBench, mean of 5 of its 6 categories", 6)
    whole = report_of((TEXT,), [*found, result("longbench/passage_count", 1.0)])
    assert figure(whole, "LongBench")[0] == "LongBench, mean of 6 of its 6 categories"
    assert LONGBENCH_CATEGORIES == 6


def test_without_longbench_there_is_no_such_row_and_without_mrcr_no_levenshtein():
    names = [row.name for row in figure_rows(report_of((TEXT,), [result("vt", 0.5)]))]
    assert names == ["vt", "all"]


def test_one_misread_character_costs_levenshtein_its_share_and_difflib_far_more():
    item = replace(
        make_items("vt", 1024, 1, 1, Sources())[0], metric=Metric.MRCR, references=("abcd" * 100,), prefix=""
    )
    answer = "".join("#" if at % 20 == 0 else letter for at, letter in enumerate(item.references[0]))
    assert likeness(item, answer) == pytest.approx(0.95)
    assert graded(item, answer)[0] < 0.5
    assert likeness(item, "") == 0.0
    assert likeness(replace(item, metric=Metric.ALL), answer) is None


def test_a_call_without_an_answer_counts_in_the_levenshtein_figure():
    found = [result("mrcr_2", 0.9, 0, likeness=0.8), result("mrcr_2", 0.0, 1, likeness=0.0)]
    assert figure(report_of((TEXT,), found), "mrcr_2, Levenshtein")[1].value == pytest.approx(0.4)


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory, servers):
    """An evaluation of MRCR and two LongBench tasks from files in their published layouts, by the simulator."""
    folder = tmp_path_factory.mktemp("published")
    turns = [
        {"role": "user", "content": "write a poem about salt"},
        {"role": "assistant", "content": "Salt, salt, and the sea."},
        {"role": "user", "content": "Prepend Xy12 to the 1st poem about salt."},
    ]
    (folder / "2needle").mkdir()
    table = {
        "prompt": [json.dumps(turns)],
        "answer": ["Xy12Salt, salt, and the sea."],
        "random_string_to_prepend": ["Xy12"],
    }
    parquet.write_table(pa.table(table), folder / "2needle" / "0.parquet")
    for name in ("qasper", "trec"):
        row = {
            "input": "What is kept?",
            "context": "The light is kept. " * 40,
            "answers": ["the light"],
            "all_classes": None,
        }
        (folder / f"{name}.jsonl").write_text(json.dumps({**row, "all_classes": ["the light", "other"], "_id": "1"}))
    plan = plan_of("mrcr_2", "longbench/qasper", "longbench/trec")
    run = started(folder, servers, plan, sources=Sources(mrcr=folder, longbench=folder))
    run.run()
    return read_journal(folder / "run.jsonl")


def test_summary_screen_html_and_json_have_the_same_rows_and_digits(evaluated):
    header, results = evaluated
    report = report_of(header.plan.arms, results)
    names = [row.name for row in figure_rows(report)]
    assert names == [
        "mrcr_2",
        "mrcr_2, Levenshtein",
        "longbench/qasper",
        "longbench/trec",
        "LongBench, mean of 2 of its 6 categories",
        "all",
    ]
    screen = matrix_rows(report)
    assert [row["Task"] for row in screen] == names
    html = report_html(header, results)
    for row in screen:
        for label, words in row.items():
            assert words in html, label
    told = summary_value(header, results)["figures"]
    assert told == json.loads(report_json(header, results))["report"]["figures"]
    assert [one["figure"] for one in told if one["arm"] == TEXT.label] == names
    for one in told:
        row = next(row for row in figure_rows(report) if row.name == one["figure"])
        shares = [figure.share.value for figure in row.figures]
        assert one["score"] in [round(value, 6) for value in shares]


def test_csv_and_inspect_logs_hold_the_levenshtein_figure_where_there_is_one(evaluated, tmp_path):
    header, results = evaluated
    rows = list(csv.DictReader(io.StringIO(results_csv(header, results))))
    assert {row["task"] for row in rows if row["likeness"]} == {"mrcr_2"}
    assert all(float(row["simulated_speedup"]) > 0 for row in rows)
    write_inspect_logs(tmp_path, header, results)
    for path in tmp_path.glob("*.json"):
        log = json.loads(path.read_text())
        names = {one["name"] for one in log["results"]["scores"]}
        assert ("Levenshtein" in names) is log["eval"]["task"].startswith("mrcr_2")


def test_a_journal_from_before_the_levenshtein_figure_is_read_and_shows_none(evaluated, tmp_path):
    header, results = evaluated
    lines = [json.dumps(header_to_json(header))]
    for one in results:
        value = result_to_json(one)
        for name in ("likeness", "simulated_gpu", "simulated_speedup"):
            del value[name]
        lines.append(json.dumps(value))
    old = tmp_path / "old.jsonl"
    old.write_text("".join(f"{line}\n" for line in lines))
    again, found = read_journal(old)
    assert len(found) == len(results)
    assert not any("Levenshtein" in row.name for row in figure_rows(report_of(again.plan.arms, found)))
