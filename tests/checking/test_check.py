"""What an answer says held against the book: the same words and digits, or told to be different, or not found."""

import time

import pytest

from app.books.samples import story, synthetic_novel
from app.checking import MAX_ANSWER_CHARACTERS, MAX_CLAIMS, ClaimKind, Found, check, index_of
from app.checking.book_index import BookIndex

NAME, NUMBER, QUOTATION = ClaimKind.NAME, ClaimKind.NUMBER, ClaimKind.QUOTATION
HAS, OTHERWISE, NOT = Found.AS_WRITTEN, Found.OTHERWISE, Found.NOT
STORY = story().book
BOOK = """The Lamp of Marrow Head

Captain James Holloway kept the light for forty-one years. He said, “I have never liked the sea,” and he
meant it. The brig Calypso went down with 28,054 barrels of salt herring on the 3rd of March 1871.

Miss Eleanor Vane’s lighthouse-keeper wrote in the log: "The wind has gone round to the north, and the glass is
falling faster than I have ever seen it fall." The toll at the bridge was nine silver pieces. Her
grand-
father, old Pettigrew, had a light-
house of his own at Ravenscar, and an ever-
green hedge; will he come back? A black forest stood behind it. The bell weighed 3.75 tons.
Chapter 12 tells of the fog.
"""
INDEX = BookIndex(BOOK)


def only(answer: str, index: BookIndex = INDEX, **more):
    (claim,) = check(answer, index, **more).claims
    return claim


CASES = {
    # quotations
    "typographic marks": ('He said "I have never liked the sea," there.', QUOTATION, HAS, "I have never liked the sea"),
    "a line break of the book": (
        "> I have never liked the sea, and he meant it.",
        QUOTATION, HAS, "I have never liked the sea,” and he\nmeant it",
    ),
    "an ellipsis": (
        "The log says “The wind has gone round … faster than I have ever seen it fall”.",
        QUOTATION, HAS, 'The wind has gone round to the north, and the glass is\nfalling faster than I have ever seen it fall',
    ),
    "dots in brackets": (
        "“The wind has gone round [...] falling faster”",
        QUOTATION, HAS, "The wind has gone round to the north, and the glass is\nfalling faster",
    ),
    "parts the wrong way round": ("“falling faster ... The wind has gone round”", QUOTATION, OTHERWISE, "The wind has gone round"),
    "one word of many changed": (
        "“The wind has gone round to the south, and the glass is falling faster”",
        QUOTATION, OTHERWISE, "The wind has gone round to the north, and the glass is\nfalling faster",
    ),
    "one word of a short one changed": ("“I have never loved the sea”", QUOTATION, OTHERWISE, "I have never liked the sea"),
    "a short one is never nearly found": ("He calls it “nine golden pieces”.", QUOTATION, NOT, None),
    "a word divided by a line's end": ("“a lighthouse of his own”", QUOTATION, HAS, "a light-\nhouse of his own"),
    "another word divided": ("“old Pettigrew, had a lighthouse”", QUOTATION, HAS, "old Pettigrew, had a light-\nhouse"),
    "a hyphen or a space": ("“Vane's lighthouse keeper wrote”", QUOTATION, HAS, "Vane’s lighthouse-keeper wrote"),
    "guillemets": ("Il dit « I have never liked the sea ».", QUOTATION, HAS, "I have never liked the sea"),
    "single marks with an apostrophe": ("‘Vane’s lighthouse-keeper wrote’", QUOTATION, HAS, "Vane’s lighthouse-keeper wrote"),
    # numbers
    "thousand separators": ("It carried 28054 barrels.", NUMBER, HAS, "28,054"),
    "other separators": ("It carried 28’054 barrels.", NUMBER, HAS, "28,054"),
    "thin space": ("It carried 28\u2009054 barrels.", NUMBER, HAS, "28,054"),
    "two digits changed places": ("It carried 28,045 barrels of salt herring.", NUMBER, OTHERWISE, "28,054"),
    "another number in words": ("The toll at the bridge was 7 silver pieces.", NUMBER, OTHERWISE, "nine"),
    "the same in words": ("He kept the light for 41 years.", NUMBER, OTHERWISE, "forty-one"),
    "a number by no words of its own": ("There were 12 apostles.", NUMBER, OTHERWISE, "12"),
    "digits of a decimal": ("It weighed 375 tons.", NUMBER, NOT, None),
    "a decimal": ("The bell weighed 3.75 tons.", NUMBER, HAS, "3.75"),
    "a part of a number": ("It carried 054 barrels.", NUMBER, NOT, None),
    "an ordinal": ("The brig went down on the 3rd of that month.", NUMBER, HAS, "3rd"),
    "no number at all": ("They paid 512 guineas.", NUMBER, NOT, None),
    # names
    "a whole name": ("It was James Holloway.", NAME, HAS, "James Holloway"),
    "a possessive": ("They saw Holloway's lamp.", NAME, HAS, "Holloway"),
    "the book's possessive": ("They saw Eleanor Vane.", NAME, HAS, "Eleanor Vane"),
    "another title": ("They saw Lord Holloway.", NAME, OTHERWISE, "Holloway"),
    "words of two names": ("They saw Eleanor Holloway.", NAME, OTHERWISE, "Holloway"),
    "one letter in a whole name": ("They saw James Holliway.", NAME, OTHERWISE, "James Holloway"),
    "one letter, by the same words": ("The brig Calipso went down with its barrels.", NAME, OTHERWISE, "Calypso"),
    "one letter, by other words": ("She danced with Calipso.", NAME, NOT, None),
    "a short name is never nearly found": ("They saw Eleanor Vine.", NAME, NOT, None),
    "a name of which half is nowhere": ("They saw Sherlock Holloway.", NAME, NOT, None),
    "a word that is no name in the book": ("They saw Black Forest.", NAME, OTHERWISE, "black forest"),
    "a verb is no name": ("They saw Silver.", NAME, OTHERWISE, "silver"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "kind", "found", "words"), CASES.values(), ids=CASES)
