"""The Sweep part of the Prefill screen: start, pause, stop and resume a measurement over lengths; its charts; its export."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.endpoints.pair import ServerPair
from app.long_runs import began
from app.projection import Gpu, Serving
from app.sweep import (
    UNTIL_FULL,
    Forecast,
    KeptSweep,
    RunState,
    SweepError,
    SweepLook,
    SweepPlan,
    SweepSubject,
    json_text,
    looked_at,
    novel_for,
    sweep_desk,
    table_csv,
)
from app.ui.frame import servers_now
from app.ui.guard import draw_again, safely, ticking
from app.ui.outside import one_line, plain
from app.ui.prefill.calibrate import draw_calibrate
from app.ui.prefill.sweep_charts import draw_charts, draw_table
from app.ui.session import say, session

LENGTHS = (1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072)
DPIS = (54, 60, 72, 80, 96, 120)
AT_ONCE = (1, 2, 4, 8, 16, 32, 64)
NOVEL, BOOK = "A synthetic novel", "The open book"
_STATE_WORDS = {
    RunState.RUNNING: "Measuring",
    RunState.PAUSED: "Paused",
    RunState.STOPPED: "Stopped",
    RunState.BUDGET_SPENT: "The budget is spent",
    RunState.DONE: "Done",
    RunState.BROKEN: "Ended by an error",
}


def draw_sweep(gpu: Gpu, serving: Serving | None) -> None:
    """Everything of it, beside the projection for `gpu` with the factors chosen; None: as assumed."""
    st.subheader("Sweep: measure it on these servers", anchor=False)
    st.markdown(
        "Every length and side is asked cold, several times, in random order; the first request of each side is not "
        "counted. What is measured is kept on disk at once: a sweep goes on after a stop, or a restart of the app."
    )
    pair = servers_now()
    look = sweep_desk().look()
    running = look is not None and not look[1].state.is_over
    if not running:
        _draw_plan(pair)
    if running:
        _draw_running(gpu, serving)
    shown = look[0] if look is not None else ""
    kept = sweep_desk().kept()
    if kept and not running:
        _draw_kept(kept, shown, gpu, serving, look[1] if look else None)


# --- what to measure --------------------------------------------------------------------------------------------------


def _draw_plan(pair: ServerPair) -> None:
    with st.expander("A new sweep", expanded=not sweep_desk().kept()):
        left, right = st.columns(2)
        books = [NOVEL, BOOK] if session().book is not None else [NOVEL]
        left.radio("Text", books, key="sweep-text", horizontal=True)
        left.multiselect(
            "Lengths (text tokens)", LENGTHS, LENGTHS[2:], key="sweep-lengths", format_func=lambda n: f"{n // 1024}K"
        )
        right.multiselect("DPI of the pages", DPIS, [72], key="sweep-dpis")
        right.multiselect(
            "Requests at once",
            AT_ONCE,
            [],
            key="sweep-at-once",
            help="Also measures that many together: tokens a second, and how long each waits. Ends where more gain nothing.",
        )
        right.checkbox(
            "Doubled at once until the server's KV cache is full",
            key="sweep-until-full",
            help="1, 2, 4 … up to 256: until the server's own gauge tells that its cache is full, or more gain nothing, or the "
            "budget ends.",
        )
        repeats, budget, decode = st.columns([1, 1, 1.4], vertical_alignment="bottom")
        repeats.number_input("Repeats", 1, 20, 3, key="sweep-repeats")
        budget.number_input("Budget (minutes)", 1, 24 * 60, 30, key="sweep-budget")
        decode.checkbox("Also answers of 256 tokens: decoding speed", True, key="sweep-decode")
        plan, trouble = _plan()
        servers_missing = _missing_words(pair)
        if plan is not None:
            st.caption(_forecast_words(plan, pair))
        elif trouble:
            st.warning(plain(trouble))
        if servers_missing:
            st.caption(servers_missing)
        st.button(
            "Start the sweep",
            icon=":material/play_arrow:",
            type="primary",
            disabled=plan is None or bool(servers_missing),
            on_click=safely(_start),
        )


def _plan() -> tuple[SweepPlan | None, str]:
    state = st.session_state
    try:
        plan = SweepPlan(
            lengths=tuple(sorted(state["sweep-lengths"])),
            dpis=tuple(sorted(state["sweep-dpis"])),
            repeats=int(state["sweep-repeats"]),
            decode=bool(state["sweep-decode"]),
            at_once=UNTIL_FULL if state["sweep-until-full"] else tuple(sorted(state["sweep-at-once"])),
        )
    except SweepError as error:
        return None, str(error)
    return plan, ""


def _forecast_words(plan: SweepPlan, pair: ServerPair) -> str:
    seconds = Forecast(plan).seconds(plan.tasks())
    speedup = pair.text.state.simulated_speedup if pair.text and pair.text.state else None
    simulated = f"; the simulator's clock here is {speedup:g}× as fast" if speedup and speedup != 1 else ""
    return f"{plan.task_count} measurements; some {_minutes(seconds)} on one H100, projected{simulated}."


def _missing_words(pair: ServerPair) -> str:
    if pair.text is None or pair.pages is None:
        return "A sweep needs both sides; this profile leaves one out."
    if not (pair.text.ready and pair.pages.ready):
        return "Not both servers answer yet; the Servers screen says why."
    return ""


def _start() -> None:
    plan, trouble = _plan()
    if plan is None:
        say(trouble, grave=True)
        return
    pair, now = servers_now(), session()
    assert pair.text is not None
    assert pair.pages is not None
    if st.session_state["sweep-text"] == BOOK and now.book is not None:
        title, text = now.book.title, now.book.text
    else:
        title, text = novel_for(plan)
    sides = looked_at(pair.text.endpoint)[0], looked_at(pair.pages.endpoint)[0]
    subject = SweepSubject(title, text, now.settings, *sides)
    _told(lambda: sweep_desk().begin(subject, plan, 60.0 * st.session_state["sweep-budget"]))


def _resume(sweep_id: str) -> None:
    pair = servers_now()
    if trouble := _missing_words(pair):
        say(trouble, grave=True)
        return
    sides = [looked_at(one.endpoint)[0] for one in (pair.text, pair.pages) if one is not None]
    budget_s = 60.0 * st.session_state.get("sweep-budget", 30)
    _told(lambda: sweep_desk().resume(sweep_id, sides[0], sides[1], budget_s))


def _told(begin: Callable[[], object]) -> None:
    try:
        begin()
    except SweepError as error:
        say(str(error), grave=True)


# --- while it runs ----------------------------------------------------------------------------------------------------


@ticking(1.0)
def _draw_running(gpu: Gpu, serving: Serving | None) -> None:
    found = sweep_desk().look()
    if found is None or found[1].state.is_over:
        draw_again()  # the plan and the export too
        return
    sweep_id, look = found
    st.progress(look.done / max(1, look.total), _progress_words(look))
    buttons = st.columns([1, 1, 4])
    if look.state is RunState.PAUSED:
        buttons[0].button(
            "Go on",
            icon=":material/play_arrow:",
            on_click=safely(sweep_desk().go_on),
            key="sweep-go-on",
            width="stretch",
        )
    else:
        buttons[0].button(
            "Pause", icon=":material/pause:", on_click=safely(sweep_desk().pause), key="sweep-pause", width="stretch"
        )
    buttons[1].button(
        "Stop", icon=":material/stop:", on_click=safely(sweep_desk().stop), key="sweep-stop", width="stretch"
    )
    header, records = sweep_desk().read(sweep_id)
    draw_charts(header, records, gpu, serving, over=False)


def _progress_words(look: SweepLook) -> str:
    left = "" if look.seconds_left is None else f" · some {_minutes(look.seconds_left)} left"
    now = f" · {look.now.kind}, {look.now.arm.label}, {look.now.text_tokens:,} tokens" if look.now else ""
    return f"{_STATE_WORDS[look.state]}: {look.done} of {look.total}{left}{now}"


# --- what there is ----------------------------------------------------------------------------------------------------


def _draw_kept(
    kept: Sequence[KeptSweep], shown: str, gpu: Gpu, serving: Serving | None, look: SweepLook | None
) -> None:
    by_id = {one.id: one for one in kept}
    ids = list(by_id)
    chosen = st.selectbox(
        "Sweep",
        ids,
        index=ids.index(shown) if shown in ids else 0,
        format_func=lambda one: (
            f"{one_line(by_id[one].title, 60)} · {began(one)} · {by_id[one].settled} of {by_id[one].total}"
        ),
        key=f"sweep-kept-{shown}",
    )
    one = by_id[chosen]
    if look is not None and chosen == shown:
        st.markdown(plain(f"{_STATE_WORDS[look.state]}. {look.detail}"))
    try:
        header, records = sweep_desk().read(chosen)
    except SweepError as error:
        st.warning(plain(str(error)))
        return
    buttons = st.columns([1.4, 1, 1, 2])
    buttons[0].button(
        "Go on with it",
        icon=":material/resume:",
        disabled=one.complete,
        help="It is complete." if one.complete else f"{one.total - one.settled} measurements are missing.",
        on_click=safely(_resume),
        args=(chosen,),
        key="sweep-resume",
        width="stretch",
    )
    buttons[1].download_button(
        "CSV", table_csv(records), f"sweep-{chosen}.csv", "text/csv", icon=":material/download:", width="stretch"
    )
    buttons[2].download_button(
        "JSON",
        json_text(header, records),
        f"sweep-{chosen}.json",
        "application/json",
        icon=":material/download:",
        width="stretch",
    )
    draw_charts(header, records, gpu, serving, over=True)
    draw_table(records)
    draw_calibrate(chosen, header, records, gpu)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
