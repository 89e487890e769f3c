"""A book's index is made ahead once, after what somebody looks at."""

from __future__ import annotations

import threading

from app.checking import forget, kept, prepare

WAIT_S = 60


def test_a_book_asked_for_again_and_again_has_one_thread_that_waits_its_turn():
    forget()
    may_begin, begun = threading.Event(), []

    def wait() -> None:
        begun.append(threading.current_thread())
        may_begin.wait(WAIT_S)

    for _ in range(5):
        prepare("one book", "The keeper wrote down every ship.", wait)
    assert kept._kept.get("one book") is None
    may_begin.set()
    for thread in begun:
        thread.join(WAIT_S)
    assert len(begun) == 1
    assert kept._kept.get("one book") is not None
    assert not kept._preparing


def test_a_wait_that_fails_does_not_keep_the_book_from_being_asked_for_again(monkeypatch):
    forget()
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def fail() -> None:
        raise OSError("gone")

    prepare("another book", "The keeper wrote down every storm.", fail)
    for thread in threading.enumerate():
        if thread.name == "book-index":
            thread.join(WAIT_S)
    assert not kept._preparing
