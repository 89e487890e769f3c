"""One setting of a search: its page, its scores, where it comes from and why; used on Pages, or taken away as a file."""

from __future__ import annotations

import streamlit as st

from app.books.samples import story
from app.search import Arm, ArmState, Candidate, SearchStudy, front_settings
from app.ui.guard import safely
from app.ui.outside import plain
from app.ui.session import say, session
from renderer import RenderConfig, RenderError, plan

_ANCESTORS = 12
_SHOWN_CHARACTERS = 6_000  # of the book: the first page or two


def draw_candidate(study: SearchStudy, states: tuple[ArmState, ...]) -> tuple[Arm, int] | None:
    """The chooser and the chosen one, which is also returned."""
    offered = [(state.arm, one) for state in states for one in state.front]
    labels = {(arm, one.number): _label(arm, one) for arm, one in offered}
    picked = st.selectbox(
        "Setting on the front",
        list(labels),
        index=_start(offered),
        format_func=lambda key: labels[key],
        key=f"search-candidate-{study.id}",
    )
    if picked is None:
        return None
    arm, number = picked
    candidate = next(one for of, one in offered if (of, one.number) == picked)
    left, right = st.columns([1, 1.2], gap="large")
    with left:
        _draw_page(study.settings(arm, number))
    with right:
        _draw_scores(candidate, next(state for state in states if state.arm is arm))
        _draw_uses(study, arm, candidate)
        _draw_origin(next(state for state in states if state.arm is arm), candidate)
    return picked


def _start(offered: list[tuple[Arm, Candidate]]) -> int:
    """The one that reads nearly everything and compresses most: what most people look for."""
    clear = [i for i, (_, one) in enumerate(offered) if one.score.accuracy >= 0.95]
    return max(clear, key=lambda i: offered[i][1].score.compression) if clear else 0


def _label(arm: Arm, one: Candidate) -> str:
    gene = one.proposal.genome.to_mapping()
    return (
        f"{100 * one.score.accuracy:.0f} % read · {one.score.compression:.2f}× · {gene['dpi']} dpi, {gene['font']} "
        f"{gene['font_size_pt']} pt · {arm.value} {one.number}"
    )


def _draw_page(config: RenderConfig) -> None:
    now = session()
    text = (now.book or story().book).text[:_SHOWN_CHARACTERS]
    try:
        layout = plan(text, config).layout
    except RenderError as error:
        st.warning(plain(str(error)))
        return
    if layout is None:
        st.caption("The reference engine draws this setting; open it on Pages to see it.")
        return
    st.image(layout.page_array(0), caption=f"{config.dpi} dpi, as it is sent")


def _draw_scores(candidate: Candidate, state: ArmState) -> None:
    score = candidate.score
    read, compression, again = st.columns(3)
    read.metric(
        "Read rightly",
        f"{100 * score.accuracy:.1f} %",
        help=f"{100 * score.low:.0f} % to {100 * score.high:.0f} % (95 %), n = {score.n}",
    )
    compression.metric("Compression", f"{score.compression:.2f}×")
    if candidate.held_out is not None:
        held = candidate.held_out
        again.metric(
            "Held-out items",
            f"{100 * held.accuracy:.1f} %",
            help=f"{100 * held.low:.0f} % to {100 * held.high:.0f} %, n = {held.n}",
        )
    equal = [
        str(one.number) for one in state.front if one is not candidate and one.score.within_noise_of(candidate.score)
    ]
    noise = (
        f" Of the front, {', '.join(equal)} read no worse or better than this, as far as that can tell."
        if equal
        else ""
    )
    st.caption(f"95 % range {100 * score.low:.0f} % to {100 * score.high:.0f} % over {score.n} items.{noise}")
    for misread in candidate.misread[:3]:
        st.caption(plain(f"Misread: {misread.text} → {misread.read or 'nothing'}"))


def _draw_uses(study: SearchStudy, arm: Arm, candidate: Candidate) -> None:
    with st.container(horizontal=True):
        st.button(
            "Use on Pages and Compare",
            icon=":material/check:",
            type="primary",
            on_click=safely(_use),
            args=(study, arm, candidate.number),
            key="search-use",
        )
        st.download_button(
            "Settings file",
            lambda: front_settings(study, arm, candidate.number),
            f"search-{study.id}-{candidate.number}.json",
            "application/json",
            icon=":material/download:",
            help="In Glyph's own format, with its scores and where it comes from.",
            key="search-settings-file",
        )


def _use(study: SearchStudy, arm: Arm, number: int) -> None:
    session().settings = study.settings(arm, number)
    say("These settings are in use now, on Pages and on Compare.")


def _draw_origin(state: ArmState, candidate: Candidate) -> None:
    """The family tree upwards, with what changed from each parent and why."""
    by_number = {one.number: one for one in state.candidates}
    with st.expander("Where it comes from", expanded=True):
        line: list[Candidate] = [candidate]
        while len(line) < _ANCESTORS and line[-1].proposal.parents:
            parent = by_number.get(line[-1].proposal.parents[0])
            if parent is None:
                break
            line.append(parent)
        for one, parent in zip(line, [*line[1:], None], strict=True):
            changes = ""
            if parent is not None:
                told = [
                    f"{name} {before} → {now}"
                    for name, before, now in one.proposal.genome.differences(parent.proposal.genome)
                ]
                changes = f" Changed from setting {parent.number}: {', '.join(told[:8])}."
            other = f", with {one.proposal.parents[1]}" if len(one.proposal.parents) > 1 else ""
            reason = f": {one.proposal.reason}" if one.proposal.reason else ""
            st.markdown(
                plain(
                    f"Setting {one.number}, generation {one.generation}, by {one.proposal.by}{other}{reason}.{changes}"
                )
            )
