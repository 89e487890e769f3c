"""The Evaluate screen without a browser: the headless script's digits, a plan from the widgets, an item with its page."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.charts import accuracy_chart
from app.clients import Role
from app.evaluation import (
    EvaluationDesk,
    Outcome,
    Result,
    Sources,
    evaluation_desk,
    looked_at,
    make_items,
    misreadings,
    report_html,
    report_of,
)
from app.preview.passage_pictures import passage_picture
from app.ui.evaluate.item_view import APART, EVERY, SHOWN, shown_ids
from app.ui.evaluate.results import matrix_rows
from app.ui.outside import plain
from scripts.evaluate import main
from tests.clients.simulators import simulator
from tests.evaluation.conftest import CONFIG, NOTHING, PAGES, TEXT, plan_of

WITHIN_S = 120


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A desk with one finished evaluation, and its id."""
    folder = tmp_path_factory.mktemp("evaluate")
    pages = folder / "pages"
    pages.mkdir()
    with (
        simulator(Role.TEXT, "--speedup", "5000") as text,
        simulator(Role.PAGES, "--speedup", "5000", "--pages-dir", str(pages)) as seen,
    ):
        servers = {Role.TEXT: looked_at(text)[0], Role.PAGES: looked_at(seen)[0]}
        desk = EvaluationDesk(folder / "evaluations", pages)
        plan = plan_of("niah_multikey_2", "vt", arms=(TEXT, PAGES, NOTHING))
        evaluation_id = desk.begin(plan, Sources(), servers)
        assert desk.wait(WITHIN_S)
    return desk, evaluation_id


def test_items_are_shown_by_how_they_ended_and_by_whether_the_arms_differ():
    ended = {"a": (Outcome.CORRECT, Outcome.CORRECT), "b": (Outcome.CORRECT, Outcome.WRONG), "c": (Outcome.NO_ANSWER,)}
    results = [
        Result(name, "vt", str(arm), outcome, 0.0) for name, found in ended.items() for arm, outcome in enumerate(found)
    ]
    shown = {only: "".join(shown_ids(results, only)) for only in SHOWN}
    assert shown == {
        EVERY: "abc",
        APART: "b",
        "correct": "ab",
        "abstained": "",
        "silently wrong": "b",
        "no answer": "c",
    }


def test_the_screens_digits_are_those_of_the_headless_report(done):
    desk, evaluation_id = done
    header, results = desk.read(evaluation_id)
    rows = matrix_rows(report_of(header.plan.arms, results))
    told = [cell for row in rows for name, cell in row.items() if name != "Task"]
    html = report_html(header, results)
    cells = re.findall(r"<t[dh]>(\d+\.\d \([\d.]+–[\d.]+\), n \d+)<", html)
    assert cells == told
    assert len(told) == 3 * 3


def test_a_finished_evaluation_is_kept_and_its_items_are_made_again(done):
    desk, evaluation_id = done
    (kept,) = desk.kept()
    assert (kept.id, kept.settled, kept.total) == (evaluation_id, 12, 12)
    again = EvaluationDesk(desk._folder.folder, desk._pages)
    assert again.items(evaluation_id) == desk.items(evaluation_id)


def test_the_chart_has_every_arm_and_the_papers_points(done):
    desk, evaluation_id = done
    header, results = desk.read(evaluation_id)
    traces = {one.name: one for one in accuracy_chart(report_of(header.plan.arms, results)).data}
    assert {name.split(",")[0] for name in traces} == {
        "Text model",
        "Glyph",
        "Glyph in the paper",
        "Qwen3-8B in the paper",
    }
    assert all("simulated" in name or "published" in name for name in traces)
    assert list(traces["Glyph in the paper, published"].y) == [72.17, 91.23, 94.67]


def test_a_passage_is_shown_with_the_cells_that_hold_it():
    item = make_items("niah_multikey_2", 1024, 1, 3, Sources())[0]
    picture = passage_picture(item.context, CONFIG, item.evidence[0])
    assert picture.page_png.startswith(b"\x89PNG")
    assert picture.detail_png.startswith(b"\x89PNG")
    assert 3 <= picture.cells <= 40  # one sentence of some eighty characters


