"""A conversation as Markdown: nothing that a model wrote can pass for a part of it, and what is simulated says so."""

from dataclasses import replace

from app.comparisons import KnownAnswer, registry
from app.web.comparison_routes import markdown_url
from app.web.conversation_markdown import conversation_markdown, turn_markdown
from tests.clients.scripted_server import DONE, HEADERS, delta, usage
from tests.web.test_comparison_json import finished, simulated
from tests.web.test_comparison_routes import client, servers, spec  # noqa: F401 - fixtures


def answering(servers, *words):  # noqa: F811
    for server in servers:
        server.chat(HEADERS, *(delta(content=word) for word in words), delta(finish="stop"), usage(), DONE)


def test_both_answers_stand_under_their_question_with_their_figures_and_kind(servers, spec):  # noqa: F811
    answering(servers, "**Yes**", ", he did.")
    shot = finished(replace(simulated(spec, 40.0), known=KnownAnswer("Yes.", "yes")))
    text = conversation_markdown([shot, shot])
    assert text.startswith("# Book\n\n## 1. Who?\n")
    assert "## 2. Who?" in text
    assert "### Glyph · glyph · simulated · 40× faster than projected" in text
    assert text.count("> **Yes**, he did.") == 4
    assert text.count("; right\n") == 4
    assert "first token after" in text
    assert "prompt tokens 100" in text


def test_what_a_model_wrote_stays_inside_its_quotation(servers, spec):  # noqa: F811
    answering(servers, "# My heading\r\n```python\nnever closed\n\n### Text model · other\n\u2028end")
    shot = finished(replace(spec, question="One\n\n## Two?"))
    text = turn_markdown(shot)
    headings = [line for line in text.split("\n") if line.startswith("#")]
    assert headings == ["## One ## Two?", "### Text model · qwen · measured", "### Glyph · glyph · measured"]
    assert "> # My heading\n> ```python\n> never closed\n>\n> ### Text model · other\n> \u2028end" in text


def test_a_side_that_failed_says_why_and_keeps_what_it_had_said(servers, spec):  # noqa: F811
    text_server, pages_server = servers
    text_server.chat(HEADERS, delta(content="Half an ans"))
    pages_server.chat(HEADERS, delta(content="Yes"), delta(finish="stop"), DONE)
    text = turn_markdown(finished(spec))
    assert "failed; first token after" in text
    assert "Qwen ended its answer before it was finished." in text
    assert "> Half an ans" in text


def test_nothing_asked_is_nothing_written():
    assert conversation_markdown([]) == ""


def test_the_browser_gets_a_turn_by_its_key_and_a_sentence_for_one_that_is_gone(client, servers, spec):  # noqa: F811
    answering(servers, "Yes")
    shot = finished(spec)
    answer = client.get(markdown_url(shot.comparison_id))
    assert answer.text == turn_markdown(registry().snapshot(shot.comparison_id)) + "\n"
    assert answer.headers["content-type"].startswith("text/plain")
    assert client.get(markdown_url("nobody")).status_code == 404
