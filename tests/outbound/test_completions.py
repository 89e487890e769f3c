"""What may pass is asked again, waiting longer each time; what will be refused again is not."""

import json

import pytest

from app.outbound import Answer, AskedInVain, Fault, KeyUnusable, Trouble, Unreadable, ask_until_read


def completion(said):
    return Answer(200, json.dumps({"choices": [{"message": {"content": said}}]}).encode())


BUSY, REFUSED = Answer(503, b""), Answer(401, b"")


def asked(*answers, attempts=4):
    """What was read, or the last reason; how often it was asked; the waits."""
    script, waits = list(answers), []

    def exchange():
        answer = script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read(said):
        if not said:
            raise Unreadable("an empty answer")
        return said

    try:
        result = ask_until_read(exchange, read, attempts=attempts, wait_s=0.5, sleep=waits.append)
    except AskedInVain as said:
        result = f"in vain: {said}"
    return result, len(answers) - len(script), waits


@pytest.mark.parametrize(
    ("answers", "result", "times", "waits"),
    [
        ([completion("yes")], "yes", 1, []),
        ([BUSY, Trouble(Fault.CLOSED), completion(""), completion("yes")], "yes", 4, [0.5, 1.0, 2.0]),
        ([Answer(200, b"{"), completion("yes")], "yes", 2, [0.5]),
        ([BUSY] * 4, "in vain: status 503", 4, [0.5, 1.0, 2.0]),
        ([BUSY, REFUSED, completion("yes")], "in vain: status 401", 2, [0.5]),
        ([completion("")] * 4, "in vain: an empty answer", 4, [0.5, 1.0, 2.0]),
        ([Trouble(Fault.REFUSED)] * 4, "in vain: refused", 4, [0.5, 1.0, 2.0]),
    ],
)
def test_what_passes_is_asked_again_and_what_stays_is_not(answers, result, times, waits):
    assert asked(*answers) == (result, times, waits)


def test_a_key_that_cannot_be_sent_is_not_tried_again():
    with pytest.raises(KeyUnusable):
        asked(KeyUnusable("THE_KEY"), completion("yes"))
