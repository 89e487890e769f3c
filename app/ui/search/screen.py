"""The Search screen: begin, watch, pause, stop and resume a search for settings; its front, its reasons, its results."""

from __future__ import annotations

import streamlit as st

from app.charts import areas_chart, front_chart
from app.long_runs import began
from app.search import (
    Advice,
    ArmState,
    KeptSearch,
    RunState,
    SearchError,
    SearchLook,
    SearchStudy,
    importances,
    search_desk,
    study_json,
    trials_csv,
)
from app.ui.book.sidebar import draw_sidebar
from app.ui.chart import draw_chart
from app.ui.guard import draw_again, guarded, safely, ticking
from app.ui.outside import one_line, plain
from app.ui.search.candidate import draw_candidate
from app.ui.search.plan import begin_words, draw_plan, go_on_with
from app.ui.session import session

_FRONT = "Reading against compression"
_STATE_WORDS = {
    RunState.RUNNING: "Searching",
    RunState.PAUSED: "Paused",
    RunState.STOPPED: "Stopped",
    RunState.BUDGET_SPENT: "The budget is spent",
    RunState.DONE: "Done",
    RunState.BROKEN: "Ended by an error",
}


def draw_search() -> None:
    now = session()
    draw_sidebar(now)
    st.title("Search", anchor=False)
    st.markdown(begin_words())
    found = search_desk().look()
    running = found is not None and not found[1].state.is_over
    kept = search_desk().kept() if not running else ()
    if running:
        _draw_running()
    else:
        draw_plan(now, expanded=not kept)
    if kept:
        _draw_kept(kept, found)


@ticking(1.0)
def _draw_running() -> None:
    found = search_desk().look()
    if found is None or found[1].state.is_over:
        draw_again()  # the plan and the result too
        return
    search_id, look = found
    st.progress(min(1.0, look.done / max(1, look.total)), plain(_progress_words(look)))
    buttons = st.columns([1, 1, 4])
    if look.state is RunState.PAUSED:
        buttons[0].button(
            "Go on", icon=":material/play_arrow:", on_click=safely(search_desk().go_on), key="search-go-on"
        )
    else:
        buttons[0].button("Pause", icon=":material/pause:", on_click=safely(search_desk().pause), key="search-pause")
    buttons[1].button("Stop", icon=":material/stop:", on_click=safely(search_desk().stop), key="search-stop")
    study = search_desk().open(search_id)
    states = _states(study)
    if any(state.candidates for state in states):
        draw_chart(front_chart(states), "search-live-front", _FRONT, over=False)
        _draw_reader(study)
        _draw_advice(states[0].advice[-1:], "search-live")


def _progress_words(look: SearchLook) -> str:
    left = ""
    if look.seconds_left is not None:
        left = f" · some {look.seconds_left:.0f} s left" if look.seconds_left < 90 else ""
        left = left or f" · some {look.seconds_left / 60:.0f} min left"
    doing = f" · {look.doing}" if look.doing else ""
    return f"{_STATE_WORDS[look.state]}: {look.done} of {look.total} settings scored{left}{doing}"


def _draw_kept(kept: tuple[KeptSearch, ...], found: tuple[str, SearchLook] | None) -> None:
    by_id = {one.id: one for one in kept}
    ids = list(by_id)
    shown = found[0] if found is not None and found[0] in ids else ids[0]
    chosen = st.selectbox(
        "Search",
        ids,
        index=ids.index(shown),
        format_func=lambda one: (
            f"{one_line(by_id[one].header.title, 50)} · {began(one)} · {by_id[one].scored} of {by_id[one].total}"
        ),
        key=f"search-kept-{shown}",
    )
    if found is not None and found[0] == chosen:
        st.markdown(plain(f"{_STATE_WORDS[found[1].state]}. {found[1].detail}"))
    try:
        study = search_desk().open(chosen)
        states = _states(study)
    except (SearchError, OSError) as error:
        st.warning(plain(str(error)))
        return
    _draw_tools(by_id[chosen], study)
    if not any(state.candidates for state in states):
        st.caption("Nothing is scored yet.")
        return
    front = st.container()  # above the setting that is chosen below it, and ringed in it
    with guarded("The search's settings could not be drawn"):
        picked = draw_candidate(study, states)
        with front:
            reader = one_line(study.header.reader, 60)
            draw_chart(front_chart(states, picked), "search-front", f"{_FRONT}, as read by {reader}")
            _draw_reader(study)
    with st.expander("What the same budget brought"):
        draw_chart(areas_chart(states), "search-areas", "What the same budget brought: area held, setting by setting")
        _draw_areas(states)
    with st.expander("What mattered"):
        _draw_importance(study, states[0])
    _draw_advice(states[0].advice, "search-kept")


