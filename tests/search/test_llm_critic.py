"""A language model as critic: what it proposes rightly is tried, what it proposes wrongly is told, and an outage costs nothing."""

import json

import pytest

from app.search import Arm, CriticEndpoint, LlmCritic, SearchError, SearchPlan, SearchStudy, run_search
from tests.clients.scripted_server import ScriptedServer, error_answer, json_answer
from tests.search.by_formula import FormulaReader, documents


def said(children, analysis="Letters are too small."):
    content = "<think>hm {</think>" + json.dumps({"analysis": analysis, "children": children})
    return json_answer({"choices": [{"message": {"content": content}}]})


def searched(folder, url, **plan):
    critic = LlmCritic(CriticEndpoint(url, "a-model", wait_s=0.0), sleep=lambda seconds: None)
    reader, texts = FormulaReader(), documents()
    wanted = SearchPlan(**{"evaluations": 12, "population": 6, "seed_published": False, **plan})
    study = SearchStudy.begin(folder, "one", texts, reader.name, critic.name, wanted)
    run_search(study, texts, reader, critic)
    return study, study.state(Arm.SEARCH)


@pytest.fixture
def server():
    with ScriptedServer() as running:
        yield running


def test_right_proposals_are_tried_and_wrong_ones_are_told_and_never_become_random_values(tmp_path, server):
    children = [
        {"parents": [0], "changes": {"dpi": 143}, "reason": "larger letters"},
        {"parents": [0], "changes": {"dpi": 4000}, "reason": "far larger"},
        {"parents": [0], "changes": {"glue": 1}, "reason": "?"},
        {"parents": [99], "changes": {"dpi": 140}, "reason": "whose?"},
        {"parents": [0], "changes": {"dpi": 143}, "reason": "again"},
        "no object",
    ]
    server.chat(said(children))
    _, state = searched(tmp_path, server.url)
    mine = [one for one in state.candidates if one.proposal.by == "a-model"]
    assert [one.proposal.genome.get("dpi") for one in mine] == [143]
    assert (mine[0].proposal.parents, mine[0].proposal.reason) == ((0,), "larger letters")
    [(generation, advice)] = state.advice
    assert (generation, advice.analysis) == (1, "Letters are too small.")
    assert len(advice.refused) == 5
    assert "dpi cannot be '4000'" in advice.refused[0]
    assert len(state.candidates) == 12, "the operators filled the generation"


def test_an_outage_is_told_and_the_generation_is_bred_without_it(tmp_path, server):
    server.chat(error_answer(503, "busy"))
    server.chat(error_answer(503, "busy"))
    _, state = searched(tmp_path, server.url)
    [(_, advice)] = state.advice
    assert "status 503" in advice.trouble
    assert len(state.candidates) == 12


@pytest.mark.parametrize("content", ["no JSON", "[1, 2]", "{" * 5000, '{"children": 7}', ""])
def test_an_answer_that_is_no_advice_is_told(tmp_path, server, content):
    server.chat(json_answer({"choices": [{"message": {"content": content}}]}))
    _, state = searched(tmp_path, server.url)
    [(_, advice)] = state.advice
    assert advice.trouble or advice.proposals == ()
    assert len(state.candidates) == 12


def test_a_server_without_structured_output_is_asked_in_words(tmp_path, server):
    server.chat(error_answer(400, "response_format is not supported"))
    server.chat(said([]))
    searched(tmp_path, server.url)
    first, second = (json.loads(asked.body) for asked in server.chats)
    assert "response_format" in first
    assert "response_format" not in second


def test_the_critic_is_shown_ranges_results_and_what_was_misread_and_no_key(tmp_path, server, monkeypatch):
    monkeypatch.setenv("SEARCH_KEY", "sk-secret")
    server.chat(said([]))
    searched(tmp_path, server.url)
    message = json.loads(server.chats[0].body)["messages"][1]["content"]
    assert "- dpi: 45 to 144 in steps of 1" in message
    assert "'7481' => '7431'" in message
    assert "sk-secret" not in message


def test_an_address_that_is_none_is_refused_at_once():
    with pytest.raises(SearchError, match="critic's address"):
        LlmCritic(CriticEndpoint("ftp://x", "m"))
