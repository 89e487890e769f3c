"""The stage on Compare: the questions that a presenter walks through, and what the keys ask for.

The picture itself is the turn's own component in another layout; this hands the browser the list and does what it says.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.clients import Role
from app.comparisons import ComparisonSnapshot, LiveError, registry
from app.endpoints.pair import ServerPair
from app.tokens import MiddleCut, compression_ratio, count_text_tokens
from app.ui.addresses import in_browser
from app.ui.compare.circumstances import book_costs
from app.ui.compare.conversation import start_over
from app.ui.compare.question_box import offered, queue_question, take_lost_question
from app.ui.components import StageActions, StageItem, stage
from app.ui.guard import safely
from app.ui.link import MAX_QUESTION_CHARACTERS
from app.ui.session import AppSession, say
from app.web.comparison_json import cost_view, ratio_view

STAGE = "stage"  # the component's key
MAX_QUESTIONS = 50


def draw_stage(
    now: AppSession, servers: ServerPair, cut: MiddleCut | None, conversation: list[ComparisonSnapshot]
) -> None:
    """The button that opens it, and what it shows: the conversation, then the questions that are still to be asked."""
    asked = {snapshot.spec.question for snapshot in conversation}
    items = [
        StageItem(one.spec.question, one.comparison_id, one.running, one.recorded is not None) for one in conversation
    ]
    items += [StageItem(question) for question in _to_come(now, conversation, cut) if question not in asked]
    stage(
        items,
        _book(now, servers),
        now.draft_error,
        in_browser("/_stcore/health"),
        key=STAGE,
        on=StageActions(
            ask=safely(lambda: queue_question(now, _said("ask"))),
            lost=safely(lambda: take_lost_question(now, _said("lost"))),
            again=safely(lambda: _order(_again, "again")),
            stop=safely(lambda: _order(registry().stop, "stop")),
        ),
    )


def _book(now: AppSession, servers: ServerPair) -> dict[str, Any]:
    """What stands on the stage before anything is asked; what is not known yet is None."""
    if now.book is None:
        return {"ratio": None, "text": None, "pages": None}
    page_set = now.job.snapshot().page_set if now.job is not None else None
    tokens = count_text_tokens(now.book.text, now.book.content_hash).value
    text, pages = book_costs(servers, tokens, page_set)
    return {
        "ratio": ratio_view(compression_ratio(tokens, page_set.totals.visual_tokens)) if page_set else None,
        "text": cost_view(Role.TEXT, text) if text else None,
        "pages": cost_view(Role.PAGES, pages) if pages else None,
    }


def draw_stage_panel(now: AppSession) -> None:
    """The presenter's own questions."""
    with st.expander("Stage", icon=":material/present_to_all:"):
        written = st.text_area(
            "Questions for the stage, one a line",
            "\n".join(now.playlist),
            key="playlist",
            max_chars=20_000,
            placeholder="Empty: the questions that are suggested for this book",
            help="Alt+S opens the stage: one question and its answers over the whole window, for an audience. "
            "Space asks and goes on, the arrows choose and scroll.",
        )
        now.playlist = read_playlist(written or "")


def read_playlist(text: str) -> tuple[str, ...]:
    """Each question once, in their order."""
    lines = (line.strip()[:MAX_QUESTION_CHARACTERS] for line in text.split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line))[:MAX_QUESTIONS]


def _to_come(now: AppSession, conversation: list[ComparisonSnapshot], cut: MiddleCut | None) -> list[str]:
    if now.book is None:  # what was recorded is shown; nothing can be asked
        return []
    return list(now.playlist) or [one.question for one in offered(now, conversation, cut)]


def _said(name: str) -> str:
    return str(getattr(st.session_state[STAGE], name) or "")


def _order(act, name: str) -> None:
    try:
        act(_said(name))
    except LiveError as error:
        say(str(error), grave=True)


def _again(comparison_id: str) -> None:
    """Both sides anew, whatever they are doing."""
    registry().stop(comparison_id)
    for side in registry().snapshot(comparison_id).sides:
        start_over(comparison_id, side.role)
