"""What the panes are told: figures with their sources, whose times a simulator plays, errors with their side."""

import threading
import time
from dataclasses import replace

import pytest

from app.comparisons import BookCost, CutNote, KnownAnswer, Passages, Projected, registry
from app.projection import DEFAULT_GPU
from app.reading import TextReading, Window, book_figures
from app.reading.words import sent_words
from app.ui.compare.time_table import server_rows, side_stages, simulated_caption, stage_rows
from app.web.comparison_json import turn_view
from tests.clients.scripted_server import DONE, HEADERS, Pause, WaitFor, delta, event, usage
from tests.web.test_comparison_routes import servers, spec  # noqa: F401 - fixtures


def finished(spec):  # noqa: F811
    comparison_id = registry().start(spec)
    deadline = time.monotonic() + 10
    while registry().snapshot(comparison_id).running:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return registry().snapshot(comparison_id)


@pytest.fixture
def good(servers):  # noqa: F811
    for server in servers:
        server.chat(HEADERS, delta(reasoning="hm"), delta(content="**Yes**"), delta(finish="stop"), usage(), DONE)


def simulated(spec, speedup):  # noqa: F811
    ends = {"simulated": True, "simulated_gpu": "NVIDIA H100", "simulated_speedup": speedup}
    return replace(
        spec, text_endpoint=replace(spec.text_endpoint, **ends), pages_endpoint=replace(spec.pages_endpoint, **ends)
    )


def test_a_measured_side_says_so_and_usage_is_named_as_the_source(good, spec):  # noqa: F811
    shot = finished(spec)
    side = turn_view(shot, None)["sides"]["text"]
    assert (side["kind"], side["simulated"]) == ("measured", False)
    assert "usage" in dict((label, said) for label, _, said in side["figures"])["Prompt tokens"]
    assert side["ttft_ms"] > 0
    assert simulated_caption(shot) == ""


@pytest.mark.parametrize(("speedup", "kind"), [(1.0, "simulated"), (40.0, "simulated · 40× faster than projected")])
def test_a_simulated_side_says_how_it_was_sped_up(good, spec, speedup, kind):  # noqa: F811
    shot = finished(simulated(spec, speedup))
    side = turn_view(shot, None)["sides"]["pages"]
    assert side["kind"] == kind
    assert "NVIDIA H100" in side["kind_help"]
    assert ("40× faster" in simulated_caption(shot)) is (speedup == 40.0)


def test_a_simulator_that_stood_still_for_its_own_words_is_told_and_a_real_server_cannot_say_so(servers, spec):  # noqa: F811
    for server in servers:
        late = {"stand_in_waited_ms": 1300.0, "stand_in_late_ms": 400.0} if server is servers[1] else None
        server.chat(HEADERS, delta(content="Yes"), delta(finish="stop"), usage(completion=2, metrics=late), DONE)
    shot = finished(simulated(spec, 1.0))
    text, pages = (turn_view(shot, None)["sides"][role] for role in ("text", "pages"))
    told = "Glyph: the stand-in that reads for the simulated model needed longer than the projection"
    for words in (pages["kind_help"], pages["note"], simulated_caption(shot)):
        assert told in words
        assert "stood still for 1.3 s" in words
        assert "400 ms after its simulated end; no figure counts that." in words
    assert "stood still" not in text["kind_help"] + text["note"]
    real = turn_view(finished(spec), None)["sides"]["pages"]
    assert "stood still" not in real["kind_help"] + real["note"]


@pytest.mark.parametrize(("speedup", "word"), [(1.0, "projected"), (0.5, "expected")])
def test_what_a_hurried_simulator_is_waited_for_is_not_called_projected(good, spec, speedup, word):  # noqa: F811
    asked = replace(simulated(spec, speedup), text_projected=Projected(8000.0, "NVIDIA H100"))
    side = turn_view(finished(asked), None)["sides"]["text"]
    assert side["projected_word"] == word
    assert ("2× slower than projected" in side["projected_help"]) is (speedup != 1)
    said = next(help for label, _, help in side["figures"] if label == "Total")
    assert ("here 2× slower than projected" in said) is (speedup != 1)


