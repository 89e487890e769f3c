"""The Evaluate page from top to bottom: what to ask, how it goes, what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.evaluation import EvaluationError, KeptEvaluation, RunLook, RunState, evaluation_desk
from app.long_runs import began
from app.ui.book.sidebar import draw_sidebar
from app.ui.evaluate.item_view import draw_item
from app.ui.evaluate.plan_section import draw_plan, resume_evaluation
from app.ui.evaluate.results import draw_results
from app.ui.frame import servers_now
from app.ui.guard import draw_again, guarded, safely, ticking
from app.ui.outside import plain
from app.ui.session import session

_TASKS_NAMED = 3  # of an evaluation in the list
_STATE_WORDS = {
    RunState.RUNNING: "Asking",
    RunState.STOPPED: "Stopped",
    RunState.DONE: "Done",
    RunState.BROKEN: "Ended by an error",
}


def draw_evaluate() -> None:
    draw_sidebar(session())
    st.title("Evaluate", anchor=False)
    st.markdown(
        "Pages are fewer tokens; are they still read? The same items are asked of the text and of its pages, scored by each "
        "task's own measure, and compared item by item. Every answer is kept on disk at once."
    )
    look = evaluation_desk().look()
    running = look is not None and not look[1].state.is_over
    if running:
        _draw_running()
        return
    kept = evaluation_desk().kept()
    with guarded("The choice of tasks could not be drawn"):
        draw_plan(servers_now(), expanded=not kept)
    if look is not None and look[1].state is RunState.BROKEN and look[1].total == 0:
        st.error(plain(look[1].detail))
    if kept:
        with guarded("The results could not be drawn"):
            _draw_kept(kept, look)


@ticking(1.0)
def _draw_running() -> None:
    found = evaluation_desk().look()
    if found is None or found[1].state.is_over:
        draw_again()  # the plan and the export too
        return
    evaluation_id, look = found
    st.progress(look.done / max(1, look.total), plain(_progress_words(look)))
    st.button("Stop", icon=":material/stop:", on_click=safely(evaluation_desk().stop), key="evaluate-stop")
    if look.done:
        header, results = evaluation_desk().read(evaluation_id)
        draw_results(header, results, "")


def _progress_words(look: RunLook) -> str:
    if not look.total:
        return "Making the items"
    left = "" if look.seconds_left is None else f", some {_minutes(look.seconds_left)} left"
    return f"{_STATE_WORDS[look.state]}: {look.done} of {look.total}{left}. {look.now}"


def _draw_kept(kept: Sequence[KeptEvaluation], look: tuple[str, RunLook] | None) -> None:
    by_id = {one.id: one for one in kept}
    ids = list(by_id)
    shown = look[0] if look is not None else ""
    chosen = st.selectbox(
        "Evaluation",
        ids,
        index=ids.index(shown) if shown in ids else 0,
        format_func=lambda one: (
            f"{began(one)} · {_task_words(by_id[one].tasks)} × {by_id[one].arms} arms · "
            f"{by_id[one].settled} of {by_id[one].total}"
        ),
        key=f"evaluate-kept-{shown}",
    )
    if look is not None and chosen == shown:
        st.markdown(plain(f"{_STATE_WORDS[look[1].state]}. {look[1].detail}"))
    one = by_id[chosen]
    try:
        header, results = evaluation_desk().read(chosen)
    except EvaluationError as error:
        st.warning(plain(str(error)))
        return
    if one.settled < one.total:
        st.button(
            "Go on with it",
            icon=":material/resume:",
            help=f"{one.total - one.settled} calls are missing.",
            on_click=safely(resume_evaluation),
            args=(chosen,),
            key="evaluate-resume",
        )
    draw_results(header, results, chosen)
    with guarded("The item could not be drawn"):
        draw_item(chosen, header, results)


def _task_words(names: Sequence[str]) -> str:
    """As many names as one line takes."""
    return ", ".join(names) if len(names) <= _TASKS_NAMED else f"{names[0]} and {len(names) - 1} more tasks"


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
