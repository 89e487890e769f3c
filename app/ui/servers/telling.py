"""What a server tells of itself on the Servers screen (/metrics), and the button that tries it with one short question."""

from __future__ import annotations

import streamlit as st

from app.clients import Role, ServerMetrics
from app.endpoints.gauges import Trial, gauges
from app.endpoints.pair import Server
from app.measurement import duration_words
from app.ui.guard import safely
from app.ui.outside import plain

_NOT_TOLD = "–"


def draw_telling(server: Server) -> None:
    """The figures as of the last second, and a trial. Draws nothing of a server that is not there."""
    if not server.ready:
        return
    told = gauges().metrics(server.endpoint)
    if server.endpoint.behind_router:
        st.caption(
            "Several servers answer at this address. The load, the version and the counts of one are not taken for all, so "
            "none of them is asked (/metrics, /version, /tokenize), and no caches are emptied for a cold start."
        )
    elif told is None:
        st.caption("This server tells nothing of its load (no /metrics of vLLM's kind).")
    else:
        st.table(metric_rows(told), border="horizontal")
        simulated = "The simulator's own counters, under vLLM's names. " if server.simulated else ""
        st.caption(f"{simulated}From /metrics: gauges of this moment, counters since the server's start.")
    trial = gauges().trial(server.endpoint)
    st.button(
        "Test Glyph" if server.endpoint.role is Role.PAGES else "Test the text model",
        key=f"try-{server.endpoint.role.value}",
        icon=":material/network_ping:",
        disabled=trial is not None and trial.running,
        on_click=safely(gauges().begin_trial),
        args=(server.endpoint,),
        help="One short question in words, 32 tokens at most; nothing of your book is sent.",
    )
    if trial is not None:
        _draw_trial(trial, server.simulated)


def metric_rows(told: ServerMetrics) -> dict[str, str]:
    """Label to figure; a dash where the server does not tell."""
    return {
        "Requests running": _count(told.running),
        "Requests queued": _count(told.waiting),
        "Cache in use": _share(told.kv_cache_share),
        "Prompt tokens from the prefix cache": _share(told.prefix_hit_share),
        "Requests answered": _count(told.requests_done),
        "Prompt tokens read": _count(told.prompt_tokens),
        "Tokens generated": _count(told.generated_tokens),
        "Mean time to first token": _NOT_TOLD
        if told.mean_ttft_s is None
        else duration_words(1000 * told.mean_ttft_s, 2),
        "Memory of its process": _NOT_TOLD if told.resident_bytes is None else f"{told.resident_bytes / 1e6:,.0f} MB",
    }


def _draw_trial(trial: Trial, simulated: bool) -> None:
    if trial.running:
        st.caption(":material/hourglass_top: Asked; waiting for its first token …")
    elif trial.problem:
        st.error(plain(trial.problem), icon=":material/error:")
    elif trial.ttft_ms is not None:
        kind = " (simulated)" if simulated else ""
        st.success(
            f"First token after {duration_words(trial.ttft_ms, 2)}{kind}. It said: {plain(trial.said or '(thoughts only)')}",
            icon=":material/check_circle:",
        )


def _count(value: int | None) -> str:
    return _NOT_TOLD if value is None else f"{value:,}"


def _share(value: float | None) -> str:
    return _NOT_TOLD if value is None else f"{100 * value:.0f} %"
