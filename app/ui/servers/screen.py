"""The Servers page: both sides' state as last seen, and the launcher's own account of them."""

from __future__ import annotations

import streamlit as st

from app.clients import Role
from app.endpoints.pair import Server, ServerPair
from app.outbound import key_is_set, login_in
from app.serving import LauncherState, ServerStatus, read_state
from app.ui.book.sidebar import draw_sidebar
from app.ui.export_menu import draw_export
from app.ui.exports_now import server_files
from app.ui.frame import servers_now
from app.ui.guard import ticking
from app.ui.outside import plain
from app.ui.servers.telling import draw_telling
from app.ui.session import session


def draw_servers() -> None:
    draw_sidebar(session())
    st.title("Servers", anchor=False)
    _draw_live()
    draw_export(session(), "servers", server_files(servers_now()))


@ticking(1.0)
def _draw_live() -> None:
    pair = servers_now()
    st.markdown(plain(pair.origin))
    columns = st.columns(2)
    for column, role in zip(columns, Role, strict=True):
        with column.container(border=True):
            _draw_side(role, pair.side(role))
    state = read_state()
    if state is not None and state.launcher_alive:
        _draw_launcher(state)
    else:
        _draw_how_to(pair)


def _draw_side(role: Role, server: Server | None) -> None:
    st.subheader(plain(role.called), anchor=False)
    if server is None:
        st.markdown("This profile leaves this side out.")
        return
    endpoint, state = server.endpoint, server.state
    if state is None:
        st.badge("not looked at yet", color="gray")
    elif not state.reachable:
        st.badge("not reachable", color="red", icon=":material/cloud_off:")
        st.markdown(plain(state.detail))
    elif server.simulated:
        st.badge("simulated", color="gray", icon=":material/science:")
    else:
        st.badge("answers", color="green", icon=":material/check_circle:")
    rows = {
        "Model": plain(endpoint.model),
        "Address": plain(endpoint.shown_address),
        "Window": f"{server.window_tokens:,} tokens"
        + ("" if server.window_is_told else " (assumed: the server did not say)"),
    }
    if endpoint.behind_router:
        rows["Behind"] = "a router: it is up when the router lists the model; each question about a book carries its id"
    if endpoint.data_parallel_size > 1:
        rows["Copies"] = f"{endpoint.data_parallel_size} of the model; the questions about a book stay with one"
    if state is not None and state.version:
        rows["Version"] = plain(state.version)
    if login_in(endpoint.base_url) is not None:
        rows["Login"] = "from the address as it was given at the start; it is kept in no file"
    if endpoint.api_key_env:
        unset = "" if key_is_set(endpoint.api_key_env) else ", which is not set: none is sent"
        rows["Key"] = f"from the variable {plain(endpoint.api_key_env)}{unset}"
    st.table(rows, border="horizontal")
    draw_telling(server)


def _draw_launcher(state: LauncherState) -> None:
    st.subheader("Launcher", anchor=False)
    if state.message:
        st.markdown(plain(state.message))
    for server in state.servers:
        _draw_status(server)


def _draw_status(server: ServerStatus) -> None:
    elapsed = f" · {server.elapsed_s:.0f} s" if server.elapsed_s is not None else ""
    with st.expander(f"{plain(server.name)}: {plain(server.phase_label)}{elapsed}", expanded=bool(server.error)):
        if server.error:
            st.error(plain(server.error))
        if server.restarts:
            st.caption(f"Started again {server.restarts} time{'s' if server.restarts > 1 else ''} after a crash.")
        st.code("\n".join(server.log_tail) or "The log is empty so far.", language=None, wrap_lines=True)


def _draw_how_to(pair: ServerPair) -> None:
    st.subheader("Use real servers", anchor=False)
    if pair.simulated:
        st.markdown(
            "What answers here is the simulator. On a machine with GPUs, one command starts Qwen3-8B and Glyph on vLLM:"
        )
    st.code(
        "bash scripts/run --list                  # the profiles, and the one this machine would get\n"
        "bash scripts/run --profile one-gpu       # both servers share one GPU\n"
        "bash scripts/run --profile remote        # OpenAI-compatible endpoints named in configs/servers.toml",
        language=None,  # Streamlit's colours for code have 2.6 : 1
        wrap_lines=True,
    )
