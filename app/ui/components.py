"""Our browser components, registered once: answer panes, page gallery, page viewer, charts' export, messages. Values in, user's actions out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"


_EXPLAINED = ("elements.js", "explained/explained.js", "explained/explained.css")
_TURN = (
    *_EXPLAINED,
    "turn/markdown.js",
    "turn/race.js",
    "turn/window_bar.js",
    "turn/checked.js",
    "turn/side.js",
    "turn/done.js",
    "turn/player.js",
    "turn/divider.js",
    "turn/question_editor.js",
    "turn/turn.js",
    "turn/blank.js",
    "turn/turn.css",
    "turn/stage.css",
)
# What moves the settings of a book's pages and asks for what they give: the viewer and Compare's knobs.
_PANEL = (
    *_EXPLAINED,
    "viewer/requests.js",
    "viewer/knob_inputs.js",
    "viewer/settings_panel.js",
    "viewer/told.js",
    "viewer/placing.js",
    "viewer/page_requests.js",
    "viewer/shown_events.js",
)
# The files of each component, in the order in which they are joined.
_FILES = {
    "turn": (*_TURN, "turn/mount.js"),
    "pending": (*_TURN, "pending/mount.js"),
    "stage": (*_TURN, "stage/sizes.js", "stage/playlist.js", "stage/stage.js", "stage/mount.js", "stage/bar.css"),
    "button_names": ("button_names/button_names.js",),
    "address": ("address/address.js", "address/address.css"),
    "gallery": (*_EXPLAINED, "gallery/gallery.js", "gallery/mount.js", "gallery/gallery.css"),
    "chart_export": ("elements.js", "saving.js", "chart_export/chart_export.js", "chart_export/chart_export.css"),
    # The one that every screen has: so it is also where a phone's sidebar is put away.
    "messages": ("seen.js", "messages/narrow_sidebar.js", "messages/messages.js", "messages/messages.css"),
    "knobs": (*_PANEL, "knobs/knobs.js", "knobs/mount.js", "viewer/viewer.css", "knobs/knobs.css"),
    "viewer": (
        "seen.js",
        *_PANEL,
        "saving.js",
        "viewer/figures.js",
        "viewer/drawing.js",
        "viewer/drawing_file.js",
        "viewer/ratio_curve.js",
        "viewer/advice.js",
        "viewer/book_study.js",
        "viewer/page_sheet.js",
        "viewer/sheet_pair.js",
        "viewer/token_overlay.js",
        "viewer/thumbnails.js",
        "viewer/search_box.js",
        "viewer/found_text.js",
        "viewer/second_sheet.js",
        "viewer/toolbar.js",
        "viewer/waiting.js",
        "viewer/downloads.js",
        "viewer/view_state.js",
        "viewer/viewer.js",
        "viewer/mount.js",
        "viewer/viewer.css",
    ),
}


@dataclass(frozen=True, slots=True)
class TurnActions:
    """Called at the rerun in which the browser says so; the component's value of that name is then the side or the words."""

    retry: Callable[[], None]
    stop: Callable[[], None]
    ask: Callable[[], None]
    over: Callable[[], None]


def _component(name: str):
    js, css = (
        "\n".join(
            (_ASSETS / file).read_text(encoding="utf-8")
            for file in (*_FILES[name], "motion.css", "touch.css")
            if file.endswith(kind)
        )
        for kind in (".js", ".css")
    )
    return st.components.v2.component(f"glyph_{name}", css=css, js=js)


@st.cache_resource(show_spinner=False)
def _registered(name: str):
    return _component(name)


@dataclass(frozen=True, slots=True)
class TurnLinks:
    """Where the browser asks for what belongs to a turn: the book's pages, and the turn as Markdown."""

    preview: str
    markdown: str


def answer_turn(turn: dict[str, Any], newest: bool, changed: bool, links: TurnLinks, key: str, on: TurnActions) -> Any:
    """Draw one question with its two answers; while it runs it follows the event stream by itself.

    `newest`: it fills the window; others are a line until they are opened. `changed`: the settings are others now.
    """
    return _registered("turn")(
        data={"turn": turn, "newest": newest, "changed": changed, **asdict(links)},
        key=key,
        on_retry_change=on.retry,
        on_stop_change=on.stop,
        on_ask_change=on.ask,
        on_over_change=on.over,
    )


