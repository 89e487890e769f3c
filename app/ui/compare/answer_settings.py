"""The sidebar's answer settings: how both models choose their words, and how their times are taken.

The same settings go to both sides unless the user asks for others on the pages side; then the panel says what differs.
"""

from __future__ import annotations

import streamlit as st

from app.clients import SamplingSettings, Transport
from app.comparisons import Options, differing
from app.comparisons.answering_words import LABELS
from app.ui.answer_bounds import MAX_PROMPT_CHARACTERS, MAX_TOKENS, ORDERS, PENALTY, SEED, TEMPERATURE, TOP_K, TOP_P
from app.ui.compare.circumstances import factsheet
from app.ui.guard import safely
from app.ui.session import AppSession

_FIRST, _EVERY, _NONE = "the first", "every one", "as it comes"
_TRANSPORTS = {Transport.AUTO: "automatic", Transport.FILE: "file addresses", Transport.DATA: "inside the request"}


def draw_answer_panel(session: AppSession) -> None:
    """Sampling, the same for both sides by default, and measuring; kept in the session."""
    with st.expander("Answers and measuring", icon=":material/tune:"):
        session.sampling = _sampling(session.sampling, f"answer-{session.answer_generation}-both")
        _draw_pages_side(session)
        st.divider()
        _draw_measuring(session)
        if not _is_default(session):
            st.button(
                "Back to the defaults",
                icon=":material/restart_alt:",
                width="stretch",
                on_click=safely(_reset),
                args=(session,),
            )


def _system_prompt(now: SamplingSettings, key: str) -> str:
    said = st.text_area(
        "System prompt",
        now.system_prompt,
        key=f"{key}-system",
        height=68,
        max_chars=MAX_PROMPT_CHARACTERS,
        placeholder="None is sent",
        help="What the model is told before the book: a role, a language, a form of answer.",
    )
    return (said or "").strip()


def _seed(now: SamplingSettings, key: str) -> int | None:
    seed = st.number_input(
        "Seed",
        *SEED,
        now.seed,
        1,
        key=f"{key}-seed",
        placeholder="random",
        help="The same seed gives the same answer where the server can; empty: a new one each time.",
    )
    return None if seed is None else int(seed)


def _sampling(now: SamplingSettings, key: str) -> SamplingSettings:
    """Every setting of one side as a widget."""
    system_prompt = _system_prompt(now, key)
    max_tokens = st.number_input(
        "Maximum answer tokens",
        *MAX_TOKENS,
        now.max_tokens,
        64,
        key=f"{key}-max",
        help="Reasoning counts too. An answer that reaches it is cut, and says so.",
    )
    thinking = st.toggle("Thinking", now.thinking, key=f"{key}-thinking", help="The model reasons before it answers.")
    temperature = st.slider(
        "Temperature",
        *TEMPERATURE,
        now.temperature,
        0.05,
        key=f"{key}-temperature",
        help="0 always takes the likeliest word.",
    )
    top_p = st.slider(
        "Top p",
        *TOP_P,
        now.top_p,
        0.05,
        key=f"{key}-top-p",
        help="Only the likeliest words that together have this probability.",
    )
    top_k, penalty = _rarely_changed(now, key)
    seed = _seed(now, key)
    return SamplingSettings(
        max_tokens=int(max_tokens),
        temperature=temperature,
        top_p=top_p,
        top_k=top_k,
        repetition_penalty=penalty,
        thinking=thinking,
        seed=seed,
        glyph_extras=now.glyph_extras,
        system_prompt=system_prompt,
    )


def _rarely_changed(now: SamplingSettings, key: str) -> tuple[int, float]:
    """Top k and the repetition penalty, side by side."""
    left, right = st.columns(2)
    top_k = left.number_input(
        "Top k",
        *TOP_K,
        now.top_k,
        1,
        key=f"{key}-top-k",
        help="Only so many of the likeliest words; 0: all. Hosted servers may not know it; then it is not sent.",
    )
    penalty = right.number_input(
        "Repetition penalty",
        *PENALTY,
        now.repetition_penalty,
        0.05,
        key=f"{key}-penalty",
        help="Above 1 makes words that were said already less likely.",
    )
    return int(top_k), penalty


