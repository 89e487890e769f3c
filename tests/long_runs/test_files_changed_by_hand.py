"""A run's file that was edited, cut or damaged is refused in a sentence, and takes no other run of its folder along."""

import copy
import json

import pytest

from app.clients import Role
from app.evaluation import Arm as EvaluationArm
from app.evaluation import EvaluationPlan, Given, Sources
from app.evaluation.desk import EvaluationDesk
from app.evaluation.errors import EvaluationError
from app.evaluation.export import report_html, results_csv
from app.evaluation.journal import Header as EvaluationHeader
from app.evaluation.journal import Journal as EvaluationJournal
from app.evaluation.journal import ServerNote as EvaluationNote
from app.search import Arm, RuleCritic, SearchError, SearchStudy, run_search
from app.search.desk import SearchDesk
from app.search.export import study_json
from app.sweep import Journal, json_text, table_csv
from app.sweep.desk import SweepDesk
from app.sweep.errors import SweepError
from tests.evaluation.test_figures import result
from tests.search.test_run import begun
from tests.sweep.test_journal import FAILED, HEADER, MEASURED

HOSTILE = (None, True, -1, 1.5, float("inf"), float("nan"), 10**400, "x", [], {}, ["a"])


def paths(value, path=()):
    yield path
    for key in value if isinstance(value, dict) else range(min(len(value), 2)) if isinstance(value, list) else ():
        yield from paths(value[key], (*path, key))


def changed(value, path, new):
    if not path:
        return new
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return value


def every_change(text):
    """Each value of each line in turn is something else."""
    lines = [json.loads(line) for line in text.split("\n") if line]
    for number, line in enumerate(lines):
        for path in paths(line):
            for new in HOSTILE:
                yield "".join(
                    json.dumps(changed(one, path, new) if at == number else one) + "\n" for at, one in enumerate(lines)
                )


def sweeps(folder):
    for name in ("good", "other"):
        with Journal.create(folder / f"{name}.jsonl", HEADER) as journal:
            journal.append(MEASURED)
            journal.append(FAILED)
    desk = SweepDesk(folder, folder / "pages")

    def show():
        header, records = desk.read("other")
        json_text(header, records)
        table_csv(records)

    return desk, show, SweepError


def evaluations(folder):
    plan = EvaluationPlan(("niah_single_1",), (EvaluationArm(Given.TEXT),), count=2, length=1024, answer_tokens=64)
    header = EvaluationHeader(plan, Sources(), 2, "x", "", ("a note",), (EvaluationNote(Role.TEXT, "m", True),))
    for name in ("good", "other"):
        journal = EvaluationJournal.create(folder / f"{name}.jsonl", header)
        journal.append(result("niah_single_1", 0.9, 0, likeness=0.8))
        journal.close()
    desk = EvaluationDesk(folder, folder / "pages")

    def show():
        header, results = desk.read("other")
        results_csv(header, results)
        report_html(header, results)

    return desk, show, EvaluationError


@pytest.mark.parametrize("kind", [sweeps, evaluations])
def test_no_change_of_any_value_breaks_a_screen_or_hides_the_other_run(kind, tmp_path):
    desk, show, refused = kind(tmp_path)
    show()
    path = tmp_path / "other.jsonl"
    refusals = []
    for text in every_change(path.read_text()):
        path.write_text(text)
        try:
            show()
        except refused as error:
            refusals.append(str(error))
    assert len(refusals) > 100
    assert [said for said in refusals if "other.jsonl" not in said or len(said) > 2_000] == []
    assert "good" in [one.id for one in desk.kept()]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("searched")
    study, texts, reader = begun(folder, RuleCritic(), evaluations=4, population=2, arms=(Arm.SEARCH, Arm.MANUAL))
    run_search(study, texts, reader, RuleCritic())
    return folder


@pytest.fixture
def search(searched, tmp_path):
    for path in searched.iterdir():
        if path.suffix != ".lock":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize("line", ["\0\ufffd junk", "null", "7", "[]", '{"op_code": 99}', '{"op_code": 0}', '{"op_cod'])
@pytest.mark.parametrize("at", [0, 40])
def test_a_damaged_search_is_refused_and_the_others_are_listed(search, at, line):
    for path in tuple(search.iterdir()):
        (search / path.name.replace("one.", "other.")).write_bytes(path.read_bytes())
    journal = search / "other.journal"
    lines = journal.read_text().split("\n")
    lines[at] = line
    journal.write_text("\n".join(lines))
    desk = SearchDesk(search)
    with pytest.raises(SearchError, match="search other was changed or is damaged"):
        study_json(desk.open("other"))
    assert [one.id for one in desk.kept()] == ["one"]


def test_a_searchs_header_of_a_hundred_thousand_brackets_is_refused(search):
    (search / "one.json").write_text("[" * 90_000)
    with pytest.raises(SearchError, match="cannot be read"):
        SearchDesk(search).header("one")


@pytest.mark.parametrize("cut", [1, 17])
def test_a_search_whose_last_line_was_torn_goes_on_and_can_be_read(search, cut):
    """As a full disk leaves it. Written behind, half a line would spoil all that follows."""
    journal = search / "one.journal"
    journal.write_bytes(journal.read_bytes()[:-cut])
    study, texts = SearchStudy.resume(search, "one")
    _, _, reader = begun(search.parent, RuleCritic())
    run_search(study, texts, reader, RuleCritic())
    again, _ = SearchStudy.resume(search, "one")
    assert len(again.state(Arm.SEARCH).candidates) == 4
    assert all(json.loads(line) for line in journal.read_text().splitlines())