@dataclass(frozen=True, slots=True)
class StageItem:
    """A question of the stage's list; `id`: the turn that answers it, None while it has not been asked."""

    question: str
    id: str | None = None
    running: bool = False
    played: bool = False
    """Its turn is a recording."""


@dataclass(frozen=True, slots=True)
class StageActions:
    """Called at the rerun in which the browser says so; the component's value of that name is a question or a turn's id."""

    ask: Callable[[], None]
    lost: Callable[[], None]
    again: Callable[[], None]
    stop: Callable[[], None]


def stage(items: list[StageItem], book: dict[str, Any], trouble: str, health: str, key: str, on: StageActions) -> Any:
    """The button to the stage, and its keys.

    `book`: its ratio and what it costs each side. `trouble`: why the last question could not be asked. `health`: where the
    browser asks whether the app is still there.
    """
    return _registered("stage")(
        data={"items": [asdict(item) for item in items], "book": book, "trouble": trouble, "health": health},
        key=key,
        on_ask_change=on.ask,
        on_lost_change=on.lost,
        on_again_change=on.again,
        on_stop_change=on.stop,
    )


def pending_turn(
    turns: int, running: bool, queued: int, suggested: dict[str, str], key: str, on_lost: Callable[[], None]
) -> None:
    """Show a question from the key press on, until its own turn is drawn. `suggested`: question by the label of its button.

    `on_lost` is called where neither a turn nor the queue came to hold the question; the component's `lost` is its words.
    """
    _registered("pending")(
        data={"turns": turns, "running": running, "queued": queued, "suggested": suggested},
        key=key,
        on_lost_change=on_lost,
    )


def page_gallery(pages: list[tuple[int, int, int, str]], of: str, base: str, name: str, key: str) -> None:
    """Draw the pages, `(width_px, height_px, visual_tokens, chapter)` each ("": it has none), whose images lie at `{base}/{number}.png`.

    `of` names what they are the pages of: where it is the same as before, `base` is only another place of the same images.
    """
    _registered("gallery")(data={"pages": pages, "of": of, "base": base, "name": name}, key=key)


def chart_export(name: str, title: str, figure: str, csv: str, library: str, key: str) -> None:
    """Buttons that save a chart from the browser: `figure` is the chart's JSON, `library` where the chart library is asked for."""
    data = {"name": name, "title": title, "figure": figure, "csv": csv, "library": library}
    _registered("chart_export")(data=data, key=key)


def message_board(messages: list[tuple[str, str, bool]], key: str) -> None:
    """Show messages, `(serial, text, grave)` each; the browser shows every serial once."""
    _registered("messages")(data={"messages": messages}, key=key)


def button_names(names: dict[str, str], key: str) -> None:
    """What buttons are called by their widget's key, where what they show does not say which row they belong to."""
    _registered("button_names")(data={"names": names}, key=key)


def window_address(page: str, base: str, query: str | None, key: str) -> None:
    """Write `query` into the window's address while it shows `page` below `base`; None leaves the address alone."""
    _registered("address")(data={"page": page, "base": base, "query": query}, key=key)


def page_viewer(data: dict[str, Any], key: str, on_view_change, on_load_change, on_book_change, on_gone_change) -> Any:
    """Draw the Pages screen's viewer. It asks the preview routes under `data["base"]` by itself.

    State `view`: {"settings", "at"} where they came to rest. Triggers: `load` (a settings file's text), `book` (what to do
    with the book), `gone` (the server no longer has the book).
    """
    return _registered("viewer")(
        data=data,
        key=key,
        on_view_change=on_view_change,
        on_load_change=on_load_change,
        on_book_change=on_book_change,
        on_gone_change=on_gone_change,
    )


def page_knobs(data: dict[str, Any], key: str, on_rest_change) -> Any:
    """Draw Compare's rendering knobs. They ask the preview routes under `data["base"]` by themselves while one moves.

    State `rest`: the settings where they came to rest.
    """
    return _registered("knobs")(data=data, key=key, on_rest_change=on_rest_change)


def component_key(*parts: str) -> str:
    """A component's key, also where a part comes from outside.

    Streamlit joins a component's key and the name of its event with "__" and refuses a key that holds it, which takes the
    whole page down. Escaping: after every underscore stands a dot, so different parts give different keys.
    """
    return "-".join(parts).replace("_", "_.")