def _draw_pages_side(session: AppSession) -> None:
    key = f"answer-{session.answer_generation}"
    same = st.toggle(
        "Same on both sides",
        session.pages_sampling is None,
        key=f"{key}-same",
        help="The fair comparison gives both models the same system prompt and sampling.",
    )
    if same:
        session.pages_sampling = None
        st.caption("The same settings go to both sides.")
        return
    with st.container(border=True):
        st.markdown("**Glyph**")
        session.pages_sampling = _sampling(session.pages_sampling or session.sampling, f"{key}-pages")
    differing = differences(session.sampling, session.pages_sampling)
    if differing:
        st.caption(
            f":material/warning: The sides differ in {differing}: their answers and times are not like for like."
        )
    else:
        st.caption("Both sides still have the same settings.")


def _draw_measuring(session: AppSession) -> None:
    options, key = session.options, f"answer-{session.answer_generation}"
    cold = st.segmented_control(
        "Cold questions",
        [_FIRST, _EVERY, _NONE],
        default=_EVERY if options.cold else _NONE if session.shared_caches else _FIRST,
        required=True,
        key=f"{key}-cold",
        help="Cold: the server reads the whole book. The first: a conversation's caches are its own (by a cache salt), so its "
        "first question is cold and the next ones are warm. Every one: the servers' caches are emptied before each question, or "
        "defeated by a new salt where that is not allowed. As it comes: what anybody asked before counts as read.",
    )
    prepare = st.toggle(
        "Count preparation too",
        options.include_preparation,
        key=f"{key}-prepare",
        help="Time to first token (TTFT) then counts from the start of parsing, rendering and encoding instead of from sending.",
    )
    order = st.segmented_control(
        "Ask",
        list(ORDERS),
        default=options.order,
        required=True,
        key=f"{key}-order",
        format_func=ORDERS.__getitem__,
        help="One after the other, in random order, when both servers share a GPU.",
    )
    session.transport = st.segmented_control(
        "Send pages as",
        list(_TRANSPORTS),
        default=session.transport,
        required=True,
        key=f"{key}-transport",
        format_func=_TRANSPORTS.__getitem__,
        help="File addresses: the server on this machine opens the pages itself. Inside the request: for any server. "
        "Automatic sends addresses where the server may read them.",
    )
    _draw_factsheet(session, key)
    session.options = Options(cold=cold == _EVERY, include_preparation=prepare, order=order)
    session.shared_caches = cold == _NONE


def _draw_factsheet(session: AppSession, key: str) -> None:
    session.factsheet = st.toggle(
        "Factsheet beside the pages",
        session.factsheet,
        key=f"{key}-factsheet",
        help="The book's exact strings (numbers, IDs, names of code), extracted by rule, go to Glyph as text behind the "
        "pages. What stands on it was not read from pixels.",
    )
    sheet = factsheet(session)
    if sheet is not None:
        st.caption(sheet.words)


def differences(both: SamplingSettings, pages: SamplingSettings) -> str:
    """The names of the settings in which the sides differ, for a sentence; "" where they are the same."""
    names = [LABELS[name] for name in differing(both, pages)]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else ""


def _is_default(session: AppSession) -> bool:
    return (
        session.sampling == SamplingSettings()
        and session.pages_sampling is None
        and session.options == Options()
        and not session.shared_caches
        and session.transport is Transport.AUTO
        and not session.factsheet
    )


def _reset(session: AppSession) -> None:
    session.sampling, session.pages_sampling = SamplingSettings(), None
    session.options, session.transport, session.factsheet = Options(), Transport.AUTO, False
    session.shared_caches = False
    session.answer_generation += 1  # widgets of a new name begin with the defaults
