"""Recorded runs handed on: one HTML file, tables, spans and benchmark records for others' tools. No streamlit, no network.

In: recordings (and the books' and pages' bytes that are kept with them). Out: text. Whatever a model, a title or a server said is hostile:
it is escaped, and tables cannot carry formulas. Simulated times and recordings say what they are wherever they go.
"""

from .aiperf import aiperf_lines
from .html_page import html_page
from .left_out import LeftOut, read_runs, why_left_out
from .otlp import otlp_json
from .shared_run import SharedRun, SharedSide, shared_run
from .tables import runs_csv, runs_json

__all__ = [
    "LeftOut",
    "SharedRun",
    "SharedSide",
    "aiperf_lines",
    "html_page",
    "otlp_json",
    "read_runs",
    "runs_csv",
    "runs_json",
    "shared_run",
    "why_left_out",
]
