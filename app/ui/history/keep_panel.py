"""The two switches of what is kept of each question: the run at all, and the book with it."""

from __future__ import annotations

import streamlit as st

from app.paths import DATA, why_unwritable
from app.recordings import Keep, keep_choice, recording_trouble, replay_file
from app.recordings.keeping import VARIABLE
from app.ui.guard import safely
from app.ui.outside import plain
from app.ui.session import say


def draw_keep_panel() -> None:
    """In Compare's sidebar, folded."""
    with st.expander("Kept runs", icon=":material/history:"):
        draw_keep_switches("panel")


def draw_keep_switches(place: str) -> None:
    """`place` tells the widgets of two screens apart."""
    choice = keep_choice()
    now, fixed = choice.now(), choice.fixed
    st.toggle(
        "Keep runs",
        now is not Keep.OFF,
        key=f"keep-runs-{place}-{now}",
        disabled=fixed,
        on_change=safely(_choose),
        args=(Keep.WHOLE if now is Keep.OFF else Keep.OFF,),
        help="Questions, both answers with the instant of every token, settings and versions stay in this app's data folder, "
        "on this machine, readable by you alone. The History screen shows and deletes them. API keys are never written.",
    )
    st.toggle(
        "Leave the book's text and pages out",
        now is Keep.WITHOUT_BOOK,
        key=f"keep-book-{place}-{now}",
        disabled=fixed or now is Keep.OFF,
        on_change=safely(_choose),
        args=(Keep.WHOLE if now is Keep.WITHOUT_BOOK else Keep.WITHOUT_BOOK,),
        help="For a private book. Its answers may still quote it. After a restart the conversation comes back without the book.",
    )
    if odd := choice.misspelt:
        st.warning(
            f"{VARIABLE} in this app's environment is “{plain(odd, 40)}”, which is none of {', '.join(Keep)}: so runs are kept, "
            "and books are left out.",
            icon=":material/warning:",
        )
    elif fixed:
        st.caption(f"{VARIABLE}={now.value} in the environment decides this.")
    else:
        st.caption("From the next question on, for everybody who uses this app.")
    if trouble := recording_trouble():
        st.warning(plain(trouble), icon=":material/hard_drive:")


def not_kept_words() -> str:
    """Why what is asked now is not on History, and what to do about it; "" where it is."""
    if replay_file() is not None:
        return "**Nothing new is kept here**: this app was started to replay one recording, which is open on Compare."
    choice = keep_choice()
    if choice.now() is not Keep.OFF:
        return ""
    if choice.fixed:
        return (
            f"**Keeping is switched off** by {VARIABLE}={Keep.OFF.value} in this app's environment: what is asked now is not "
            "written down. Start the app without it to keep runs."
        )
    return (
        "**Keeping is switched off**: what is asked now is not written down. Switch “Keep runs” on under “What is kept” here, "
        "or under “Kept runs” in Compare's sidebar."
    )


def _choose(keep: Keep) -> None:
    try:
        keep_choice().choose(keep)
    except OSError as error:
        say(f"This holds until the app ends, but could not be remembered. {why_unwritable(DATA, error)}", grave=True)
