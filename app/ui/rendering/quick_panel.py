"""Quick search below the viewer: a front for the open book, clearer at the same price or cheaper at the same clarity."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from app.legibility import percent
from app.preview.settings_query import settings_values
from app.search import Documents, QuickFind, SearchError, quick_search
from app.ui.guard import guarded, safely
from app.ui.session import AppSession, say, session
from renderer import RenderConfig, RenderError
from renderer.settings.table import SETTINGS

LONGEST_S = 50.0
_KEY = "quick-front"
_LABELS = {setting.link_key: setting.label for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class _Front:
    """What was found, and for which book and settings."""

    of: tuple[str, str]
    present: QuickFind
    finds: tuple[QuickFind, ...]


def draw_quick_search(now: AppSession) -> None:
    with (
        st.expander("Quick search: clearer, or more compression", icon=":material/travel_explore:"),
        guarded("The quick search could not be drawn"),
    ):
        st.markdown(
            "Tries settings near the present ones on the whole of this book: resolution, whole cells, margins, leading, newline "
            "marks. Compression is exact; print clarity comes from the stored table of an OCR program, not from the vision model."
        )
        st.button("Look for better settings", icon=":material/search:", on_click=safely(_look), key="quick-look")
        front = st.session_state.get(_KEY)
        if front is None or front.of != _of(now):
            return
        _draw_front(front)


def _of(now: AppSession) -> tuple[str, str]:
    return now.opened.content_hash, now.settings.key


def _look() -> None:
    now = session()
    began = time.monotonic()
    try:
        documents = Documents.of(now.opened.title, (now.opened.text,))
        with st.spinner("Laying out the whole book at other settings …"):
            present, finds = quick_search(documents, now.settings, lambda: time.monotonic() - began < LONGEST_S)
    except (SearchError, RenderError) as error:
        say(str(error), grave=True)
        return
    st.session_state[_KEY] = _Front(_of(now), present, finds)


def _draw_front(front: _Front) -> None:
    now = front.present
    st.dataframe(
        [
            {
                "Compression": f"{one.compression:.2f}×",
                "Misread (OCR, table)": percent(one.clarity.share_wrong),
                "Against now": "these settings" if one is now else _against(now, one),
                "Changes": "" if one is now else _changes(now.config, one.config),
            }
            for one in front.finds
        ],
        hide_index=True,
    )
    others = [one for one in front.finds if one.config != now.config]
    if not others:
        st.caption("Nothing near these settings is better in both, or in one without a loss in the other.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.selectbox(
            "Setting",
            range(len(others)),
            format_func=lambda i: f"{others[i].compression:.2f}× · {percent(others[i].clarity.share_wrong)} misread",
            key="quick-pick",
        )
        st.button(
            "Use it", icon=":material/check:", on_click=safely(_use), args=(others[picked].config,), key="quick-use"
        )


def _use(config: RenderConfig) -> None:
    session().settings = config


def _against(now: QuickFind, one: QuickFind) -> str:
    more, clearer = one.compression / now.compression - 1, one.clarity.share_wrong <= now.clarity.share_wrong
    words = f"{100 * more:+.0f} % compression"
    if more > 0 and clearer:
        return f"{words}, and no less clear"
    return f"{words}, {'clearer' if clearer else 'less clear'}"


def _changes(now: RenderConfig, then: RenderConfig) -> str:
    before, after = settings_values(now), settings_values(then)
    return ", ".join(f"{_LABELS[key]} {after[key]}" for key in after if before[key] != after[key])
