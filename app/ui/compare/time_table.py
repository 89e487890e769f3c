"""Where the time went: the waterfall of both answers, every stage in figures, and the servers' own figures beside ours.

In: one comparison's snapshot. The rows are plain values made without streamlit, so that they can be tested.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.charts import QuestionTimes, SideStages, waterfall_chart
from app.clients import Role
from app.comparisons import ComparisonSnapshot, SideSnapshot
from app.measurement import Provenance, StageName, duration_words
from app.ui.chart import draw_chart
from app.ui.outside import plain
from app.web.comparison_json import simulated_times

_NOT_TOLD = "–"


def draw_time_view(conversation: list[ComparisonSnapshot]) -> None:
    """An expander under the TTFT chart; the newest question unless another is chosen."""
    told = [(number, one) for number, one in enumerate(conversation, 1) if side_stages(one)]
    if not told:
        return
    with st.expander("Where the time went", icon=":material/timeline:", key="where-the-time-went"):
        shown = told[-1][1]
        if len(told) > 1:
            numbers = [number for number, _ in told]
            chosen = st.segmented_control(
                "Question",
                numbers,
                default=numbers[-1],
                format_func=lambda n: f"Question {n}",
                required=True,
                label_visibility="collapsed",
                key=f"waterfall-of-{numbers[-1]}",
            )
            shown = dict(told)[chosen]
        _draw(shown)


def _draw(snapshot: ComparisonSnapshot) -> None:
    sides = side_stages(snapshot)
    kinds = {stage.provenance.value for side in sides for stage in side.waterfall.stages}
    draw_chart(waterfall_chart(sides), "waterfall", f"Where the time went, {' and '.join(sorted(kinds))}")
    caption = simulated_caption(snapshot)
    if caption:
        st.caption(plain(caption))
    st.caption(
        "The diamond is the first token. Time to first token counts from Send; what comes before is this app's own work, "
        "done once a book and counted only on demand."
    )
    ours, theirs = st.columns(2, gap="large")
    with ours:
        st.markdown("**By this app's clock**")
        st.table(stage_rows(snapshot), border="horizontal")
    with theirs:
        st.markdown("**As the servers tell it**")
        st.table(server_rows(snapshot), border="horizontal")
    for note in stage_notes(snapshot):
        st.caption(plain(note))


def times_title(shown: Sequence[QuestionTimes]) -> str:
    """Of the chart of first tokens where it is saved: what its bars are goes with them."""
    simulated = {kind for one in shown for kind in (one.text_simulated, one.pages_simulated)}
    return f"Time to first token, {' and '.join('simulated' if kind else 'measured' for kind in sorted(simulated))}"


def side_stages(snapshot: ComparisonSnapshot) -> list[SideStages]:
    """The sides that have at least one stage."""
    return [SideStages(side.role.called, side.waterfall) for side in snapshot.sides if side.waterfall.stages]


def stage_rows(snapshot: ComparisonSnapshot) -> list[dict[str, str]]:
    """One row a stage that either side had, in order of time; a dash where that side had none."""
    durations = {
        side.role: {stage.name: stage.duration_ms for stage in side.waterfall.stages} for side in snapshot.sides
    }
    rows = [
        {"Stage": name.label, **{role.called: ms_words(found.get(name)) for role, found in durations.items()}}
        for name in StageName
        if any(name in found for found in durations.values())
    ]
    for label, of in (("First token at", "first_token_ms"), ("Done at", "done_ms")):
        values = {side.role.called: ms_words(getattr(side.waterfall, of)) for side in snapshot.sides}
        rows.append({"Stage": label, **values})
    return rows


def server_rows(snapshot: ComparisonSnapshot) -> list[dict[str, str]]:
    """The servers' own figures; a dash where a server does not tell."""
    told = {side.role.called: _told(side) for side in snapshot.sides}
    names = next(iter(told.values()))
    return [{"Figure": name, **{label: figures[name] for label, figures in told.items()}} for name in names]


def _told(side: SideSnapshot) -> dict[str, str]:
    usage, timings = side.usage, side.server_timings
    first, queue = (timings.time_to_first_token_ms, timings.queue_ms) if timings else (None, None)
    return {
        "Queue": ms_words(queue),
        "Scheduled to first token (prefill)": ms_words(first),
        "Generation": ms_words(timings.generation_ms if timings else None),
        "Between two tokens, mean": _figure(timings.mean_inter_token_ms if timings else None, " ms"),
        "Tokens/s, prefill included": _figure(timings.tokens_per_second if timings else None),
        "Prompt tokens": _count(usage.prompt_tokens if usage else None),
        "Cached tokens": _count(usage.cached_tokens if usage else None),
        "Image tokens": _count(usage.image_tokens if usage else None) if side.role is Role.PAGES else _NOT_TOLD,
        "Reasoning tokens": _count(usage.reasoning_tokens if usage else None),
    }


def stage_notes(snapshot: ComparisonSnapshot) -> list[str]:
    """What to know about a stage, each sentence once, with the side it is about."""
    return [
        f"{side.role.called}, {stage.name.label.lower()}: {stage.note}."
        for side in snapshot.sides
        for stage in side.waterfall.stages
        if stage.note
    ]


def simulated_caption(snapshot: ComparisonSnapshot) -> str:
    """Which bars are no measurements, and whose times they play; "" when all are measured."""
    simulated = [side for side in snapshot.sides if side.provenance is Provenance.SIMULATED]
    if not simulated:
        return ""
    words = " ".join(dict.fromkeys(simulated_times(snapshot, side) for side in simulated))
    return f"Hatched bars are simulated from the models' shapes, not measured. {words}".strip()


def _figure(value: float | None, unit: str = "") -> str:
    return _NOT_TOLD if value is None else f"{value:.1f}{unit}"


def ms_words(value_ms: float | None) -> str:
    return _NOT_TOLD if value_ms is None else duration_words(value_ms, 2)


def _count(value: int | None) -> str:
    return _NOT_TOLD if value is None else f"{value:,}"
