"""What to search: documents, reader, critic, budget; and how a search is begun or gone on with."""

from __future__ import annotations

import streamlit as st

from app.books.samples import story
from app.clients import Role
from app.endpoints.pair import ServerPair
from app.evaluation import TASKS, EvaluationServer, looked_at
from app.legibility import why_not
from app.search import (
    Arm,
    Critic,
    CriticEndpoint,
    Documents,
    LlmCritic,
    OperatorsOnly,
    ReaderChoice,
    ReaderKind,
    RuleCritic,
    SearchError,
    SearchPlan,
    make_reader,
    search_desk,
)
from app.ui.frame import servers_now
from app.ui.guard import safely
from app.ui.outside import plain
from app.ui.session import AppSession, say, session

_READERS = {
    ReaderKind.NEEDLES: "Needles: an OCR program reads numbers hidden in the book",
    ReaderKind.CLARITY: "Print clarity: an OCR program reads random codes",
    ReaderKind.SERVER: "Glyph's server: a task of the evaluation",
}
_RULES, _MODEL, _NOBODY = "Rules of thumb", "The text model's server", "Nobody: genetic operators only"
_ARMS = {Arm.SEARCH: "Search", Arm.RANDOM: "Random settings", Arm.MANUAL: "Glyph's published settings"}
_TASKS = ("niah_single_1", "niah_multikey_2", "vt", "cwe", "fwe")  # generated from nothing


def begin_words() -> str:
    return (
        "More compression without a loss of reading, or clearer at the same price: settings are drawn, read and scored, a critic "
        "says what to try next and why, and the best are bred on. What is scored is on the disk at once: a search goes on after a "
        "stop, or a restart of the app."
    )


def draw_plan(now: AppSession, expanded: bool) -> None:
    pair = servers_now()
    with st.expander("A new search", expanded=expanded, key="search-plan"):
        left, right = st.columns(2)
        kinds = list(_READERS)
        kind = left.radio("Who reads", kinds, format_func=lambda one: _READERS[one], key="search-reader")
        critic = right.radio("Who criticises", (_RULES, _MODEL, _NOBODY), key="search-critic")
        if kind is ReaderKind.SERVER:
            left.selectbox(
                "Task", list(_TASKS), 1, format_func=lambda one: f"{one}: {TASKS[one].about}", key="search-task"
            )
            left.select_slider("Tokens of text an item", (1_024, 2_048, 4_096, 8_192), 4_096, key="search-length")
        right.pills(
            "Arms, each with the same budget",
            list(_ARMS),
            selection_mode="multi",
            default=[Arm.SEARCH],
            format_func=lambda one: _ARMS[one],
            key="search-arms",
            wrap=True,
        )
        sizes = st.columns(4)
        evaluations = sizes[0].number_input("Settings scored, each arm", 8, 2_000, 80, 8, key="search-evaluations")
        population = sizes[1].number_input("A generation", 4, 100, 8, key="search-population")
        sizes[2].number_input("Budget (minutes)", 1, 24 * 60, 30, key="search-budget")
        sizes[3].number_input("Seed", 0, 1_000_000, 0, key="search-seed")
        trouble = _trouble(kind, critic, pair)
        book = now.book.title if now.book is not None else "the sample story"
        told = f"{evaluations} settings in {-(-evaluations // population)} generations; compression over the whole of {book}."
        st.caption(plain(trouble or told))
        st.button(
            "Start the search",
            icon=":material/play_arrow:",
            type="primary",
            disabled=bool(trouble) or not st.session_state["search-arms"],
            on_click=safely(_begin),
            key="search-start",
        )


def _trouble(kind: ReaderKind, critic: str, pair: ServerPair) -> str:
    if kind is not ReaderKind.SERVER and (reason := why_not()):
        return f"Nothing can be read here: {reason}."
    if kind is ReaderKind.SERVER and not (pair.pages and pair.pages.ready):
        return "Glyph's server does not answer; the Servers screen says why."
    if critic == _MODEL and not (pair.text and pair.text.ready):
        return "The text model's server does not answer; the Servers screen says why."
    if critic == _MODEL and pair.text and pair.text.endpoint.simulated:
        return (
            "The text model is simulated, and a simulator criticises nothing: choose the rules, or start a real server."
        )
    return ""


def _begin() -> None:
    state, now = st.session_state, session()
    try:
        kind = ReaderKind(state["search-reader"])
        choice = ReaderChoice(kind)
        if kind is ReaderKind.SERVER:
            choice = ReaderChoice(kind, state["search-task"], int(state["search-length"]))
        plan = SearchPlan(
            int(state["search-evaluations"]),
            int(state["search-population"]),
            0,
            int(state["search-seed"]),
            tuple(arm for arm in Arm if arm in state["search-arms"]),
            choice,
        )
        documents = _documents(now)
        reader = make_reader(choice, documents, _server(kind))
        search_desk().begin(documents, reader, _critic(state["search-critic"]), plan, 60.0 * state["search-budget"])
    except SearchError as error:
        say(str(error), grave=True)


def go_on_with(search_id: str) -> None:
    """Resume a search, with the critic that is chosen now."""
    budget = 60.0 * st.session_state.get("search-budget", 30)
    try:
        kind = search_desk().header(search_id).plan.reader.kind
        critic = _critic(st.session_state.get("search-critic", _RULES))
        search_desk().resume(search_id, critic, _server(kind), budget)
    except SearchError as error:
        say(str(error), grave=True)


def _documents(now: AppSession) -> Documents:
    if now.book is None:
        sample = story()
        return Documents.of(sample.book.title, (sample.book.text,))
    return Documents.of(now.book.title, (now.book.text,))


def _critic(name: str) -> Critic:
    if name == _MODEL:
        pair = servers_now()
        if pair.text is None:
            raise SearchError("There is no text model to ask.")
        server = looked_at(pair.text.endpoint)[0].endpoint
        return LlmCritic(CriticEndpoint(server.base_url, server.model, server.api_key_env))
    return OperatorsOnly() if name == _NOBODY else RuleCritic()


def _server(kind: ReaderKind) -> EvaluationServer | None:
    pair = servers_now()
    if kind is not ReaderKind.SERVER or pair.pages is None or pair.pages.endpoint.role is not Role.PAGES:
        return None
    server, trouble = looked_at(pair.pages.endpoint)
    if trouble:
        raise SearchError(trouble)
    return server
