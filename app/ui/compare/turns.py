"""The conversation on Compare: older questions a line each, the newest one filling the window, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.clients import Role
from app.comparisons import ComparisonSnapshot, LiveError, registry
from app.preview.routes import preview_url
from app.tokens import MiddleCut
from app.ui.addresses import in_browser
from app.ui.compare.conversation import start_over
from app.ui.compare.question_box import PENDING, offered, queue_question, take_lost_question
from app.ui.components import TurnActions, TurnLinks, answer_turn, component_key, pending_turn
from app.ui.guard import safely
from app.ui.session import AppSession, say
from app.verdict import Verdict
from app.web.comparison_json import judgement, turn_view
from app.web.comparison_routes import markdown_url, stream_url


def draw_turns(now: AppSession, conversation: list[ComparisonSnapshot], cut: MiddleCut | None) -> None:
    for number, snapshot in enumerate(conversation, 1):
        comparison_id = snapshot.comparison_id
        key = component_key("turn", comparison_id)
        answer_turn(
            turn_view(snapshot, in_browser(stream_url(comparison_id)), number=number),
            newest=number == len(conversation),
            changed=_settings_changed(now, snapshot),
            links=TurnLinks(in_browser(preview_url(now.book_key)), in_browser(markdown_url(comparison_id))),
            key=key,
            on=TurnActions(
                retry=safely(_of_side(key, "retry", partial(start_over, comparison_id))),
                stop=safely(_of_side(key, "stop", partial(registry().stop, comparison_id))),
                ask=safely(_resend(now, key)),
                over=lambda: None,
            ),
        )
    running = any(snapshot.running for snapshot in conversation)
    suggested = offered(now, conversation, cut) if now.book is not None else ()
    labels = {one.label: one.question for one in suggested}
    lost = safely(lambda: take_lost_question(now, str(st.session_state[PENDING].lost or "")))
    pending_turn(len(conversation), running, len(now.queue), labels, key=PENDING, on_lost=lost)


def _settings_changed(now: AppSession, snapshot: ComparisonSnapshot) -> bool:
    """Whether the same question would go out otherwise now: other pages, or models that are told to answer otherwise."""
    spec, stamp = snapshot.spec, snapshot.spec.stamp
    if stamp is None:
        return False
    told = (spec.sampling, spec.pages_sampling or spec.sampling)
    return stamp.settings_key != now.settings.key or told != (now.sampling, now.pages_sampling or now.sampling)


def _of_side(key: str, name: str, act: Callable[[Role], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            act(Role(getattr(st.session_state[key], name)))
        except LiveError as error:
            say(str(error), grave=True)

    return run


def _resend(now: AppSession, key: str) -> Callable[[], None]:
    """A changed question, or the same one at other settings, goes out as a turn of its own."""

    def run() -> None:
        queue_question(now, str(st.session_state[key].ask or ""))

    return run


def score_line(conversation: list[ComparisonSnapshot]) -> str:
    """How many of the questions with a known answer each side has answered rightly; "" while there is none."""
    told = []
    for role in Role:
        sides = ((snapshot.side(role), snapshot) for snapshot in conversation)
        found = [judgement(side, snapshot) for side, snapshot in sides if side is not None]
        known = [one for one in found if one is not None]
        if known:
            told.append(f"{role.called} {sum(one.verdict is Verdict.RIGHT for one in known)} of {len(known)}")
    return f"Right so far: {' · '.join(told)}" if told else ""