def _draw_tools(kept: KeptSearch, study: SearchStudy) -> None:
    with st.container(horizontal=True, key="search-tools"):
        st.button(
            "Go on with it",
            icon=":material/resume:",
            disabled=kept.complete,
            help="It is complete." if kept.complete else f"{kept.total - kept.scored} settings are missing.",
            on_click=safely(go_on_with),
            args=(kept.id,),
            key="search-resume",
        )
        st.download_button(
            "CSV",
            lambda: trials_csv(study),
            f"search-{kept.id}.csv",
            "text/csv",
            icon=":material/download:",
            key="search-csv",
        )
        st.download_button(
            "JSON",
            lambda: study_json(study),
            f"search-{kept.id}.json",
            "application/json",
            icon=":material/download:",
            key="search-json",
        )


def _draw_reader(study: SearchStudy) -> None:
    st.caption(
        plain(
            f"Who reads: {study.header.reader}. An OCR program is a stand-in: its share of right readings compares settings, "
            "and is not the vision model's accuracy. Compression is exact, over the whole of "
            f"{one_line(study.header.title, 60)}."
        )
    )


def _draw_areas(states: tuple[ArmState, ...]) -> None:
    for state in states:
        again = "" if state.held_out_area is None else f", {state.held_out_area:.3f} as held-out items score its front"
        st.markdown(
            plain(
                f"{state.arm.value}: {len(state.candidates)} settings scored, {state.screened} left out as hopeless before they "
                f"were read; area {state.area:.3f}{again}."
            )
        )
    st.caption("The area (hypervolume) that a front holds above nothing read and nothing compressed; it never falls.")


def _draw_importance(study: SearchStudy, state: ArmState) -> None:
    rows = [
        {
            "Factor": one.factor,
            "of accuracy": f"{100 * one.of_accuracy:.0f} %",
            "of compression": f"{100 * one.of_compression:.0f} %",
        }
        for one in importances(study.space, state.candidates)[:10]
    ]
    if not rows:
        st.caption("Too few settings are scored to tell.")
        return
    st.dataframe(rows, hide_index=True)
    st.caption(
        "Share of the variance among the settings tried that a factor explains by itself. A search tries good settings more "
        "often than others: an indication, not a law."
    )


def _draw_advice(advice: tuple[tuple[int, Advice], ...], key: str) -> None:
    if not advice:
        return
    generation, newest = advice[-1]
    with st.expander(plain(f"What the critic said ({newest.by}), newest generation first"), key=f"{key}-advice"):
        for generation, one in reversed(advice):
            trouble = f" {one.trouble}" if one.trouble else ""
            st.markdown(plain(f"Generation {generation}: {one.analysis}{trouble}"))
            for proposal in one.proposals:
                parents = ", ".join(map(str, proposal.parents))
                st.caption(plain(f"From {parents or 'none'}: {proposal.reason}"))
            if one.refused:
                st.caption(plain(f"{len(one.refused)} proposals were not usable: {'; '.join(one.refused[:3])}"))


def _states(study: SearchStudy) -> tuple[ArmState, ...]:
    return tuple(study.state(arm) for arm in study.header.plan.arms)
