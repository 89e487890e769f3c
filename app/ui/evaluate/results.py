"""What came of an evaluation: the matrix of tasks and arms, accuracy against compression, arms against each other, files to take away."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.charts import accuracy_chart
from app.evaluation import (
    OUTCOMES_NOTE,
    PAIRS_NOTE,
    STAND_IN,
    Header,
    Report,
    Result,
    difference_words,
    evaluation_desk,
    figure_rows,
    interval_words,
    p_words,
    report_html,
    report_json,
    report_of,
    results_csv,
    write_inspect_logs,
)
from app.ui.chart import draw_chart
from app.ui.outside import plain


def draw_results(header: Header, results: Sequence[Result], evaluation_id: str) -> None:
    """`evaluation_id` empty: while it runs, without what only a finished look needs."""
    if not results:
        st.caption("The first figures come with the first answer.")
        return
    report = report_of(header.plan.arms, results)
    if report.simulated:
        st.caption(f":material/science: {STAND_IN}")
    if header.notes:
        st.caption(plain(f"Instead of what was not on this machine: {'; '.join(header.notes)}."))
    st.subheader("Tasks and settings", anchor=False)
    st.dataframe(matrix_rows(report), hide_index=True, width="stretch", height="content")
    st.caption(
        "Mean score in percent (95 % interval, Wilson), n. A call without an answer counts 0. Levenshtein: the share of the right "
        "answer's characters that are as they should be, beside MRCR's own measure, to which few misread ones cost much."
    )
    st.dataframe(outcome_rows(report), hide_index=True, width="stretch", height="content")
    st.caption(OUTCOMES_NOTE)
    if not evaluation_id:
        return
    st.subheader("Accuracy against compression", anchor=False)
    kind = "simulated" if report.simulated else "measured"
    draw_chart(accuracy_chart(report), "evaluate-accuracy", f"Accuracy against compression, {kind}")
    if report.against:
        st.subheader("On the same items", anchor=False)
        st.dataframe(pair_rows(report), hide_index=True, width="stretch", height="content")
        st.caption(PAIRS_NOTE)
    _draw_files(header, results, evaluation_id)


def matrix_rows(report: Report) -> list[dict[str, str]]:
    """The same rows and digits as scripts/evaluate.py's."""
    labels = [arm.label for arm in report.arms]
    rows = []
    for row in figure_rows(report):
        words = [interval_words(one.share) if one else "–" for one in row.figures]
        rows.append({"Task": row.name, **dict(zip(labels, words, strict=True))})
    return rows


def outcome_rows(report: Report) -> list[dict[str, str | int]]:
    return [
        {
            "Arm": one.arm.label,
            **{outcome.value: number for outcome, number in one.outcomes.items()},
            "of": one.score.count,
            "Compression": f"{one.compression:.2f}×" if one.compression else "–",
            "Prompt tokens": "–" if one.prompt_tokens is None else f"{one.prompt_tokens:,.0f}",
        }
        for one in report.summaries
    ]


def pair_rows(report: Report) -> list[dict[str, str]]:
    return [
        {
            "Arm": f"{one.arm.label} − {one.reference.label}",
            "Task": one.task or "all",
            "Difference": difference_words(one.difference),
            "Only one right": f"{one.difference.only_one} : {one.difference.only_other}",
            "p": p_words(one.difference.p_value),
        }
        for one in report.against
    ]


def _draw_files(header: Header, results: Sequence[Result], evaluation_id: str) -> None:
    columns = st.columns([1, 1, 1, 1, 2])
    for column, (label, text, ending, kind) in zip(
        columns,
        (
            ("CSV", results_csv(header, results), "csv", "text/csv"),
            ("JSON", report_json(header, results), "json", "application/json"),
            ("HTML", report_html(header, results), "html", "text/html"),
        ),
        strict=False,
    ):
        column.download_button(
            label, text, f"evaluation-{evaluation_id}.{ending}", kind, icon=":material/download:", width="stretch"
        )
    columns[3].download_button(
        "inspect logs",
        lambda: _inspect_zip(header, results, evaluation_id),
        f"evaluation-{evaluation_id}-inspect.zip",
        "application/zip",
        icon=":material/download:",
        width="stretch",
        help="For `inspect view`; see docs/evaluation.md.",
    )


def _inspect_zip(header: Header, results: Sequence[Result], evaluation_id: str) -> bytes:
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        write_inspect_logs(Path(folder), header, results, evaluation_desk().items(evaluation_id))
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)
    return packed.getvalue()
