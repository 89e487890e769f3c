"""How many advices are told, and which of them never goes missing."""

from app.preview.advice import MOST_OF_A_KIND, Advice, worth_telling
from app.preview.laid_book import Totals


def advice(title: str, gain: float, harmless: bool = True, clearer: bool = False) -> Advice:
    return Advice(title, "", Totals(1, 100), 3.0, gain, {}, harmless, clearer=clearer)


def test_what_is_clearer_is_told_however_much_else_gains_more():
    found = [advice(f"gain {n}", n / 10) for n in range(1, 8)] + [advice("clearer", -0.01, clearer=True)]
    told = worth_telling(found)
    assert len(told) == MOST_OF_A_KIND
    assert told[-1].title == "clearer"
    assert [one.gain for one in told] == sorted((one.gain for one in told), reverse=True)


def test_harmless_ones_come_first_and_what_gains_nothing_is_left_out():
    told = worth_telling([advice("harder", 0.5, harmless=False), advice("little", 0.001), advice("some", 0.1)])
    assert [one.title for one in told] == ["some", "harder"]
