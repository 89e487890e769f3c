"""Readers of real pixels, and the quick search for one book."""

import dataclasses

import pytest

from app.legibility import why_not
from app.paths import CONFIGS
from app.search import (
    ClarityReader,
    Documents,
    ItemSet,
    NeedleReader,
    ReaderChoice,
    ReaderKind,
    SearchError,
    make_reader,
    quick_search,
)
from renderer import RenderConfig
from tests.search.by_formula import documents

CONFIG = RenderConfig.load(CONFIGS / "en.json")
needs_ocr = pytest.mark.skipif(bool(why_not()), reason=why_not() or "it is there")


@needs_ocr
def test_needles_are_read_at_120_dpi_and_not_at_45_and_what_was_misread_is_told():
    reader = NeedleReader(documents(), validation=12)
    clear, coarse = (reader.read(dataclasses.replace(CONFIG, dpi=dpi), ItemSet.VALIDATION) for dpi in (120, 45))
    assert clear.accuracy >= 11 / 12
    assert coarse.accuracy <= 3 / 12
    assert clear.low <= clear.accuracy <= clear.high
    assert coarse.misread
    assert all(one.text.startswith("is: ") for one in coarse.misread)


@needs_ocr
def test_codes_are_read_better_with_more_dots():
    reader = ClarityReader()
    clear, coarse = (reader.read(dataclasses.replace(CONFIG, dpi=dpi), ItemSet.VALIDATION) for dpi in (96, 54))
    assert clear.accuracy > coarse.accuracy + 0.1


@needs_ocr
def test_held_out_items_are_others_and_the_same_seed_hides_the_same():
    one, again, other = NeedleReader(documents()), NeedleReader(documents()), NeedleReader(documents(), seed=1)
    assert one._sets == again._sets
    assert one._sets != other._sets
    numbers = [{n for needles in one._sets[items] for n in needles.numbers} for items in ItemSet]
    assert not numbers[0] & numbers[1]
    for needles in one._sets[ItemSet.VALIDATION]:
        for number, (start, end) in zip(needles.numbers, needles.spans, strict=True):
            assert needles.text[start:end] == f"is: {number}."


def test_hopeless_is_said_by_the_stored_table_without_reading():
    assert "misread by the stored table" in NeedleReader.hopeless(None, dataclasses.replace(CONFIG, dpi=45))
    assert NeedleReader.hopeless(None, CONFIG) == ""


def test_a_reader_that_needs_a_server_says_so():
    with pytest.raises(SearchError, match="Glyph has no server"):
        make_reader(ReaderChoice(ReaderKind.SERVER), documents())


@pytest.mark.parametrize("texts", [(), ("short",), ("x" * 300,) * 17])
def test_documents_that_cannot_be_searched_for_are_refused(texts):
    with pytest.raises(SearchError):
        Documents.of("them", texts)


def test_the_quick_front_never_has_a_point_that_another_beats_and_says_what_it_measured():
    present, front = quick_search(documents(), CONFIG, lambda: True)
    assert present.compression == pytest.approx(documents().compression(CONFIG))
    points = [(one.clarity.share_wrong, one.compression) for one in front]
    assert points == sorted(points), "clearest first: each next one compresses more"
    better = [one for one in front if one.clarity.share_wrong <= present.clarity.share_wrong]
    assert max(one.compression for one in better) > present.compression
    for one in front:
        assert one.compression == pytest.approx(documents().compression(one.config))


def test_a_quick_search_that_nobody_waits_for_ends():
    present, front = quick_search(documents(), CONFIG, lambda: False)
    assert front == (present,)
