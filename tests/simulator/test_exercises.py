"""Questions that the simulator answers by a rule: on the text as it stands, and as an OCR program read it."""

from __future__ import annotations

from app.simulator.answers import answer_from_text
from app.simulator.exercises import exercise_of, extracted, most_frequent, places, without_invitation

NEEDLES = (
    "It rained. One of the special magic numbers for salt-lamp is: 1234567. One of the special magic numbers for\n"
    "blue-key is: 7654321.\nOne of the special magic numbers for salt-lamp is: 1111111. The end."
)
ASK = "What are all the special magic numbers for salt-lamp, and blue-key mentioned in the provided text?"


def test_every_needle_that_is_asked_for_is_answered_and_no_other():
    said = answer_from_text(NEEDLES, ASK, 10).content
    assert said.endswith("1234567, 7654321, 1111111")
    one = answer_from_text(NEEDLES, "What is the special magic number for blue-key mentioned in the provided text?", 10)
    assert one.content.endswith("\n7654321")


def test_a_chain_of_variables_is_followed_and_another_is_not():
    text = "VAR AAAAA = 11111\nSky.\nVAR BBBBB = VAR AAAAA\nVAR CCCCC = 22222\nVAR DDDDD = VAR BBBBB"
    said = answer_from_text(
        text, "Question: Find all variables that are assigned the value 11111 in the text above.", 10
    )
    assert said.content.endswith("AAAAA, BBBBB, DDDDD")


def test_words_are_counted_and_misread_spellings_count_for_the_commonest():
    listed = " ".join(f"{n}. {w}" for n, w in enumerate(["lamp", "lamp", "larnp", "salt", "salt", "boat"], 1))
    exercise = exercise_of("Question: What are the 2 most common words in the above list?")
    assert most_frequent(exercise, listed) == ["lamp", "salt"]
    coded = exercise_of("What are the three most frequently appeared words in the above coded text?")
    assert most_frequent(coded, "... ... qwerty qwerty asdfgh zxcvbn asdfgh qwerty") == ["qwerty", "asdfgh", "zxcvbn"]


def test_what_a_sentence_says_is_taken_as_it_was_read():
    exercise = exercise_of("What is the special magic number for x mentioned in the provided text?")
    assert extracted(exercise, "One of the speclal maglc nurnbers for x is: 12E4567.") == "12E4567"
    chain = exercise_of("Find all variables that are assigned the value 11111")
    assert extracted(chain, "VAR QLMZA = 11111") == "QLMZA"


def test_who_may_abstain_and_finds_nothing_says_unknown_and_others_do_not():
    bare, invited = without_invitation(f"{ASK}\nIf you cannot tell, answer only: unknown")
    assert (bare, invited) == (ASK, True)
    asked = "Where is the harbour of Zanthor?\nIf you cannot tell, answer only: unknown"
    assert answer_from_text("Nothing at all.", asked, 10).content.splitlines()[-1] == "unknown"
    assert not answer_from_text("Nothing at all.", "Where is Zanthor?", 10).content.endswith("unknown")


def test_other_questions_are_no_exercises():
    assert exercise_of("Who kept the lamp?") is None
    assert places(exercise_of(ASK), "no needle here") == []
