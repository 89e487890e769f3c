"""The part of the Evaluate screen that chooses: tasks, arms, how many items, how long; and starts or resumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from app.clients import Role
from app.endpoints.pair import ServerPair
from app.evaluation import (
    TABLE_3_TASKS,
    TASKS,
    Arm,
    EvaluationError,
    EvaluationPlan,
    EvaluationServer,
    Given,
    Sources,
    evaluation_desk,
    looked_at,
    missing_source,
    source_note,
)
from app.ui.evaluate.cost import draw_cost
from app.ui.frame import servers_now
from app.ui.guard import safely
from app.ui.outside import plain
from app.ui.session import say, session
from renderer import RenderConfig

DPIS = (45, 54, 60, 72, 80, 96, 120, 150)
LENGTHS = (1_024, 2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 131_072)
NOTHING, TEXT = "no context", "text"
_AT_ONCE = 2
_FOLDERS = {
    "essays": "Essays (.txt, .md)",
    "squad": "SQuAD 2.0",
    "hotpotqa": "HotpotQA",
    "mrcr": "MRCR (Parquet)",
    "longbench": "LongBench (.jsonl)",
}


def draw_plan(pair: ServerPair, expanded: bool) -> None:
    with st.expander("A new evaluation", expanded=expanded):
        sources = _draw_sources()
        usable = [name for name in TASKS if not missing_source(name, sources)]
        st.multiselect(
            "Tasks",
            usable,
            [name for name in TABLE_3_TASKS if name in usable],
            key="evaluate-tasks",
            format_func=lambda name: f"{name}: {TASKS[name].about}",
            help="At first the eleven tasks of the paper's Table 3. Data sets appear when their folder is named.",
        )
        left, right = st.columns(2)
        left.multiselect(
            "DPI of the pages", DPIS, [72, 96], key="evaluate-dpis", help="Of the settings in the sidebar's Pages."
        )
        right.multiselect("Also", [TEXT, "factsheet", NOTHING], [TEXT], key="evaluate-also", format_func=_also_words)
        count, length, seed, abstain = st.columns([1, 1, 1, 1.4], vertical_alignment="bottom")
        count.number_input("Items a task", 1, 500, 5, key="evaluate-count")
        length.selectbox("Length", LENGTHS, 1, key="evaluate-length", format_func=lambda n: f"{n // 1024}K tokens")
        seed.number_input("Seed", 0, 2**31, 1, key="evaluate-seed")
        abstain.checkbox("May answer “unknown”", True, key="evaluate-abstain")
        plan, trouble = _plan()
        missing = _missing_words(pair, plan)
        if plan is not None:
            st.caption(plain(_plan_words(plan, sources, pair)))
            draw_cost(plan, sources_for(plan, sources))
        elif trouble:
            st.warning(plain(trouble))
        if missing:
            st.caption(missing)
        st.button(
            "Start the evaluation",
            icon=":material/play_arrow:",
            type="primary",
            disabled=plan is None or bool(missing),
            on_click=safely(_start),
        )


def _draw_sources() -> Sources:
    if not st.checkbox("Folders with data sets of yours", False, key="evaluate-folders"):
        return _sources()
    columns = st.columns(len(_FOLDERS))
    for column, (name, label) in zip(columns, _FOLDERS.items(), strict=True):
        column.text_input(label, key=f"evaluate-{name}", placeholder="/path/on/this/machine")
    found = _sources()
    for name in _FOLDERS:
        path = getattr(found, name)
        if path is not None and not path.exists():
            st.warning(plain(f"There is no {path}."))
    return found


def _sources() -> Sources:
    state, now = st.session_state, session()
    named = [state.get(f"evaluate-{name}", "") if state.get("evaluate-folders") else "" for name in _FOLDERS]
    paths = [Path(one.strip()).expanduser() if one and one.strip() else None for one in named]
    title, text = (now.book.title, now.book.text) if now.book is not None else ("", "")
    return Sources(paths[0], paths[1], paths[2], paths[3], paths[4], title, text)


def _plan() -> tuple[EvaluationPlan | None, str]:
    state = st.session_state
    try:
        plan = EvaluationPlan(
            tasks=tuple(state["evaluate-tasks"]),
            arms=_arms(session().settings, state["evaluate-dpis"], state["evaluate-also"]),
            count=int(state["evaluate-count"]),
            length=int(state["evaluate-length"]),
            seed=int(state["evaluate-seed"]),
            may_abstain=bool(state["evaluate-abstain"]),
        )
    except EvaluationError as error:
        return None, str(error)
    return plan, ""


def _arms(config: RenderConfig, dpis: list[int], also: list[str]) -> tuple[Arm, ...]:
    pages = [Arm(Given.PAGES, replace(config, dpi=dpi)) for dpi in sorted(dpis)]
    sheets = [replace(arm, factsheet=True) for arm in pages] if "factsheet" in also else []
    text = [Arm(Given.TEXT)] if TEXT in also else []
    return (*text, *pages, *sheets, *([Arm(Given.NOTHING)] if NOTHING in also else []))


def _plan_words(plan: EvaluationPlan, sources: Sources, pair: ServerPair) -> str:
    notes = sorted({note for name in plan.tasks if (note := source_note(name, sources))})
    instead = f" Instead of what is not on this machine: {'; '.join(notes)}." if notes else ""
    simulated = " The simulator answers: it quotes, on pages as an OCR program reads them." if pair.simulated else ""
    return f"Up to {plan.calls:,} calls.{simulated}{instead}"


def sources_for(plan: EvaluationPlan, sources: Sources) -> Sources:
    """Without the open book where no task asks about it."""
    return sources if "book_needle" in plan.tasks else replace(sources, book_title="", book_text="")


def _missing_words(pair: ServerPair, plan: EvaluationPlan | None) -> str:
    for arm in plan.arms if plan is not None else ():
        server = pair.side(arm.role)
        if server is None:
            return f"This profile leaves {arm.role.named} out, and an arm needs it."
        if not server.ready:
            return f"{arm.role.opening} does not answer yet; the Servers screen says why."
    return ""


def _also_words(name: str) -> str:
    return {TEXT: "the text", "factsheet": "pages with a factsheet", NOTHING: "the question alone"}[name]


def _start() -> None:
    plan, trouble = _plan()
    if plan is None:
        say(trouble, grave=True)
        return
    sources = sources_for(plan, _sources())
    _told(lambda: evaluation_desk().begin(plan, sources, _servers(plan), _AT_ONCE))


def resume_evaluation(evaluation_id: str) -> None:
    plan = evaluation_desk().read(evaluation_id)[0].plan
    if trouble := _missing_words(servers_now(), plan):
        say(trouble, grave=True)
        return
    _told(lambda: evaluation_desk().resume(evaluation_id, _servers(plan), _AT_ONCE))


def _servers(plan: EvaluationPlan) -> dict[Role, EvaluationServer]:
    pair = servers_now()
    sides = {role: pair.side(role) for role in {arm.role for arm in plan.arms}}
    return {role: looked_at(side.endpoint)[0] for role, side in sides.items() if side is not None}


def _told(begin: Callable[[], object]) -> None:
    try:
        begin()
    except EvaluationError as error:
        say(str(error), grave=True)