def test_stages_of_both_sides_and_the_servers_own_figures_are_tabled(good, spec):  # noqa: F811
    shot = finished(replace(spec, parse_ms=12.0, render_ms=2500.0))
    rows = {row["Stage"]: row for row in stage_rows(shot)}
    assert rows["Parse the file"] == {"Stage": "Parse the file", "Text model": "12 ms", "Glyph": "12 ms"}
    assert rows["Render pages"] == {"Stage": "Render pages", "Text model": "–", "Glyph": "2.50 s"}
    assert {"Prefill", "Think", "First token at", "Done at"} <= set(rows)
    assert [side.label for side in side_stages(shot)] == ["Text model", "Glyph"]
    told = {row["Figure"]: row for row in server_rows(shot)}
    assert told["Queue"] == {"Figure": "Queue", "Text model": "–", "Glyph": "–"}  # this server does not tell
    assert told["Prompt tokens"]["Text model"] == f"{shot.text.usage.prompt_tokens:,}"


def test_the_servers_own_stopwatch_stands_beside_ours(servers, spec):  # noqa: F811
    text, pages = servers
    metrics = {"generation_time_ms": 250.0, "mean_itl_ms": 24.96, "tokens_per_second": 12.345}
    for server, told in ((text, metrics), (pages, None)):
        server.chat(HEADERS, delta(content="Yes."), delta(finish="stop"), usage(metrics=told), DONE)
    told = {row["Figure"]: (row["Text model"], row["Glyph"]) for row in server_rows(finished(spec))}
    assert told["Between two tokens, mean"] == ("25.0 ms", "–")
    assert told["Tokens/s, prefill included"] == ("12.3", "–")


def test_an_error_names_its_side_and_the_other_has_none(servers, spec):  # noqa: F811
    text, pages = servers
    pages.chat(HEADERS, delta(content="Yes."), delta(finish="stop"), usage(), DONE)
    text.route("/v1/chat/completions", {"error": {"message": "boom", "code": 500}}, 500)
    sides = turn_view(finished(spec), None)["sides"]
    assert sides["text"]["error"]["what_happened"].startswith("Text model: ")
    assert sides["text"]["error"]["what_to_do"]
    assert sides["pages"]["error"] is None


class TestWhatIsInTheBook:
    BOOK = (
        "Ida climbed the tower. " * 40 + "The lamp on Corrin Point burned forty-one gallons. " + "Wren laughed. " * 40
    )

    @pytest.fixture
    def asked(self, servers, spec):  # noqa: F811
        answer = "> The lamp on Corrin Point burned\n\nIt took 41 gallons; Wren and Bosun saw it."
        for server in servers:
            server.chat(HEADERS, delta(content=answer), delta(finish="stop"), usage(), DONE)
        at = self.BOOK.index("The lamp")
        passages = Passages("hash of it", self.BOOK, (0, at - 10, at + 200), "d=72")
        return replace(spec, passages=passages, cut=CutNote(10, 10, (at - 5, at + 400)))

    def test_each_claim_has_its_page_and_what_the_book_lacks_is_named(self, asked):
        checked = turn_view(finished(asked), None)["sides"]["text"]["checked"]
        claims = {claim["text"]: claim for claim in checked["claims"]}
        quoted = claims["The lamp on Corrin Point burned"]
        assert (quoted["page"], quoted["kind"], checked["query"]) == (2, "quotation", "d=72")
        assert self.BOOK[quoted["from"] : quoted["to"]] == "The lamp on Corrin Point burned"
        assert {text: claim["found"] for text, claim in claims.items()} == {
            "The lamp on Corrin Point burned": "found",
            "41": "found differently",
            "Wren": "found",
            "Bosun": "not found",
        }

    def test_what_a_side_did_not_read_is_told_on_that_side_only(self, asked):
        sides = turn_view(finished(asked), None)["sides"]
        note = "this side was not given that part of the book"
        notes = {role: [claim["note"] for claim in side["checked"]["claims"]] for role, side in sides.items()}
        assert notes["text"] == [note, f"in words: “forty-one”; {note}", "", ""]
        assert notes["pages"] == ["", "in words: “forty-one”", "", ""]
        said = "2 of 4 names, numbers and quotations are in the book, 1 differently"
        assert sides["pages"]["checked"]["words"] == said
        assert sides["text"]["checked"]["words"] == f"{said}, 2 where this side did not read"

    def test_a_simulator_s_own_words_are_no_claims_about_the_book(self, asked):
        checked = turn_view(finished(simulated(asked, 1.0)), None)["sides"]["pages"]["checked"]
        assert checked["words"] == "The quotation is in the book"

    def test_without_a_book_there_is_nothing_to_hold_an_answer_against(self, asked):
        assert turn_view(finished(replace(asked, passages=None)), None)["sides"]["pages"]["checked"] is None