def test_what_was_nearly_said_stands_beside_what_was_right():
    item = make_items("niah_multikey_2", 1024, 1, 3, Sources())[0]
    right = item.references[0]
    wrong = f"{right[:3]}O{right[4:]}"
    (one,) = misreadings(item, f"It says {wrong}, I think.")
    assert (one.reference, one.nearest) == (right, wrong)
    assert misreadings(item, f"It is {right}.") == ()
    assert misreadings(item, "unknown")[0].nearest == ""


def screen():
    from app.ui.evaluate.screen import draw_evaluate

    draw_evaluate()


@pytest.fixture
def app(done, monkeypatch):
    desk, _ = done
    real = evaluation_desk()
    for name in ("kept", "read", "items", "look"):
        monkeypatch.setattr(real, name, getattr(desk, name))
    monkeypatch.setenv("GLYPH_SIMULATOR", "always")
    return AppTest.from_function(screen, default_timeout=120).run()


def test_the_screen_draws_matrix_files_and_an_item_and_says_what_is_simulated(app):
    assert not app.exception
    assert not app.error
    shown = [one.value for one in app.dataframe]
    assert "100.0" in str(shown[0].values.tolist())
    assert any("simulator" in one.value for one in app.caption)
    assert {one.label for one in app.get("download_button")} >= {"CSV", "JSON", "HTML", "inspect logs"}
    assert any("Right:" in one.value for one in app.caption)
    next(one for one in app.selectbox if one.label == "Show").set_value("abstained").run()
    assert not app.exception


def test_a_plan_that_cannot_be_carried_out_is_said_beside_the_button(app):
    next(one for one in app.multiselect if one.label == "Tasks").set_value([]).run()
    assert any("No tasks" in one.value for one in app.warning)
    assert next(one for one in app.button if one.label == "Start the evaluation").disabled


def cost_shown(app):
    """The table of costs and its sentence, once they are there: a fragment does not tick by itself here."""
    deadline = time.monotonic() + WITHIN_S
    while not (said := [one.value for one in app.caption if "calls about" in one.value]):
        assert time.monotonic() < deadline, [one.value for one in app.caption]
        app.run()
    return next(one.value for one in app.dataframe if "Prompt tokens" in one.value and "Calls" in one.value), said[0]


def test_before_the_start_the_screen_tells_what_the_dry_run_tells(app, capsys):
    next(one for one in app.number_input if one.label == "Items a task").set_value(1).run()
    next(one for one in app.multiselect if one.label == "Tasks").set_value(["vt", "cwe"]).run()
    table, _ = cost_shown(app)
    next(one for one in app.number_input if one.label.endswith("prompt tokens")).set_value(2.5).run()
    table, said = cost_shown(app)
    how = [
        "--tasks",
        "vt,cwe",
        "--arms",
        "text,pages@72,pages@96",
        "--limit",
        "1",
        "--length",
        "2K",
        "--price-prompt",
        "2.5",
    ]
    assert main([*how, "--dry-run"]) == 0
    told = capsys.readouterr()
    *arms, whole = map(json.loads, told.out.splitlines())
    assert whole["type"] == "plan"
    assert list(table["Arm"]) == [one["arm"] for one in arms]
    assert list(table["Prompt tokens"]) == [f"{one['prompt_tokens']:,}" for one in arms]
    assert list(table["Answers, some"]) == [f"{one['answer_tokens_reckoned']:,}" for one in arms]
    assert list(table["Price"]) == [f"{one['price']:,.4f}" for one in arms]
    assert plain(told.err.splitlines()[-1].removesuffix(" Nothing was asked.")) == said


def test_a_plan_of_millions_of_tokens_is_reckoned_only_when_asked_for(app):
    next(one for one in app.number_input if one.label == "Items a task").set_value(500).run()
    next(one for one in app.selectbox if one.label == "Length").set_value(131_072).run()
    assert not any("calls about" in one.value or "Reckoning" in one.value for one in app.caption)
    assert any(one.label == "Tell calls, tokens and time" for one in app.button)


def test_outcomes_have_a_colour_each():
    from app.ui.evaluate.item_view import _COLORS

    assert set(_COLORS) == set(Outcome)
    assert Path("pages/evaluate.py").is_file()
