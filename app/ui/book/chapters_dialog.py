"""The chapters in a dialog: what each costs in tokens of both kinds, chosen singly, in ranges, or as many as fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.books import chapters_that_fit
from app.bookshelf.costs import ChapterCost, chapter_costs
from app.bookshelf.source import BookSource
from app.clients import Role
from app.tokens import count_text_tokens, tokens_for_book
from app.ui.book.opening import open_source, session_source
from app.ui.book.words import WrongRange, ranges, read_ranges
from app.ui.compare.conversation import history_tokens
from app.ui.frame import servers_now
from app.ui.guard import guarded, safely
from app.ui.outside import plain
from app.ui.session import AppSession

_TABLE_HEIGHT_PX = 420
_ROW_HEIGHT_PX = 35


@dataclass(slots=True)
class Draft:
    """What is ticked in the open dialog; `version` makes the table take a choice that was not made in it."""

    chosen: tuple[int, ...]
    version: int = 0
    wrong: str = ""


def draw_chapters_dialog(session: AppSession, key: str, close: Callable[[], None]) -> None:
    """Draw it; `key` is new each time it is opened."""
    st.dialog("Chapters", width="large", icon=":material/toc:", on_dismiss=safely(close))(_guarded)(session, key, close)


def _guarded(session: AppSession, key: str, close: Callable[[], None]) -> None:
    with guarded("The chapters could not be drawn"):
        _draw(session, key, close)


def _draw(session: AppSession, key: str, close: Callable[[], None]) -> None:
    source = session_source(session)
    draft = _draft(source, key)
    with st.spinner("Counting each chapter's tokens …"):
        costs = chapter_costs(source.whole, session.settings)
    room = _room(session)
    _draw_choosers(source, draft, costs, room, key)
    _draw_table(source, draft, costs, key)
    _draw_totals(source, draft, costs, room)
    changed = draft.chosen != _chosen(source)
    if changed and session.turns and draft.chosen:
        st.caption(":material/info: Another text begins the conversation anew.")
    use, keep, _ = st.columns([2, 1.2, 3])
    if use.button(
        "Use these chapters",
        type="primary",
        disabled=not draft.chosen or not changed or bool(draft.wrong),
        key=f"{key}-use",
        width="stretch",
    ):
        open_source(session, source.with_chapters(draft.chosen))
        close()
        st.rerun()
    if keep.button("Cancel", key=f"{key}-cancel", width="stretch"):
        close()
        st.rerun()


def _chosen(source: BookSource) -> tuple[int, ...]:
    chosen = source.choices.chapters
    return tuple(range(len(source.base.chapters))) if chosen is None else chosen


def _draft(source: BookSource, key: str) -> Draft:
    held = st.session_state.get("chapter_draft")
    if held is None or held[0] != key:
        held = st.session_state["chapter_draft"] = (key, Draft(_chosen(source)))
        st.session_state[f"{key}-ranges"] = ranges(held[1].chosen)
    return held[1]


def _set(draft: Draft, key: str, chosen: tuple[int, ...]) -> None:
    draft.chosen, draft.wrong = chosen, ""
    draft.version += 1
    st.session_state[f"{key}-ranges"] = ranges(chosen)


def _draw_choosers(
    source: BookSource, draft: Draft, costs: tuple[ChapterCost, ...], room: int | None, key: str
) -> None:
    count = len(source.base.chapters)

    def typed() -> None:
        try:
            draft.chosen = read_ranges(st.session_state[f"{key}-ranges"], count)
        except WrongRange as error:
            draft.wrong = str(error)
        else:
            draft.wrong = ""
            draft.version += 1

    def fit() -> None:
        if room is None:  # the button rests then
            return
        start = draft.chosen[0] if 0 < len(draft.chosen) < count else 0
        _set(draft, key, _that_fit(source, costs, room, start))

    field, everything, nothing, fitting = st.columns([4, 1, 1, 3], vertical_alignment="bottom")
    field.text_input(
        "Chapters",
        key=f"{key}-ranges",
        on_change=safely(typed),
        placeholder="1-12, 20",
        help="Numbers and ranges; or tick rows in the table.",
    )
    everything.button(
        "All", on_click=safely(_set), args=(draft, key, tuple(range(count))), key=f"{key}-all", width="stretch"
    )
    nothing.button("None", on_click=safely(_set), args=(draft, key, ()), key=f"{key}-none", width="stretch")
    fitting.button(
        "As many as fit the text model",
        on_click=safely(fit),
        key=f"{key}-fit",
        width="stretch",
        disabled=room is None,
        help="From the first chosen chapter on, beside the question and the answer."
        if room is not None
        else "The text model's server is not there to say how much fits.",
    )
    if draft.wrong:
        st.error(plain(draft.wrong), icon=":material/error:")


def _that_fit(source: BookSource, costs: tuple[ChapterCost, ...], room: int, start: int) -> tuple[int, ...]:
    """Counted anew when joined: at the seams tokens can merge or part."""
    chosen = chapters_that_fit([cost.text_tokens for cost in costs], room, start)
    while chosen and count_text_tokens(source.with_chapters(chosen).book.text).value > room:
        chosen = chosen[:-1]
    return chosen


def _room(session: AppSession) -> int | None:
    server = servers_now().text
    if server is None:
        return None
    return tokens_for_book(server.window_tokens, session.sampling.max_tokens, history_tokens(session, Role.TEXT))


def _draw_table(source: BookSource, draft: Draft, costs: tuple[ChapterCost, ...], key: str) -> None:
    chapters, table = source.whole.chapters, f"{key}-table-{draft.version}"
    most = max(1, *(cost.text_tokens for cost in costs))
    columns = {
        "#": list(range(1, len(chapters) + 1)),
        "Chapter": [chapter.title for chapter in chapters],
        "Text tokens": [cost.text_tokens for cost in costs],
        "Visual tokens": [cost.visual_tokens for cost in costs],
    }

    def ticked() -> None:
        draft.chosen, draft.wrong = tuple(sorted(st.session_state[table].selection.rows)), ""
        st.session_state[f"{key}-ranges"] = ranges(draft.chosen)

    st.dataframe(
        columns,
        key=table,
        hide_index=True,
        on_select=safely(ticked),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": list(draft.chosen)}},
        height=min(_TABLE_HEIGHT_PX, _ROW_HEIGHT_PX * (len(chapters) + 1) + 3),
        column_config={
            "#": st.column_config.NumberColumn(width=48),
            "Chapter": st.column_config.TextColumn(width="large"),
            "Text tokens": st.column_config.ProgressColumn(
                format="localized", min_value=0, max_value=most, width="medium"
            ),
            "Visual tokens": st.column_config.NumberColumn(format="localized", width="small"),
        },
    )


def _draw_totals(source: BookSource, draft: Draft, costs: tuple[ChapterCost, ...], room: int | None) -> None:
    chosen = [costs[index] for index in draft.chosen]
    text = sum(cost.text_tokens for cost in chosen)
    known = [cost.visual_tokens for cost in chosen if cost.visual_tokens is not None]
    visual = sum(known) if all(cost.visual_tokens is not None for cost in costs) else None
    parts = [f"**{len(chosen):,} of {len(costs):,} chapters**", f"{text:,} text tokens"]
    if visual is not None:
        parts.append(f"about {visual:,} visual tokens")
    if room is not None:
        parts.append("fits the text model" if text <= room else f"{text - room:,} too many for the text model")
    st.markdown(" · ".join(parts))
    how = "Text tokens are exact for each chapter."
    if visual is None:
        how += " Visual tokens are not known before the pages are drawn: these settings need the slower engine."
    else:
        how += " Visual tokens are each chapter's part of the pages of the whole book, by its characters on each page."
    before = source.whole.chapters[0].start
    if before and source.whole.text[:before].strip():
        how += f" {before:,} characters before the first chapter are read only when all chapters are chosen."
    st.caption(how)
