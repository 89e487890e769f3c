"""Items: as RULER makes them, the same in every process, within their length; data sets from folders in their published layouts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from app.evaluation import TASKS, EvaluationPlan, PlanError, SourceError, Sources, graded, make_items
from app.evaluation.plan import items_hash, plan_items
from app.evaluation.tasks.dice import Dice
from app.evaluation.values import Arm, Given, Metric, Outcome
from app.tokens import count_text_tokens

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = tuple(name for name, info in TASKS.items() if not info.needs)
RULER = tuple(name for name, info in TASKS.items() if info.family == "RULER")
LENGTH = 1500
NONE = Sources()


@pytest.fixture(scope="module")
def made():
    return {name: make_items(name, LENGTH, 3, 7, NONE) for name in OFFLINE}


def test_ruler_has_its_thirteen_tasks_with_their_answers_lengths():
    assert len(RULER) == 13
    assert {name: TASKS[name].answer_tokens for name in RULER if not name.startswith("niah")} == {
        "vt": 30,
        "cwe": 120,
        "fwe": 50,
        "qa_1": 32,
        "qa_2": 32,
    }


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_another_seed_does_not(made):
    code = (
        "from app.evaluation import TASKS, Sources, make_items\nfrom app.evaluation.plan import items_hash\n"
        "names = [name for name, info in TASKS.items() if not info.needs]\n"
        f"print(items_hash(tuple(i for n in names for i in make_items(n, {LENGTH}, 3, 7, Sources()))))"
    )
    ours = items_hash(tuple(item for name in OFFLINE for item in made[name]))
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == ours
    assert items_hash(tuple(make_items("vt", LENGTH, 3, 8, NONE))) != items_hash(made["vt"])


def test_fewer_items_are_the_first_of_more(made):
    assert make_items("niah_multikey_2", LENGTH, 2, 7, NONE) == made["niah_multikey_2"][:2]


@pytest.mark.parametrize("name", OFFLINE)
def test_an_item_fills_its_length_and_never_exceeds_it(made, name):
    for item in made[name]:
        used = count_text_tokens(f"{item.context}\n\n{item.question}").value + item.answer_tokens
        assert 0.7 * LENGTH < used <= LENGTH


@pytest.mark.parametrize("name", [name for name in RULER if name.startswith("niah")])
def test_every_needle_that_is_asked_for_stands_where_its_evidence_says(made, name):
    for item in made[name]:
        told = [item.context[a:b] for a, b in item.evidence]
        assert len(told) == len(item.references)
        for reference in item.references:
            assert sum(f"is: {reference}." in one for one in told) == 1
            assert item.context.count(reference) == 1
        if name.endswith("_3"):
            assert all(str(uuid.UUID(one)) == one for one in item.references)
        else:
            assert all(re.fullmatch(r"[1-9]\d{6}", one) for one in item.references)


def test_a_chain_of_variables_is_five_long_and_in_order(made):
    for item in made["vt"]:
        value = re.search(r"value (\d{5})", item.question).group(1)
        chain = [item.context[a:b] for a, b in item.evidence]
        assert chain[0] == f"VAR {item.references[0]} = {value}"
        assert chain[1:] == [f"VAR {b} = VAR {a}" for a, b in zip(item.references, item.references[1:], strict=False)]


def test_ten_words_are_common_and_three_coded_ones_frequent(made):
    for item in made["cwe"]:
        counts = Counter(re.findall(r"\d+\. (\S+)", item.context))
        assert {counts[word] for word in item.references} == {6}  # below 4,096 tokens
        assert {times for word, times in counts.items() if word not in item.references} == {1}
    long = make_items("cwe", 4096, 1, 7, NONE)[0]
    assert set(Counter(re.findall(r"\d+\. (\S+)", long.context)).values()) == {30, 3}
    for item in made["fwe"]:
        ranked = [word for word, _ in Counter(item.context.split()).most_common(4)]
        assert (ranked[0], tuple(ranked[1:])) == ("...", item.references)


def test_neither_question_nor_example_stands_in_the_document(made):
    for name in OFFLINE:
        for item in made[name]:
            assert item.question not in item.context
            assert "Question:" not in item.context
            assert "mentioned in the provided text" not in item.context


def test_an_invitation_to_abstain_is_in_every_question_or_in_none():
    plan = EvaluationPlan(("vt", "facts"), (Arm(Given.TEXT),), count=1, length=LENGTH)
    assert all(item.question.endswith("answer only: unknown") for item in plan_items(plan, NONE))


def test_dice_take_no_place_twice_and_everything_at_last():
    assert sorted(Dice("a").sample(range(50), 50)) == list(range(50))


def test_essays_come_from_the_users_folder_and_a_folder_without_prose_is_refused(tmp_path):
    (tmp_path / "one.txt").write_text("Wherever he went, there was salt on the wind. " * 400)
    item = make_items("niah_single_2", LENGTH, 1, 7, Sources(essays=tmp_path))[0]
    assert "salt on the wind" in item.context
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError, match="holds no long prose"):
        make_items("niah_single_2", LENGTH, 1, 7, Sources(essays=empty))


def test_squad_and_hotpotqa_are_read_in_their_layouts(tmp_path):
    paragraphs = [
        {
            "context": f"Paragraph number {n}. The keeper of lamp {n} was called Mara{n}. " + "It rained. " * 20,
            "qas": [
                {"question": f"Who kept lamp {n}?", "is_impossible": False, "answers": [{"text": f"Mara{n}"}]},
                {"question": "Who is nobody?", "is_impossible": True, "answers": []},
            ],
        }
        for n in range(30)
    ]
    (tmp_path / "dev-v2.0.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    items = make_items("qa_1", LENGTH, 3, 7, Sources(squad=tmp_path))
    for n, item in enumerate(items):
        assert item.metric is Metric.PART
        assert item.question.endswith(f"Question: Who kept lamp {n}?")
        assert [item.context[a:b] for a, b in item.evidence] == [f"Mara{n}"]
        assert "Document 1:\n" in item.context
    rows = [
        {
            "question": f"Q{n}",
            "answer": f"A{n}",
            "context": [[f"T{n}", [f"A{n} is here. ", "More. " * 30]], [f"U{n}", ["Other."]]],
        }
        for n in range(20)
    ]
    (tmp_path / "hotpot.json").write_text(json.dumps(rows))
    hotpot = make_items("qa_2", LENGTH, 1, 7, Sources(hotpotqa=tmp_path / "hotpot.json"))[0]
    assert hotpot.references == ("A0",)
    assert "T0\nA0 is here." in hotpot.context
    with pytest.raises(SourceError, match="not laid out as SQuAD"):
        make_items("qa_1", LENGTH, 1, 7, Sources(squad=tmp_path / "hotpot.json"))


def test_mrcr_is_read_from_parquet_and_its_turns_become_a_transcript(tmp_path):
    turns = [
        {"role": "user", "content": "write a poem about salt"},
        {"role": "assistant", "content": "Salt, salt."},
        {"role": "user", "content": "Prepend Xy12 to the 1st poem about salt."},
    ]
    folder = tmp_path / "2needle"
    folder.mkdir()
    table = {
        "prompt": [json.dumps(turns)] * 2,
        "answer": ["Xy12Salt, salt."] * 2,
        "random_string_to_prepend": ["Xy12"] * 2,
    }
    parquet.write_table(pa.table(table), folder / "0.parquet")
    (item, _) = make_items("mrcr_2", 1024, 5, 7, Sources(mrcr=tmp_path))
    assert item.context == "User: write a poem about salt\nAssistant: Salt, salt."
    assert item.question == "Prepend Xy12 to the 1st poem about salt."
    assert item.context[slice(*item.evidence[0])] == "Salt, salt."
    assert graded(item, "Xy12Salt, salt.") == (1.0, Outcome.CORRECT)
    assert graded(item, "Salt, salt.")[0] == 0.0
    with pytest.raises(SourceError, match="4needle"):
        make_items("mrcr_4", 1024, 5, 7, Sources(mrcr=tmp_path))


def test_longbench_is_cut_in_the_middle_and_a_broken_line_is_named(tmp_path):
    long = " ".join(f"word{n}" for n in range(4000))
    row = {"input": "What {is} it?", "context": long, "answers": ["this"], "all_classes": None, "_id": "1"}
    (tmp_path / "qasper.jsonl").write_text(json.dumps(row) + "\n")
    item = make_items("longbench/qasper", 1024, 5, 7, Sources(longbench=tmp_path))[0]
    assert count_text_tokens(item.context).value <= 1024
    assert (item.context[:5], item.context[-8:]) == ("word0", "word3999")
    assert "Question: What {is} it?" in item.question
    (tmp_path / "trec.jsonl").write_text('{"input": 1}\n')
    with pytest.raises(SourceError, match=r"trec\.jsonl, line 1"):
        make_items("longbench/trec", 1024, 5, 7, Sources(longbench=tmp_path))
    with pytest.raises(SourceError, match=r"holds no lcc\.jsonl"):
        make_items("longbench/lcc", 1024, 5, 7, Sources(longbench=tmp_path))


def test_a_needle_is_hidden_in_the_users_own_book_at_depths_from_beginning_to_end():
    book = " ".join(f"This is sentence {n} of the book." for n in range(3000))
    items = make_items("book_needle", LENGTH, 5, 7, Sources(book_title="B", book_text=book))
    depths = [item.evidence[0][0] / len(item.context) for item in items]
    assert depths == sorted(depths)
    assert depths[0] < 0.2
    assert depths[-1] > 0.8
    assert len({item.context[:100] for item in items}) == 5  # another stretch each
    with pytest.raises(SourceError, match="it needs a book"):
        make_items("book_needle", LENGTH, 1, 7, NONE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tasks": ()}, "No tasks"),
        ({"tasks": ("vt", "vt")}, "twice"),
        ({"tasks": ("nonsense",)}, "There is no task 'nonsense'"),
        ({"count": 0}, "count is 0"),
        ({"length": 10}, "choose from 512"),
        ({"arms": (Arm(Given.PAGES),)}, "settings and a factsheet belong to pages"),
        ({"tasks": tuple(TASKS), "count": 5000}, "calls; 100,000 are allowed"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_in_words(change, words):
    with pytest.raises(PlanError, match=words):
        EvaluationPlan(**{"tasks": ("vt",), "arms": (Arm(Given.TEXT),), **change})