def test_a_claim_is_found_as_the_book_has_it(answer, kind, found, words):
    claim = only(answer)
    assert (claim.kind, claim.found) == (kind, found)
    assert (claim.place and BOOK[slice(*claim.place.span)]) == words


LEFT_ALONE = {
    "numbers in words": "It took forty-one years and nine silver pieces.",
    "words that begin sentences": "Perhaps. Nobody knows. However, it rained. Consequently they left.",
    "numbers of lists": "1. a lamp\n2) a bell\n\n3. a fog",
    "page numbers and citations": "It stands on page 37 and on pages 3-5 [12].",
    "headings and labels": "## The Great Reckoning 1999\n\n**Light:** it burned.",
    "code and addresses": "`James 99` and ```\nBosun 77\n``` and https://example.org/Bosun/77",
    "one marked word": "the “lamp” burned",
    "a thought": "<think>Bosun had 77 pipes</think> it burned",
}


@pytest.mark.parametrize("answer", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_no_claim_about_the_book_is_left_alone(answer):
    assert check(answer, INDEX).claims == ()


CHINESE = """第一章　渡口

　　王小明先生在渡口等了两个时辰。他说：“我从来没有喜欢过
大海。”船上装着二万八千零五十四桶咸鱼，账本上写着 1871 年。

　　伊丽莎白·班纳特读完了《红楼梦》，笑着走开了。药铺的伙计收了十二枚铜钱。
"""
CHINESE_CASES = {
    "a quotation over a line break": ("他说「我从来没有喜欢过大海」。", QUOTATION, HAS, "我从来没有喜欢过\n大海"),
    "a long one with a word changed": (
        "他说“我从来没有喜欢过大山。船上装着二万八千零五十四桶”",
        QUOTATION, OTHERWISE, "我从来没有喜欢过\n大海。”船上装着二万八千零五十四桶",
    ),
    "a short one is never nearly found": ("他说“没有大山”。", QUOTATION, NOT, None),
    "a name before an honorific": ("见到了王小明先生。", NAME, HAS, "王小明先生"),
    "another honorific": ("见到了王小明教授。", NAME, OTHERWISE, "王小明"),
    "another person": ("见到了李小红女士。", NAME, NOT, None),
    "a foreign name": ("他见到伊丽莎白·班纳特了。", NAME, HAS, "伊丽莎白·班纳特"),
    "another foreign name": ("他见到简·班纳特了。", NAME, NOT, None),
    "a title": ("她读完了《红楼梦》。", NAME, HAS, "红楼梦"),
    "digits for numerals": ("船上装着28054桶咸鱼。", NUMBER, OTHERWISE, "二万八千零五十四"),
    "another number by the same words": ("药铺的伙计收了15枚铜钱。", NUMBER, OTHERWISE, "十二"),
    "a year": ("账本上写着1871年。", NUMBER, HAS, "1871"),
    "full-width digits": ("账本上写着１８７１年。", NUMBER, HAS, "1871"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "kind", "found", "words"), CHINESE_CASES.values(), ids=CHINESE_CASES)
def test_chinese_claims(answer, kind, found, words):
    claim = only(answer, BookIndex(CHINESE))
    assert (claim.kind, claim.found) == (kind, found)
    assert (claim.place and CHINESE[slice(*claim.place.span)]) == words


def test_chinese_numerals_and_page_numbers_are_left_alone():
    assert check("他等了两个时辰，见第 37 页。", BookIndex(CHINESE)).claims == ()


def test_the_words_of_the_question_say_what_a_bare_number_is_about():
    question = "How many silver pieces was the toll at the bridge?"
    assert only("7.", question=question).place.note == "by the same words the book has “nine”"
    assert only("7.").found is NOT


class TestWhatASideDidNotRead:
    TEXT = "Ann met Bosun Reed.\n" + "Nothing happened. " * 50 + "Bosun Reed had 4,711 lamps.\n" + "It rained. " * 50

    def cut(self, words: str) -> tuple[int, int]:
        at = self.TEXT.index(words)
        return at - 5, at + len(words) + 5

    def test_a_place_that_was_read_goes_first(self):
        claim = only("It was Bosun Reed.", BookIndex(self.TEXT), unread=(0, 30))
        assert claim.place.read
        assert claim.place.span[0] > 30

    def test_what_stands_only_in_the_cut_says_so(self):
        claim = only("There were 4711 lamps.", BookIndex(self.TEXT), unread=self.cut("had 4,711 lamps"))
        assert (claim.found, claim.place.read) == (HAS, False)

    def test_a_name_whose_first_sixty_places_were_cut_is_found_behind_them(self):
        text = "Bosun sang. " * 100 + "And then Bosun slept."
        assert only("It was Bosun.", BookIndex(text), unread=(0, 1_200)).place.span == (1_209, 1_214)


def test_what_is_said_twice_counts_once():
    assert len(check("They saw Calypso, and Calypso saw them, and Pettigrew.", INDEX).claims) == 2


def test_what_a_quotation_holds_is_not_looked_up_again():
    kinds = [claim.kind for claim in check("“It carried 512 of Bosun’s” said James Holloway.", INDEX).claims]
    assert kinds == [QUOTATION, NAME]


def test_letters_that_grow_when_lowered_and_accents_leave_places_right():
    text = "İİİ says: the lamp of A\u030alesund burned all night long. ẞ"
    claim = only("“the LAMP of Ålesund burned all night”", BookIndex(text))
    assert text[slice(*claim.place.span)] == "the lamp of A\u030alesund burned all night"


def test_a_text_of_more_words_than_are_told_apart_is_still_looked_up_rightly(monkeypatch):
    monkeypatch.setattr("app.checking.plain_text._MOST_UNITS", 10)
    monkeypatch.setattr("app.checking.plain_text._SHARED_UNITS", 2)
    index = BookIndex(BOOK)
    assert only("It was James Holloway.", index).found is HAS
    assert only("“the glass is falling faster than”", index).found is HAS
    assert only("They saw Bosun.", index).found is NOT


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_planted_fact_quoted_whole_is_found_at_its_own_place(language):
    sample = synthetic_novel(text_tokens=60_000, language=language)
    index = index_of(sample.book.content_hash, sample.book.text)
    for question in sample.questions:
        start, end = question.fact_span
        fact = sample.book.text[start:end]
        claim = only(f"> {fact}", index)
        assert claim.found is HAS
        assert start <= claim.place.span[0] < claim.place.span[1] <= end


def test_the_storys_wrong_figure_is_told_with_the_books_own():
    index = index_of(STORY.content_hash, STORY.text)
    assert only("There are 163 steps.", index).place.note == "in words: “hundred and sixty-three”"
    assert only("Low water is at 5.48 then.", index).found is HAS
    assert only("Low water is at 548 then.", index).found is NOT


N = 1_000_000
MOST_PROCESSOR_S = (
    20.0  # of this thread; each takes a fraction of a second, and minutes where work grows with the square
)
HOSTILE = {
    "spaces": "A" + " " * N + "b",
    "quotation marks": "“a b " * (N // 5),
    "closed quotations": "“never was there” " * (N // 17),
    "block quotes": "> a b c\n" * (N // 8),
    "capitals": "Aa " * (N // 3),
    "one long name": "Aa" * (N // 2),
    "digits": "1" * N,
    "separators": "1." * (N // 2),
    "apostrophes": "1'" * (N // 2) + "a",
    "ellipses": "“a b … " + "c d … " * (N // 6) + "”",
    "brackets": "[" * N,
    "backticks": "`" * (N - 1),
    "fences": "``` " * (N // 4),
    "dots between characters": "中·" * (N // 2),
    "characters": "王" * N,
    "accents": "a" + "\u0301" * N,
    "hyphens": "a-\n" * (N // 3),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_bounded_work(answer):
    began = time.thread_time()
    checked = check(answer, INDEX)
    assert time.thread_time() - began < MOST_PROCESSOR_S
    assert len(checked.claims) <= MAX_CLAIMS
    assert checked.cut_short == (len(answer) > MAX_ANSWER_CHARACTERS)


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), "", " ", "\ud800 Bosun \x00"], ids=[*HOSTILE, "none", "space", "odd"]
)
def test_a_hostile_book_is_indexed_in_bounded_work(text):
    began = time.thread_time()
    index = BookIndex(text[: N // 5])
    checked = check("James Holloway had 28,054 barrels, “and not one of them was full of herring”.", index)
    assert time.thread_time() - began < MOST_PROCESSOR_S
    assert len(checked.claims) == 3


def test_a_flood_of_claims_is_bounded_and_told():
    checked = check(" ".join(f"{n}.5 and" for n in range(1_000)), INDEX)
    assert (len(checked.claims), checked.left_out) == (MAX_CLAIMS, 1_000 - MAX_CLAIMS)


def test_indexes_are_kept_and_let_go_of():
    from app.checking import forget

    first = index_of("kept-one", BOOK)
    assert index_of("kept-one", BOOK) is first
    forget()
    assert index_of("kept-one", BOOK) is not first
