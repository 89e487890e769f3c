"""Buttons that hand runs on: one as an HTML file, several as tables, spans and benchmark records. Made when they are pressed."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st

from app.recordings import RecordingError, kept_text, recordings
from app.sharing import aiperf_lines, html_page, otlp_json, runs_csv, runs_json, shared_run

_FORMS = {
    "CSV": (
        runs_csv,
        "csv",
        "text/csv",
        "A row a side, for a spreadsheet; what could be taken for a formula is neutralised.",
    ),
    "JSON": (runs_json, "json", "application/json", "The same rows."),
    "OTLP": (
        otlp_json,
        "otlp.json",
        "application/json",
        "Spans by OpenTelemetry's GenAI conventions, without the answers.",
    ),
    "AIPerf": (aiperf_lines, "jsonl", "application/x-ndjson", "Records as AIPerf's profile_export.jsonl has them."),
}


def draw_html_button(run_id: str, name: str) -> None:
    st.download_button(
        "Share as a web page",
        partial(_html, run_id),
        f"{name}.html",
        "text/html",
        icon=":material/share:",
        key=f"share-{run_id}",
        on_click="ignore",
        width="stretch",
        help="One file with the question, both answers, chart, settings and small pages. It opens without a network. The answers "
        "and the pages show parts of the book.",
    )


def draw_table_buttons(run_ids: tuple[str, ...]) -> None:
    for label, (_, ending, kind, about) in _FORMS.items():
        st.download_button(
            label,
            partial(_made, label, run_ids),
            f"glyph-runs.{ending}",
            kind,
            icon=":material/download:",
            key=f"share-picked-{ending}",
            on_click="ignore",
            help=about,
        )


def _html(run_id: str) -> bytes:
    try:
        recording = recordings().load(run_id)
        text = kept_text(recordings(), recording.header.book)
        return _bytes(html_page(shared_run(recording, text), recordings().blob))
    except RecordingError as error:
        return _bytes(
            f'<!doctype html><meta charset="utf-8"><p>{escape(str(error))}</p>'
        )  # it may quote an imported file


def _made(label: str, run_ids: tuple[str, ...]) -> bytes:
    runs = []
    for run_id in run_ids:
        try:
            runs.append(shared_run(recordings().load(run_id)))
        except RecordingError:
            continue  # deleted meanwhile
    return _bytes(_FORMS[label][0](runs))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
