"""Buttons that hand runs on: one as an HTML file, several as tables, spans and benchmark records. Made when they are pressed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from app.exports import ExportFile
from app.recordings import Entry, RecordingError, kept_text, recordings
from app.sharing import aiperf_lines, html_page, otlp_json, read_runs, runs_csv, runs_json, shared_run, why_left_out

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


def draw_table_buttons(entries: Sequence[Entry]) -> None:
    for label, (_, ending, kind, about) in _FORMS.items():
        st.download_button(
            label,
            partial(_made, label, tuple(entries)),
            f"glyph-runs.{ending}",
            kind,
            icon=":material/download:",
            key=f"share-picked-{ending}",
            on_click="ignore",
            help=about,
        )


def run_files(what: str, entries: Sequence[Entry]) -> tuple[ExportFile, ...]:
    """Whole runs in every form, for a menu; `what` says which. No recording is opened until one is taken."""
    return tuple(
        ExportFile(f"{what}: {label}", f"glyph-runs.{ending}", kind, partial(_made, label, tuple(entries)), late=True)
        for label, (_, ending, kind, _) in _FORMS.items()
    )


def _html(run_id: str) -> bytes:
    try:
        recording = recordings().load_ended(run_id)
        text = kept_text(recordings(), recording.header.book)
        return _bytes(html_page(shared_run(recording, text), recordings().blob))
    except (RecordingError, OSError) as error:
        told = escape(why_left_out(error))  # it may quote an imported file
        return _bytes(f'<!doctype html><meta charset="utf-8"><p>{told}</p>')


def _made(label: str, entries: Sequence[Entry]) -> bytes:
    """What is gone, damaged or not over is named in the file, beside those that could be read."""
    wanted = [(entry.run_id, entry.shown_name) for entry in entries]
    write, *_ = _FORMS[label]
    return _bytes(write(*read_runs(wanted, lambda run_id: shared_run(recordings().load_ended(run_id)))))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
