"""What an answer says held against the book: exactly for numbers and short strings, by the same words for quotations."""

import pytest

from app.books.samples import story, synthetic_novel
from app.verdict import ClaimKind, Found, ground, index_of

BOOK = story().book
INDEX = index_of(BOOK.content_hash, BOOK.text)


def only(answer: str, index=INDEX):
    (claim,) = ground(answer, index).claims
    return claim


@pytest.mark.parametrize(
    ("answer", "kind", "found", "words"),
    [
        ("He calls it Saint Orlan.", ClaimKind.NAME, Found.AS_WRITTEN, "Saint Orlan"),
        ("It lies off Marrick.", ClaimKind.NAME, Found.AS_WRITTEN, "Marrick"),
        ("It lies off Marwick.", ClaimKind.NAME, Found.NOT, None),
        ("They met Wren Penhale.", ClaimKind.NAME, Found.OTHERWISE, "Wren"),
        ("There are 163 steps.", ClaimKind.NUMBER, Found.OTHERWISE, "hundred and sixty-three"),
        ("Low water is at 5.48 then.", ClaimKind.NUMBER, Found.AS_WRITTEN, "5.48"),
        ("Low water is at 5.49 then.", ClaimKind.NUMBER, Found.NOT, None),
        ("Low water is at 548 then.", ClaimKind.NUMBER, Found.NOT, None),
        ("She says “a chart is a promise” there.", ClaimKind.QUOTATION, Found.AS_WRITTEN, "a chart is a promise"),
        ("She says “a chart is a premise” there.", ClaimKind.QUOTATION, Found.NOT, None),
        ("> it was a liar's   trick,\n", ClaimKind.QUOTATION, Found.AS_WRITTEN, "it was a liar's trick"),
        (
            "> There is a bank there, a long whale’s back",
            ClaimKind.QUOTATION,
            Found.AS_WRITTEN,
            "There is a bank there, a long whale's back",
        ),
    ],
)
def test_a_claim_is_found_as_it_stands_in_the_book(answer, kind, found, words):
    claim = only(answer)
    assert (claim.kind, claim.found) == (kind, found)
    assert answer[slice(*claim.answer_span)].strip() == claim.text
    assert (claim.book_span and BOOK.text[slice(*claim.book_span)].removeprefix("A ")) == words


def test_a_part_of_a_longer_number_or_name_is_not_found():
    index = index_of("one", "Room 12345 belongs to Annabel.")
    assert [claim.found for claim in ground("In room 234 lives Anna, and in 12345 Annabel.", index).claims] == [
        Found.NOT, Found.NOT, Found.AS_WRITTEN, Found.AS_WRITTEN,
    ]  # fmt: skip


def test_what_a_quotation_holds_is_not_looked_up_again():
    claims = ground("“It stands four feet clear at its highest”, says Quill, 40 years on.", INDEX).claims
    assert [claim.kind for claim in claims] == [ClaimKind.QUOTATION, ClaimKind.NAME, ClaimKind.NUMBER]


def test_the_word_that_begins_a_sentence_is_no_name():
    assert ground("Perhaps. Nobody knows. However, it rained.", INDEX).claims == ()


def test_a_quotation_over_line_breaks_and_other_marks_is_found_where_it_stands():
    text = "It was a\n  dark “night”\r\nand I said:\n\n‘Go home.’ Then we went."
    claim = only("> it was a dark \"night\" and I said: 'Go home.'", index_of("two", text))
    assert claim.found is Found.AS_WRITTEN
    assert text[slice(*claim.book_span)].startswith("It was a\n  dark")


def test_letters_that_grow_when_lowered_leave_places_right():
    text = "İİİ says: the lamp of Ålesund burned all night long. ẞ"
    claim = only("“the LAMP of Ålesund burned all night”", index_of("three", text))
    assert text[slice(*claim.book_span)] == "the lamp of Ålesund burned all night"


def test_a_flood_of_claims_is_bounded_and_told():
    grounding = ground(" ".join(f"{n}.5 and" for n in range(1_000)), INDEX)
    assert len(grounding.claims) == 200
    assert grounding.left_out == 800


def test_every_planted_fact_quoted_whole_is_found_at_its_own_place():
    sample = synthetic_novel(text_tokens=60_000)
    index = index_of(sample.book.content_hash, sample.book.text)
    for question in sample.questions:
        fact = sample.book.text[slice(*question.fact_span)]
        assert only(f"> {fact}", index).book_span == question.fact_span
