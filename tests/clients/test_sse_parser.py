"""Bytes in any cut give the same events."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.sse import MAX_EVENT_BYTES, SseComment, SseData, SseOverflow, SseParser, SseStray

# U+2028 and U+0085 are line ends to str.splitlines, and none of them to an event stream.
STREAM = (
    "\ufeff: keep-alive\n\n"
    'data: {"t":"a\u2028b\u0085c\u2029d"}\n\n'
    "event: note\nid: 7\ndata: first\ndata: second\r\n\r\n"
    "data:no-space 中文 🦊\n\n"
    "data: by CR\rdata: alone\r\r"
    "data:\n\ndata: \r\n\r\nevent: ping\ndata: {}\n\n"
    "event: error\ndata: {}\n\n"
    "<html>\n"
    "data: [DONE]\n\n"
).encode()
EVENTS = [
    SseComment("keep-alive"),
    SseData('{"t":"a\u2028b\u0085c\u2029d"}'),
    SseData("first\nsecond", "note"),
    SseData("no-space 中文 🦊"),
    SseData("by CR\nalone"),
    SseComment(""),
    SseComment(""),
    SseComment("{}"),
    SseData("{}", "error"),
    SseStray("<html>"),
    SseData("[DONE]"),
]


def parsed(chunks):
    parser = SseParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.flush()


def test_whole_stream_gives_its_events():
    assert parsed([STREAM]) == EVENTS


def test_byte_by_byte_gives_the_same_events():
    assert parsed([STREAM[i : i + 1] for i in range(len(STREAM))]) == EVENTS


@pytest.mark.parametrize("cut", range(1, len(STREAM)))
def test_every_single_cut_gives_the_same_events(cut):
    assert parsed([STREAM[:cut], STREAM[cut:]]) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cuts_give_the_same_events(cuts):
    edges = [0, *sorted(cuts), len(STREAM)]
    assert parsed([STREAM[a:b] for a, b in itertools.pairwise(edges)]) == EVENTS


def test_flush_gives_a_last_event_without_its_blank_line():
    parser = SseParser()
    assert parser.feed(b"data: cut off") == []
    assert parser.flush() == [SseData("cut off")]


def test_an_event_is_given_as_soon_as_its_blank_line_is_there():
    parser = SseParser()
    assert parser.feed(b"data: now\n") == []
    assert parser.feed(b"\n") == [SseData("now")]


def test_bytes_without_end_are_refused_and_not_hoarded():
    parser = SseParser()
    for _ in range(MAX_EVENT_BYTES // (1024 * 1024)):
        parser.feed(b"x" * 1024 * 1024)
    with pytest.raises(SseOverflow):
        parser.feed(b"x")


def test_data_lines_without_a_blank_line_are_refused_and_not_hoarded():
    parser = SseParser()
    line = b"data: " + b"x" * 1000 + b"\n"
    for _ in range(MAX_EVENT_BYTES // len(line)):
        parser.feed(line)
    with pytest.raises(SseOverflow):
        parser.feed(10 * line)


def test_an_event_is_given_at_a_bare_cr_without_waiting_for_what_may_follow():
    parser = SseParser()
    assert parser.feed(b"data: now\r\r") == [SseData("now")]
    assert parser.feed(b"\ndata: next\r\n\r\n") == [SseData("next")]


def test_a_mark_in_the_middle_is_no_mark():
    assert parsed([b"data: a\n\n\xef\xbb\xbfdata: b\n\n"]) == [SseData("a"), SseStray("\ufeffdata: b")]
