"""Break-even lengths lie where a straight line between two measured speedups crosses 1, and nowhere else."""

import math

import pytest

from app.clients import Role
from app.measurement import Provenance
from app.sweep import Arm, Kind, SpeedupPoint
from app.sweep.break_even import break_evens

PAGES = Arm(Role.PAGES, 72)


def pair(tokens: int, ratio: float, rendered: float | None = None, kind: Kind = Kind.PREFILL) -> SpeedupPoint:
    return SpeedupPoint(kind, PAGES, tokens, 1, ratio, ratio, ratio, rendered, Provenance.MEASURED)


def test_between_two_lengths_it_is_interpolated_on_logarithms():
    (found,) = break_evens([pair(1_000, 0.5), pair(4_000, 2.0)])
    assert found.text_tokens == pytest.approx(math.sqrt(1_000 * 4_000))
    assert "from some 2,000 tokens on" in found.sentence
    assert "measured" in found.sentence


def test_rendering_moves_it_to_longer_texts():
    without, counted = break_evens([pair(1_000, 0.5, 0.25), pair(4_000, 2.0, 1.0)])
    assert (without.with_rendering, counted.with_rendering) == (False, True)
    assert counted.text_tokens == pytest.approx(4_000)
    assert without.text_tokens < counted.text_tokens


def test_nothing_is_extrapolated():
    (always,) = break_evens([pair(1_000, 1.5), pair(4_000, 2.0)])
    (never,) = break_evens([pair(1_000, 0.5), pair(4_000, 0.9)])
    (lost,) = break_evens([pair(1_000, 0.5), pair(2_000, 1.5), pair(4_000, 0.9)])
    assert [one.text_tokens for one in (always, never, lost)] == [None] * 3
    assert "at every length" in always.sentence
    assert "later than the text model at the longest length" in never.sentence
    assert not lost.sooner


def test_the_last_crossing_counts_where_repeats_wiggle():
    values = [(1_000, 0.9), (2_000, 1.1), (4_000, 0.8), (8_000, 1.6)]
    (found,) = break_evens([pair(*value) for value in values])
    assert 4_000 < found.text_tokens < 8_000


def test_throughput_has_no_break_even():
    assert break_evens([pair(1_000, 0.5, kind=Kind.DECODE), pair(4_000, 2.0, kind=Kind.LOAD)]) == ()
