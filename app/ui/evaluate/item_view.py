"""One item to look at: the question, the right answer, every arm's answer with its outcome, the page with the passage's cells, and what
was misread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from app.evaluation import Arm, EvaluationError, Header, Item, Outcome, Result, evaluation_desk, misreadings
from app.preview.passage_pictures import PassagePicture, passage_picture
from app.ui.outside import one_line, plain
from renderer import RenderConfig, RenderError

_COLORS: dict[Outcome, Literal["green", "gray", "red", "orange"]] = {
    Outcome.CORRECT: "green",
    Outcome.ABSTAINED: "gray",
    Outcome.WRONG: "red",
    Outcome.NO_ANSWER: "orange",
}
EVERY, APART = "every", "apart"
SHOWN = (EVERY, APART, *(outcome.value for outcome in Outcome))
_SHOWN_CHARACTERS = 6_000  # of an answer
_SHOWN_REFERENCE = 300


def draw_item(evaluation_id: str, header: Header, results: Sequence[Result]) -> None:
    st.subheader("Look at an item", anchor=False)
    wanted, found = st.columns([1, 2], vertical_alignment="bottom")
    only = wanted.selectbox("Show", SHOWN, key="evaluate-show", format_func=_shown_words)
    ids = shown_ids(results, only)
    if not ids:
        st.caption(f"There is none: {plain(_shown_words(only))}.")
        return
    chosen = found.selectbox("Item", ids, key=f"evaluate-item-{evaluation_id}-{only}")
    try:
        item = next((one for one in evaluation_desk().items(evaluation_id) if one.id == chosen), None)
    except EvaluationError as error:
        st.warning(plain(str(error)))
        return
    if item is None:
        st.caption("This item is not to be had any more.")
        return
    st.markdown(f"**{plain(item.question, 4000)}**")
    st.caption(f"Right: {plain(', '.join(one_line(one, _SHOWN_REFERENCE) for one in item.references))}")
    by_arm = {one.arm_key: one for one in results if one.item_id == chosen}
    arms = [arm for arm in header.plan.arms if arm.key in by_arm]
    for column, arm in zip(st.columns(max(1, len(arms))), arms, strict=False):
        with column:
            _draw_answer(item, arm, by_arm[arm.key])
    _draw_page(item, arms)


def shown_ids(results: Sequence[Result], only: str) -> list[str]:
    """Items of one of SHOWN, in the order of their results."""
    outcomes: dict[str, set[Outcome]] = {}
    for one in results:
        outcomes.setdefault(one.item_id, set()).add(one.outcome)
    if only == EVERY:
        return list(outcomes)
    if only == APART:
        return [item_id for item_id, ended in outcomes.items() if len(ended) > 1]
    return [item_id for item_id, ended in outcomes.items() if Outcome(only) in ended]


def _shown_words(only: str) -> str:
    return {EVERY: "every item", APART: "items on which arms differ"}.get(only) or f"{only} on some arm"


def _draw_answer(item: Item, arm: Arm, result: Result) -> None:
    st.markdown(f"**{plain(arm.label)}**")
    st.badge(f"{result.outcome} · {result.score:.2f}", color=_COLORS[result.outcome])
    if result.outcome is not Outcome.CORRECT:
        for one in misreadings(item, result.answer)[:12]:
            missing = one_line(one.reference, _SHOWN_REFERENCE)
            st.caption(plain(f"“{missing}” was given as “{one.nearest}”" if one.nearest else f"“{missing}” is missing"))
    if result.detail:
        st.caption(plain(result.detail))
    st.code(result.answer[:_SHOWN_CHARACTERS] or "–", language=None, wrap_lines=True)


def _draw_page(item: Item, arms: Sequence[Arm]) -> None:
    drawn = [arm for arm in arms if arm.config is not None]
    if not drawn:
        return
    labels = {arm.label: arm for arm in drawn}
    arm = labels[
        st.segmented_control(
            "Page as drawn for", list(labels), default=drawn[0].label, required=True, format_func=plain
        )
        or drawn[0].label
    ]
    spans = item.evidence or ((0, 0),)
    at = 0
    if len(spans) > 1:
        at = st.number_input("Passage", 1, len(spans), 1, key=f"evaluate-passage-{item.id}") - 1
    assert arm.config is not None
    try:
        picture = _picture(item.context, arm.config, spans[int(at)])
    except RenderError as error:
        st.warning(plain(str(error)))
        return
    if picture.detail_png:
        st.image(picture.detail_png, f"The passage and its {picture.cells} cells of 28 px, enlarged")
    where = f"Page {picture.page} of {picture.pages}"
    st.image(
        picture.page_png, where if item.evidence else f"{where}; where the answer stands is not known for this task"
    )


@st.cache_data(max_entries=16, show_spinner="Drawing the page …", hash_funcs={RenderConfig: lambda config: config.key})
def _picture(text: str, config: RenderConfig, span: tuple[int, int]) -> PassagePicture:
    return passage_picture(text, config, span)