class TestVerdict:
    @pytest.mark.parametrize(
        ("answer", "kind", "label"),
        [
            ("It has 163 steps.", "right", "✓ right"),
            ("It has 12.", "wrong", "✗ wrong"),
            ("Unknown.", "abstained", "– abstained"),
        ],
    )
    def test_an_answer_is_held_against_the_known_one(self, servers, spec, answer, kind, label):  # noqa: F811
        for server in servers:
            server.chat(HEADERS, delta(content=answer), delta(finish="stop"), usage(), DONE)
        view = turn_view(finished(replace(spec, known=KnownAnswer("163", "163", 0.5, cut_away=True))), None)
        assert (view["sides"]["text"]["verdict"]["kind"], view["sides"]["text"]["verdict"]["label"]) == (kind, label)
        assert view["known"] == "163"
        assert view["place"] == "Fact 50 % into the book, cut from the text model's part."

    def test_the_sentence_names_what_each_side_read(self, good, spec):  # noqa: F811
        view = turn_view(finished(replace(spec, cut=CutNote(52, 48, (1, 2)))), None)
        assert view["sentence"].startswith("Measured: ")
        assert "Glyph read the whole book, the text model 52\u00a0% of it." in view["sentence"]
        assert view["sides"]["text"]["read"] == "reads 52\u00a0% of the book"
        assert view["sides"]["pages"]["read"] == "reads the whole book"

    @pytest.mark.parametrize(
        ("kept", "words"), [(46_860, "47\u00a0%"), (99_999, "more than 99\u00a0%"), (1, "less than 1\u00a0%")]
    )
    def test_the_share_that_is_read_is_the_same_wherever_it_is_told(self, good, spec, kept, words):  # noqa: F811
        window = Window(131_072, True)
        told = book_figures(TextReading(100_000, kept, window), [600], window, DEFAULT_GPU)
        view = turn_view(finished(replace(spec, cut=CutNote(kept, 100_000 - kept, (1, 2)))), None)
        text = view["sides"]["text"]
        assert sent_words(told) == f"cut to {words} ({kept:,} tokens)"
        assert f"the text model {words} of it." in view["sentence"]
        assert text["read"] == f"reads {words} of the book"
        assert text["note"].startswith(f"Read {words} of the book, {kept:,} of 100,000 text tokens")


def test_how_far_a_prompt_is_read_is_told_with_its_pace_and_who_says_so(servers, spec):  # noqa: F811
    text, pages = servers
    going = WaitFor(threading.Event())

    def progress(processed):
        return event({"choices": [], "prompt_progress": {"total": 5000, "cache": 1000, "processed": processed}})

    text.chat(
        HEADERS, progress(2000), Pause(0.05), progress(3000), going, delta(content="Yes"), delta(finish="stop"), DONE
    )
    pages.chat(HEADERS, delta(content="Yes"), delta(finish="stop"), DONE)
    comparison_id = registry().start(simulated(spec, 1.0))
    shot = registry().snapshot(comparison_id)
    while shot.text.prompt_progress is None or shot.text.prompt_progress.read_tokens < 3000:
        assert registry().wait_changed(comparison_id, shot.version, 30) != shot.version
        shot = registry().snapshot(comparison_id)
    sides = turn_view(shot, None)["sides"]
    going.event.set()
    assert sides["text"]["reading"]["share"] == 0.5  # what was cached was not read
    assert sides["text"]["reading"]["words"] == "3,000 of 5,000 tokens read, says the simulator"
    first, last, sent = shot.text.first_progress.at, shot.text.prompt_progress.at, shot.text.marks.sent
    assert sides["text"]["reading"]["finish_ms"] == pytest.approx(1000 * (last - sent + 2 * (last - first)))
    assert sides["pages"]["reading"] is None


def test_what_a_book_costs_stands_beside_each_window(good, spec):  # noqa: F811
    costs = {"text_cost": BookCost(200_000, 200_000, 100_000), "pages_cost": BookCost(60_000, 60_200, 100_000, True)}
    sides = turn_view(finished(replace(spec, **costs)), None)["sides"]
    assert (sides["text"]["cost"]["words"], sides["text"]["cost"]["share"]) == ("2.00× its window", 2.0)
    assert sides["pages"]["cost"]["words"] == "60\u00a0% of its window"
    assert "assumed" in sides["text"]["cost"]["help"]
    assert "as its server says" in sides["pages"]["cost"]["help"]
