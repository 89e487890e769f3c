"""The charts of one sweep, each with its export, and the table of all figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import plotly.graph_objects as go
import streamlit as st

from app.charts import (
    at_once_chart,
    break_even_chart,
    prefill_chart,
    speedup_chart,
    stages_chart,
    throughput_speedup_chart,
    tokens_chart,
    waits_at_once_chart,
)
from app.clients import Role
from app.clients.servers import speedup_words
from app.projection import ALONE, ASSUMED_SERVING, Gpu, Serving
from app.sweep import Header, Kind, Outcome, Record, break_evens, points, speedups, table_rows
from app.ui.chart import draw_chart
from app.ui.outside import one_line, plain

_TITLES = {
    "prefill": "Time to first token against length",
    "speedup": "Prefill speedup against length",
    "break-even": "Break-even with and without drawing",
    "stages": "Where the time goes, by length",
    "tokens": "Prompt tokens against length",
    "throughput": "Throughput speedup against length",
    "at-once": "Tokens a second against requests at once",
    "waits": "Time to first token against requests at once",
}


def draw_charts(header: Header, records: Sequence[Record], gpu: Gpu, serving: Serving | None, over: bool) -> None:
    """`over`: nothing comes any more, so the charts can be taken away."""
    if not records:
        st.caption("The first figures come with the first measurement.")
        return
    for name, figure in _charts(header, records, gpu, serving):
        draw_chart(figure, f"sweep-{name}", _title(name, header), over=over)
        if name == "break-even":
            for one in break_evens(speedups(points(records))):
                st.caption(one.sentence)
    if any(note.simulated for note in header.servers):
        played = _gpu(header)
        st.caption(
            "Points called simulated come from the simulator: they show how this works, and measure nothing."
            + (f" Its times are projected for {plain(played)}{_pace(header)}." if played else "")
        )


def _title(name: str, header: Header) -> str:
    """Where the figures come from goes with the picture."""
    models = " and ".join(one_line(note.model, 40) for note in header.servers)
    word = "simulated" if any(note.simulated for note in header.servers) else "measured"
    return f"{_TITLES[name]}: {models}, {word}"


def _charts(
    header: Header, records: Sequence[Record], gpu: Gpu, serving: Serving | None
) -> Iterator[tuple[str, go.Figure]]:
    """A name for keys and files, and the figure; those that this sweep holds something of."""
    pace = _pace(header)
    yield "prefill", prefill_chart(records, gpu, pace, serving or ALONE)
    yield "speedup", speedup_chart(records, gpu, serving or ALONE)
    found: list[tuple[str, go.Figure | None]] = [
        ("break-even", break_even_chart(records)),
        ("stages", stages_chart(records)),
        ("tokens", tokens_chart(records)),
    ]
    if header.plan.decode or header.plan.at_once:
        found.append(("throughput", throughput_speedup_chart(records, gpu, serving or ASSUMED_SERVING)))
    tokens = _load_length(records)
    if tokens is not None:
        found += [
            ("at-once", at_once_chart(records, tokens, pace)),
            ("waits", waits_at_once_chart(records, tokens, pace)),
        ]
    for name, figure in found:
        if figure is not None:
            yield name, figure


def _load_length(records: Sequence[Record]) -> int | None:
    """Of requests at once one length is shown; None where none were sent together."""
    lengths = sorted({one.task.text_tokens for one in records if one.task.kind is Kind.LOAD and one.ttft_ms})
    if not lengths:
        return None
    return (
        st.select_slider(
            "Requests at once: length of the text",
            lengths,
            lengths[len(lengths) // 2],
            format_func=lambda tokens: f"{tokens / 1024:g}K",
            key="sweep-load-length",
        )
        if len(lengths) > 1
        else lengths[0]
    )


def draw_table(records: Sequence[Record]) -> None:
    rows = [
        {
            "What": row["kind"],
            "Side": f"{Role(str(row['side'])).called} {row['dpi'] or ''}",
            "Text tokens": row["text_tokens"] or row["aimed_tokens"],
            "At once": row["at_once"],
            "Time to first token, median (ms)": row["ttft_median_ms"],
            "MAD": row["ttft_mad_ms"],
            "p90": row["ttft_p90_ms"],
            "p99": row["ttft_p99_ms"],
            "Tokens/s": row["tokens_per_second_median"],
            "Speedup": row["speedup"],
            "KV cache": row["kv_cache_peak"],
            "n": row["ttft_count"],
            "From": row["provenance"],
            "Marks": row["marks"],
        }
        for row in table_rows(records)
    ]
    with st.expander("All figures"):
        st.dataframe(rows, hide_index=True)
    failed = sum(record.outcome is Outcome.FAILED for record in records)
    if failed:
        st.caption(f"{failed} failed; going on with the sweep tries them again.")


def _pace(header: Header) -> str:
    return next((speedup_words(note.simulated_speedup) for note in header.servers if note.simulated), "")


def _gpu(header: Header) -> str:
    return next((note.simulated_gpu for note in header.servers if note.simulated and note.simulated_gpu), "")
