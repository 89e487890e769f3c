"""The speedup in words says which, how much, from what figures, and whether they are real."""

import pytest

from app.measurement import Latencies, Provenance, duration_words, speedup


def side(ttft_ms, provenance=Provenance.MEASURED, prepared_ms=None):
    return Latencies(provenance, ttft_ms=ttft_ms, ttft_with_preparation_ms=prepared_ms)


def test_sooner():
    result = speedup(side(13_100), side(4_200))
    assert result.ratio == pytest.approx(3.119, abs=0.001)
    assert result.sentence == "Measured: Glyph's first token 3.1× sooner (4.2 s against 13.1 s)."


def test_later_is_not_hidden():
    result = speedup(side(2_000), side(5_000))
    assert result.ratio == pytest.approx(0.4)
    assert result.sentence == "Measured: Glyph's first token 2.5× later (5.0 s against 2.0 s)."


def test_nearly_equal_is_no_victory():
    assert speedup(side(1_000), side(980)).sentence.startswith(
        "Measured: both first tokens came at about the same time"
    )


@pytest.mark.parametrize(("text", "pages"), [(None, 5.0), (5.0, None), (None, None), (0.0, 5.0)])
def test_no_figure_no_speedup(text, pages):
    assert speedup(side(text), side(pages)) is None


def test_preparation_counts_when_asked():
    result = speedup(side(10_000, prepared_ms=10_100), side(2_000, prepared_ms=5_050), include_preparation=True)
    assert result.ratio == pytest.approx(2.0)
    assert "preparation included" in result.sentence


def test_simulated_is_said():
    result = speedup(side(2_000, Provenance.SIMULATED), side(1_000, Provenance.SIMULATED))
    assert result.provenance is Provenance.SIMULATED
    assert result.sentence.startswith("Projected: ")


def test_a_measured_and_a_simulated_side_do_not_compare():
    result = speedup(side(2_000, Provenance.SIMULATED), side(1_000))
    assert result.provenance is None
    assert "the text model is simulated, glyph measured" in result.sentence.lower()


@pytest.mark.parametrize(
    ("ms", "words"),
    [(85.4, "85 ms"), (999.7, "1.0 s"), (4_240, "4.2 s"), (59_960, "1 min 0 s"), (133_000, "2 min 13 s")],
)
def test_durations_as_people_say_them(ms, words):
    assert duration_words(ms) == words
