"""Measure prefill and throughput of both sides against the text's length, on the servers at hand.

In: a book, both servers, a plan. Out: a journal of records that survives a kill, and from it medians with spread, speedups
and tables. Knows nothing of screens. What the simulator answered is simulated in every record.
"""

from app.sweep.break_even import BreakEven, break_evens
from app.sweep.desk import KeptSweep, SweepDesk, sweep_desk
from app.sweep.errors import JournalUnusable, SweepBusy, SweepError, SweepPlanError
from app.sweep.export import TABLE_COLUMNS, json_text, table_csv, table_rows
from app.sweep.forecast import Forecast
from app.sweep.journal import Header, Journal, ServerNote, read_journal
from app.sweep.journal_lines import plan_to_json, record_to_json
from app.sweep.run import RunState, SweepLook, SweepRun
from app.sweep.statistics import Point, SpeedupPoint, Spread, percentile, points, speedups, spread
from app.sweep.subject import SweepServer, SweepSubject, check_same, looked_at, novel_for
from app.sweep.values import UNTIL_FULL, Arm, Kind, Outcome, Record, SweepPlan, Task

__all__ = [
    "TABLE_COLUMNS",
    "UNTIL_FULL",
    "Arm",
    "BreakEven",
    "Forecast",
    "Header",
    "Journal",
    "JournalUnusable",
    "KeptSweep",
    "Kind",
    "Outcome",
    "Point",
    "Record",
    "RunState",
    "ServerNote",
    "SpeedupPoint",
    "Spread",
    "SweepBusy",
    "SweepDesk",
    "SweepError",
    "SweepLook",
    "SweepPlan",
    "SweepPlanError",
    "SweepRun",
    "SweepServer",
    "SweepSubject",
    "Task",
    "break_evens",
    "check_same",
    "json_text",
    "looked_at",
    "novel_for",
    "percentile",
    "plan_to_json",
    "points",
    "read_journal",
    "record_to_json",
    "speedups",
    "spread",
    "sweep_desk",
    "table_csv",
    "table_rows",
]
