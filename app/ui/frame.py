"""What every page has: the style sheet, the servers' badges, and a line that says when figures are simulated."""

from __future__ import annotations

import streamlit as st

from app.clients import Role
from app.clients.pace import pace_words
from app.endpoints.finding import server_watch
from app.endpoints.pair import Server, ServerPair
from app.paths import APP
from app.recordings import replay_file
from app.ui.components import message_board
from app.ui.guard import draw_again, ticking
from app.ui.outside import in_badge, plain
from app.ui.session import session
from app.web.engine_warm_up import engine_warm_up

_STYLE = APP / "ui" / "assets" / "page.css"
_LESS_MOTION = APP / "ui" / "assets" / "motion.css"
_TOUCH = APP / "ui" / "assets" / "touch.css"


def draw_frame() -> None:
    st.html(_STYLE)  # a .css file is put into the page as a style
    st.html(_LESS_MOTION)
    st.html(_TOUCH)


def draw_messages() -> None:
    """What is to be seen once; at the end of each rerun of a page, at a place that no page moves."""
    message_board([(one.serial, one.text, one.grave) for one in session().messages.kept], key="messages")


def draw_engine_line() -> None:
    """While the fast engine is being compiled beside the app, once: how far it is, and who draws until then."""
    if engine_warm_up().progress() is not None:
        _engine_line()


@ticking(1.0)
def _engine_line() -> None:
    progress = engine_warm_up().progress()
    if progress is None:
        draw_again()  # from now on the fast engine draws it
        return
    st.progress(
        progress.share,
        f"The fast engine is being compiled, once ({100 * progress.share:.0f} %). Until then the reference engine draws the "
        "same pages, slowly; costs before rendering are not known yet.",
    )


def draw_server_badges(pair: ServerPair) -> None:
    """One badge a side: reachable, still loading, or not there."""
    st.subheader("Servers")
    if replay_file() is not None:
        st.caption("None: this app was started to replay a recording.")
    for role in Role:
        server = pair.side(role)
        if server is not None:
            _badge(server)
    if pair.simulated:
        sides = (pair.side(role) for role in Role)
        paces = {
            pace_words(side.state.simulated_speedup) for side in sides if side is not None and side.state is not None
        }
        hurried = ", ".join(sorted(filter(None, paces)))
        st.caption(
            f"No GPU server answers here, so a simulator stands in. Its times are projections{f', run {plain(hurried)}' if hurried else ''} "
            "and its answers are quotes; both say so."
        )


def _badge(server: Server) -> None:
    name = server.endpoint.role.called
    if server.state is None:
        st.badge(f"{name}: looking for it", icon=":material/hourglass_empty:", color="gray")
    elif not server.ready:
        st.badge(f"{name}: not reachable", icon=":material/cloud_off:", color="red", help=plain(server.state.detail))
    elif server.simulated:
        pace = pace_words(server.state.simulated_speedup)
        st.badge(
            f"{name}: simulated {in_badge(server.endpoint.model)}{f' · {in_badge(pace)}' if pace else ''}",
            icon=":material/science:",
            color="gray",
            help=plain(server.state.detail),
        )
    else:
        st.badge(
            f"{name}: {in_badge(server.endpoint.model)}",
            icon=":material/check_circle:",
            color="green",
            help=plain(server.state.detail),
        )


def servers_now() -> ServerPair:
    """The servers as they were last seen; the very first call waits for the first look."""
    return server_watch().pair(wait_s=3.0)
