"""Right, wrong or abstained: an answer is not wrong for its spelling, and not right for its length."""

import pytest

from app.books.samples import story, synthetic_novel
from app.verdict import Verdict, judge
from app.verdict.plain_words import han_value, words_of

RIGHT = [
    ("She counted **one hundred and sixty-three** steps.", "163"),
    ("It stopped at seventeen minutes past three.", "3.17"),
    ("At 3.17, it says.", "3.17"),
    ("The seventh notebook is missing.", "the seventh"),
    ("Number 7 is missing.", "the seventh"),
    ("By Osk and Daughter of Marrick.", "Osk and Daughter, at Marrick"),
    ("The purse held sixty guineas; beside it lay Lucan Frey's card.", "60 guineas; the card of Lucan Frey"),
    ("He leads nine games to two: that is Quill.", "nine games to two, for Quill"),
    ("The password was “Saffron Lordancor”.", "saffron lordancor"),
    ("He paid 1,209 crowns for it.", "1209 crowns"),
    ("Grey, I think.", "grey|gray"),
    ("Gray, I think.", "grey|gray"),
    ("他说是二十三个。", "23"),
    ("<think>It might be 12.</think>It is 163.", "163"),
]
WRONG = [
    ("She counted one hundred and sixty-two steps.", "163"),
    ("It was 1630.", "163"),
    ("It was 63 in the end, after a hundred tries.", "163"),
    ("It stopped at seventeen minutes to three.", "3.17"),
    ("The purse held sixty guineas.", "60 guineas; the card of Lucan Frey"),
    ("28054", "28045"),
    ("<think>Perhaps 163.</think>It is 162.", "163"),
]
ABSTAINED = [
    ("Unknown.", "163"),
    ("The text does not mention the number of steps.", "163"),
    ("I don’t know.", "163"),
    ("Nothing in the 557,651 characters received shares enough words with the question to be quoted.", "163"),
    ("文中没有提到。", "23"),
]


@pytest.mark.parametrize(("answer", "expected"), RIGHT)
def test_a_right_answer_is_right_however_it_is_spelt(answer, expected):
    assert judge(answer, expected).verdict is Verdict.RIGHT


@pytest.mark.parametrize(("answer", "expected"), WRONG)
def test_a_wrong_answer_is_wrong_and_what_it_lacks_is_named(answer, expected):
    judgement = judge(answer, expected)
    assert judgement.verdict is Verdict.WRONG
    assert judgement.missing


@pytest.mark.parametrize(("answer", "expected"), ABSTAINED)
def test_who_says_that_he_does_not_know_has_abstained(answer, expected):
    assert judge(answer, expected).verdict is Verdict.ABSTAINED


@pytest.mark.parametrize("answer", ["", "   ", "<think>163</think>", "<think>163"])
def test_an_answer_without_words_is_none(answer):
    assert judge(answer, "163").verdict is Verdict.NO_ANSWER


def test_a_hedge_beside_the_right_words_does_not_take_them_back():
    assert judge("It is not stated outright, but it must be 163.", "163").verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    "sample", [story(), synthetic_novel(text_tokens=60_000), synthetic_novel(text_tokens=30_000, language="zh")]
)
def test_every_sample_answer_is_right_in_its_own_words_and_no_other_question_s_answer_is(sample):
    answers = [question.answer for question in sample.questions]
    assert all(judge(answer, answer).verdict is Verdict.RIGHT for answer in answers)
    crossed = [judge(one, other).verdict for one in answers for other in answers if one != other]
    assert crossed.count(Verdict.RIGHT) <= 0.02 * len(crossed)


@pytest.mark.parametrize(
    ("spelled", "number"),
    [
        ("zero", 0),
        ("forty-one", 41),
        ("a hundred and one", 101),
        ("one hundred sixty-three", 163),
        ("one thousand and forty-two", 1_042),
        ("nine thousand nine hundred and ninety-nine", 9_999),
    ],
)
def test_a_number_in_words_reads_as_its_digits(spelled, number):
    assert words_of(spelled) == [str(number)]


@pytest.mark.parametrize(
    ("spelled", "number"),
    [("二万八千零五十四", 28_054), ("两百", 200), ("一九四五", 1945), ("一亿二千万", 120_000_000)],
)
def test_chinese_numerals_have_their_value(spelled, number):
    assert han_value(spelled) == number


def test_numbers_beside_each_other_stay_apart():
    assert words_of("twenty-one, two") == ["21", "2"]
    assert words_of("nineteen eighty four")[0] == "19"
    assert words_of("两个人，一九八四年") == ["2", "个", "人", "1984", "年"]
