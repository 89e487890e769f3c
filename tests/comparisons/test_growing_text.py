"""An answer of any length costs as much a step at its end as at its beginning."""

import time

from app.clients import AnswerDelta, Endpoint, HeadersArrived, ReasoningDelta, RequestStarted, Role
from app.comparisons import Cursor
from app.comparisons.attempt import Attempt
from app.comparisons.growing_text import GrowingText
from app.measurement import Preparation

PIECE = "words that come – " * 12


def taken_s(steps: int) -> float:
    """Processor seconds for so many steps, half of them thinking, with eight looks."""
    attempt = Attempt(Endpoint(Role.PAGES, "Glyph", "http://127.0.0.1:9", "m"), 1, Preparation(), 0.0)
    attempt.apply(RequestStarted(0.0))
    attempt.apply(HeadersArrived(0.1))
    cursor, began = Cursor(), time.process_time()
    for number in range(steps):
        kind = ReasoningDelta if number < steps // 2 else AnswerDelta
        attempt.apply(kind(PIECE, 1.0 + number))
        if number % (steps // 8) == 0:
            cursor = attempt.deltas_since(cursor).cursor
    took = time.process_time() - began
    assert attempt.snapshot().answer == PIECE * (steps // 2)
    return took


def test_four_times_the_steps_take_four_times_as_long_and_not_sixteen():
    few, many = (min(taken_s(steps) for _ in range(3)) for steps in (8_000, 32_000))
    assert many < 9 * few


def test_what_came_after_a_place_adds_up_to_the_whole():
    text, seen = GrowingText(), ""
    for piece in ("", "a", "bc", "", "—d"):
        text.add(piece)
        seen += text.since(len(seen))
    assert (seen, text.whole, len(text), bool(text)) == ("abc—d", "abc—d", 5, True)
    assert not GrowingText()
