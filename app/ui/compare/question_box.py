"""Asking: the box, suggested questions, a question that could not go out, and those that wait for the answers before them."""

from __future__ import annotations

import streamlit as st

from app.bookshelf.suggestions import Suggestion, suggestions
from app.comparisons import ComparisonSnapshot, LiveError, registry
from app.endpoints.pair import ServerPair
from app.tokens import MiddleCut
from app.ui.compare.conversation import ask, turns
from app.ui.guard import safely
from app.ui.link import MAX_QUESTION_CHARACTERS
from app.ui.outside import plain
from app.ui.session import AppSession

PENDING = "pending"  # the component's key
MAX_QUEUED = 20


def draw_question_box(
    now: AppSession, servers: ServerPair, cut: MiddleCut | None, conversation: list[ComparisonSnapshot]
) -> None:
    running = [snapshot for snapshot in conversation if snapshot.running]
    with st.bottom:
        # Each has a place of its own, drawn in or not: an element that moves is made anew by the browser, and a box that is made
        # anew loses what is being typed, and the keyboard.
        above, queue = st.container(key="question-above"), st.container(key="question-queue")
        with above:
            asked = _draw_draft(now) or (_draw_suggestions(now, conversation, cut) if not running else None)
        with queue:
            _draw_queue(now, bool(running))
        row = st.container(horizontal=True, vertical_alignment="bottom", key="question-row")
        row.chat_input(
            "Ask both about this book",
            key="question",
            max_chars=MAX_QUESTION_CHARACTERS,
            on_submit=safely(_take_question),
            args=(now,),
        )
        if row.button(
            "Stop both",
            icon=":material/stop_circle:",
            key="stop",
            disabled=not running,
            type="primary" if running else "secondary",
        ):
            now.queue.clear()
            for snapshot in running:
                registry().stop(snapshot.comparison_id)
            st.rerun()
    if asked:
        queue_question(now, asked)
    if now.queue and not running:
        _send(now, servers, now.queue.pop(0), cut)
        st.rerun()


def _take_question(now: AppSession) -> None:
    """Before the rerun begins: what the box itself holds is gone with the rerun that it was sent with, and a rerun may be cut
    off before it reaches the box."""
    queue_question(now, str(st.session_state["question"] or ""))


def take_lost_question(now: AppSession, words: str) -> None:
    """What the browser sent and saw no trace of is asked after all, unless it came through meanwhile."""
    question = words.strip()
    asked = [snapshot.spec.question for snapshot in turns(now)[-1:]]
    if question and question not in now.queue and question not in asked:
        queue_question(now, question)


def queue_question(now: AppSession, question: str) -> None:
    """To be asked when the answers before it have come. Cut, and the oldest dropped, at the bounds; nothing is no question."""
    if question := question.strip()[:MAX_QUESTION_CHARACTERS]:
        now.queue.append(question)
        del now.queue[:-MAX_QUEUED]


def _send(now: AppSession, servers: ServerPair, question: str, cut: MiddleCut | None) -> None:
    try:
        ask(now, servers, question, cut)
    except LiveError as error:
        now.draft, now.draft_error = question, str(error)


def _draw_queue(now: AppSession, running: bool) -> None:
    """Questions that were typed while an answer was coming."""
    if not now.queue or not running:
        return
    words, drop = st.columns([8, 1.4], vertical_alignment="center")
    more = f" and {len(now.queue) - 1} more" if len(now.queue) > 1 else ""
    words.caption(f":material/schedule: Asked next: {plain(now.queue[0], 160)}{more}")
    if drop.button("Not any more", key="drop-queue", width="stretch"):
        now.queue.clear()
        st.rerun()


def _draw_draft(now: AppSession) -> str | None:
    """A question that could not be asked is kept, with the reason, until it goes out; one that came with a link, until it is asked."""
    if not now.draft:
        return None
    if now.draft_error:
        st.error(f"{plain(now.draft_error)} Your question is kept.", icon=":material/error:")
    else:
        st.caption("The link came with a question, which is not asked yet:")
    again, drop = st.columns([8, 1.4], vertical_alignment="center")
    verb, icon = ("Ask again", ":material/refresh:") if now.draft_error else ("Ask", ":material/send:")
    pressed = again.button(f"{plain(verb)}: {plain(now.draft, 120)}", icon=icon, key="draft")
    dropped = drop.button("Not now", key="drop-draft", width="stretch")
    if not (pressed or dropped):
        return None
    question, now.draft, now.draft_error = now.draft, "", ""
    if dropped:
        st.rerun()
    return question


def offered(now: AppSession, conversation: list[ComparisonSnapshot], cut: MiddleCut | None) -> tuple[Suggestion, ...]:
    """What is suggested now."""
    asked = {snapshot.spec.question for snapshot in conversation}
    return suggestions(now.opened, now.questions, asked, cut.removed_span if cut else None)


def _draw_suggestions(now: AppSession, conversation: list[ComparisonSnapshot], cut: MiddleCut | None) -> str | None:
    """Questions that come with a sample, or made from the book, until they are asked."""
    labels = {one.question: one.label for one in offered(now, conversation, cut)}
    if not labels:
        return None
    return st.pills(
        "Questions about this book",
        list(labels),
        format_func=lambda question: plain(labels[question]),
        key=f"suggested-{len(conversation)}",
        label_visibility="collapsed",
        wrap=False,
        width="stretch",
    )
