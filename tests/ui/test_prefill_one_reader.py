"""Which seen times stand beside the projection on Prefill: cold ones at the GPU's own pace, each at the length that was read."""

from dataclasses import replace

from app.comparisons import BookText, CutNote
from app.measurement import CacheState
from app.tokens import count_text_tokens
from app.ui.prefill.one_reader import seen_times
from tests.comparisons.comparisons import GOOD, finished
from tests.comparisons.conftest import kept, servers, spec  # noqa: F401 - fixtures

BOOK = BookText("The lamp was lit every evening. " * 50, "ab" * 32)


def shot_of(kept, servers, spec):  # noqa: F811
    for server in servers:
        server.chat(*GOOD)
    shot = finished(kept, kept.start(replace(spec, book=BOOK)))
    cold = [replace(side, cache=CacheState.COLD) for side in shot.sides]
    return replace(shot, text=cold[0], pages=cold[1])


def test_a_cut_text_stands_at_what_was_read_and_its_pages_at_the_whole_book(kept, servers, spec):  # noqa: F811
    shot = shot_of(kept, servers, spec)
    whole = count_text_tokens(BOOK.text).value
    assert [(one.text_tokens, one.of_pages) for one in seen_times([shot])] == [(whole, False), (whole, True)]
    cut = replace(shot, spec=replace(shot.spec, cut=CutNote(100, 300, (5, 9))))
    assert [(one.text_tokens, one.of_pages) for one in seen_times([cut])] == [(100, False), (400, True)]


def test_warm_and_hurried_times_stand_beside_no_projection(kept, servers, spec):  # noqa: F811
    shot = shot_of(kept, servers, spec)
    warm = replace(shot, text=replace(shot.text, cache=CacheState.WARM))
    assert [one.of_pages for one in seen_times([warm])] == [True]
    hurried = replace(shot.spec.pages_endpoint, simulated=True, simulated_speedup=40.0)
    assert [one.of_pages for one in seen_times([replace(warm, spec=replace(shot.spec, pages_endpoint=hurried))])] == []
