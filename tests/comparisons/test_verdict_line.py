"""The verdict says what its times are, what ended early, what was read, and whose caches were warm; nothing that is not known."""

import threading
from dataclasses import replace

import pytest

from app.clients import Role
from app.clients.pace import pace_words
from app.comparisons import CutNote, Phase, reading_line, verdict_line
from app.measurement import CacheState
from tests.clients.scripted_server import DONE, HEADERS, WaitFor, delta
from tests.comparisons.comparisons import GOOD, finished, wait_until

COLD = {"text": CacheState.COLD, "pages": CacheState.COLD}


@pytest.fixture
def shot(kept, servers, spec):
    """Both answered, both cold."""
    for server in servers:
        server.chat(*GOOD)
    return with_caches(finished(kept, kept.start(spec)), **COLD)


def with_caches(shot, **caches):
    return changed(shot, **{side: {"cache": cache} for side, cache in caches.items()})


def changed(shot, **sides):
    return replace(shot, **{side: replace(getattr(shot, side), **changes) for side, changes in sides.items()})


def simulated_at(spec, text, pages):
    return replace(
        spec,
        text_endpoint=replace(spec.text_endpoint, simulated=True, simulated_speedup=text),
        pages_endpoint=replace(spec.pages_endpoint, simulated=True, simulated_speedup=pages),
    )


@pytest.mark.parametrize(
    ("paces", "opening"),
    [
        ((None, None), "Projected: "),
        ((1.0, 1.0), "Projected: "),
        ((2.0, 2.0), "Simulated at 2×: "),
        ((0.1, 0.1), "Simulated at 0.1×: "),
        (
            (40.0, 1.0),
            "The text model is simulated 40× faster than projected, Glyph as projected, so the two do not compare: ",
        ),
    ],
)
def test_only_a_simulator_that_keeps_its_pace_is_called_a_projection(kept, servers, spec, paces, opening):
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(simulated_at(spec, *paces)))
    assert verdict_line(shot).startswith(opening)


@pytest.mark.parametrize(
    ("speedup", "words"), [(None, ""), (1, ""), (40.0, "40× faster than projected"), (0.1, "10× slower than projected")]
)
def test_a_pace_in_words(speedup, words):
    assert pace_words(speedup) == words


class TestEndedEarly:
    def test_whole_answers_need_no_word(self, shot):
        assert verdict_line(shot).endswith("Both read the whole book.")

    @pytest.mark.parametrize(
        ("phase", "answer", "said"),
        [
            (Phase.STOPPED, "Half", "Glyph was stopped amid the answer."),
            (Phase.STOPPED, "", "Glyph was stopped while thinking."),
            (Phase.FAILED, "Half", "Glyph was broken off amid the answer."),
        ],
    )
    def test_a_first_token_counts_and_an_answer_that_is_not_whole_is_told(self, shot, phase, answer, said):
        told = verdict_line(changed(shot, pages={"phase": phase, "answer": answer, "cache": CacheState.UNKNOWN}))
        assert told.startswith("Measured: ")
        assert f" {said} Both read the whole book. Whether Glyph had read it before (warm) was not told." in told

    def test_both_are_told_at_once(self, shot):
        ends = {"phase": Phase.STOPPED, "answer": "Half", "cache": CacheState.UNKNOWN}
        told = verdict_line(changed(shot, text=ends, pages=ends))
        assert "Both sides were stopped amid the answer." in told
        assert told.endswith("Whether the servers had read it before (warm) was not told.")

    def test_before_a_first_token_nothing_is_compared_and_nothing_was_read(self, kept, servers, spec):
        text, pages = servers
        text.chat(HEADERS, WaitFor(threading.Event()))
        pages.chat(HEADERS, delta(content="a"), delta(finish="stop"), DONE)
        cut = replace(spec, cut=CutNote(1, 1, (0, 1)))
        comparison_id = kept.start(cut)
        running = wait_until(kept, comparison_id, lambda shot: shot.pages.phase is Phase.DONE)
        assert verdict_line(running) == ""
        assert reading_line(running) == "Glyph is given the whole book, the text model 50\u00a0% of it."
        kept.stop(comparison_id, Role.TEXT)
        told = verdict_line(finished(kept, comparison_id))
        assert told == "The text model was stopped before the first token. So there is nothing to compare."


class TestCaches:
    @pytest.mark.parametrize(
        ("text", "pages", "said"),
        [
            (CacheState.WARM, CacheState.WARM, "Both servers had read it before (warm)."),
            (CacheState.WARM, CacheState.COLD, "The text model had read it before (warm), the other had not."),
            (
                CacheState.UNKNOWN,
                CacheState.WARM,
                "Glyph had read it before (warm). Whether the text model had read it before (warm) was not told.",
            ),
            (CacheState.COLD, CacheState.UNKNOWN, "Whether Glyph had read it before (warm) was not told."),
        ],
    )
    def test_what_is_not_known_of_a_cache_is_not_called_cold(self, shot, text, pages, said):
        assert verdict_line(with_caches(shot, text=text, pages=pages)).endswith(f"Both read the whole book. {said}")

    def test_of_a_side_that_goes_on_nothing_is_said_yet(self, shot):
        going = changed(
            shot, text={"phase": Phase.ANSWERING, "cache": CacheState.UNKNOWN}, pages={"cache": CacheState.WARM}
        )
        assert verdict_line(going).endswith("Both read the whole book. Glyph had read it before (warm).")
