"""A run as NDJSON in asciicast v3's shape: a header line, then `[interval_s, "t" or "p", what]`, one line a step.

In: headers and steps. Out: lines; back, with everything checked (hostile until then). A last line that was cut off in the
middle of writing is left out. asciicast v3: https://docs.asciinema.org/manual/asciicast/v3/
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from app.clients import Event, Role
from app.comparisons import Step
from app.comparisons.steps import Entered, Failed, MadeCold, PagesDone, PagesTaken, Prepared
from app.recordings.errors import BadRecording
from app.recordings.plain_json import from_plain, to_plain
from app.recordings.values import FORMAT_VERSION, Recording, RunHeader, TimedStep

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_STEPS = 500_000
MAX_SECONDS = 7 * 24 * 3600.0
_LAST_DAY = 32_503_680_000.0  # the year 3000
_NO_RECORDING = (
    "This is no recording of Glyph Side by Side: its first line is no header of one. Choose a file that “Export as a file” gave "
    "(History, at a run's “More”; its name ends in .ndjson)."
)
_CODES = {Role.TEXT: "t", Role.PAGES: "p"}
_ROLES = {code: role for role, code in _CODES.items()}
_STEPS: dict[str, Any] = {
    kind.__name__: kind for kind in (*get_args(Event), Entered, Failed, MadeCold, PagesDone, PagesTaken, Prepared)
}


def header_line(header: RunHeader) -> str:
    head = {
        "version": 3,
        "term": {"cols": 160, "rows": 50},
        "timestamp": int(header.began_at),
        "title": f"{header.title}: {header.question}",
        "glyph": to_plain(header),
    }
    return json.dumps(head, ensure_ascii=False) + "\n"


def step_line(timed: TimedStep, previous_at: float) -> str:
    """`at` is told exactly in the step itself: intervals of two threads' marks may not be negative."""
    told = {"step": type(timed.step).__name__, "attempt": timed.attempt} | to_plain(timed.step)
    interval = max(0.0, timed.step.at - previous_at)
    return json.dumps([round(interval, 6), _CODES[timed.role], told], ensure_ascii=False) + "\n"


def written(recording: Recording) -> str:
    """The whole file of a run."""
    lines, previous_at = [header_line(recording.header)], 0.0
    for timed in recording.steps:
        lines.append(step_line(timed, previous_at))
        previous_at = max(previous_at, timed.step.at)
    return "".join(lines)


def read_file(path: Path) -> Recording:
    """Raises BadRecording, also where the file cannot be read."""
    try:
        seen = path.stat()
        if not stat.S_ISREG(seen.st_mode):  # a pipe would be waited for, a device be read for ever
            raise BadRecording(f"{path} is no file but a folder, a pipe or a device.")
        if seen.st_size > MAX_FILE_BYTES:
            raise BadRecording(
                f"{path.name} has {seen.st_size:,} bytes; recordings of at most {MAX_FILE_BYTES:,} are read."
            )
        return read_run(path.read_bytes())
    except OSError as error:
        raise BadRecording(f"{path} cannot be read ({error.strerror or error}).") from None


def read_run(data: bytes) -> Recording:
    """Raises BadRecording."""
    if len(data) > MAX_FILE_BYTES:
        raise BadRecording(f"The recording has {len(data):,} bytes; at most {MAX_FILE_BYTES:,} are read.")
    whole, _, rest = data.rpartition(b"\n")
    lines = whole.split(b"\n")
    if len(lines) > MAX_STEPS:
        raise BadRecording(f"The recording has {len(lines):,} lines; at most {MAX_STEPS:,} are read.")
    header = _header(_parsed(lines[0], 1))
    steps = [_step(_parsed(line, number), number) for number, line in enumerate(lines[1:], 2) if line.strip()]
    known = {side.role for side in header.sides}
    if any(timed.role not in known for timed in steps):
        raise BadRecording("The recording has steps of a side that its header does not name.")
    whole_header = _with_drawn(header, steps)
    _check(whole_header)
    return Recording(
        whole_header, tuple(steps), _broken_off(header, steps), "Its last line was cut off." if rest else ""
    )


def _with_drawn(header: RunHeader, steps: Iterable[TimedStep]) -> RunHeader:
    """A question that was asked before its pages were drawn has what they told of themselves among its steps."""
    taken = (timed.step for timed in steps if isinstance(timed.step, PagesTaken))
    drawn = next((step.drawn for step in taken if step.drawn is not None), None)
    if drawn is None or header.stamp is not None:
        return header
    sides = tuple(
        replace(side, projected=drawn.projected, cost=drawn.cost) if side.role is Role.PAGES else side
        for side in header.sides
    )
    return replace(header, stamp=drawn.stamp, page_starts=drawn.page_starts, sides=sides)


def _check(header: RunHeader) -> None:
    """What no type tells: a day that a calendar has, pages in order, and figures that others are divided by."""
    if not 0 <= header.began_at <= _LAST_DAY:
        raise BadRecording(
            f"The recording began at {header.began_at:g} (Unix time), which is no day that is shown here."
        )
    if any(after < before for before, after in pairwise((0, *header.page_starts))):
        raise BadRecording("The recording's pages do not begin one after the other.")
    ratios = [header.stamp.compression_ratio] if header.stamp is not None else []
    if min([*ratios, *(side.speedup for side in header.sides if side.speedup is not None)], default=1.0) <= 0:
        raise BadRecording("The recording has a compression ratio or a simulator's pace that is not above 0.")


def _parsed(line: bytes, number: int) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise BadRecording(f"Line {number} has {len(line):,} bytes; at most {MAX_LINE_BYTES:,} are read.")
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        if number == 1:
            raise BadRecording(_NO_RECORDING) from None
        raise BadRecording(f"Line {number} is no JSON: the recording was damaged.") from None


def _header(head: Any) -> RunHeader:
    if not isinstance(head, dict) or head.get("version") != 3 or "glyph" not in head:
        raise BadRecording(_NO_RECORDING)
    told = head["glyph"].get("format") if isinstance(head["glyph"], dict) else None
    if isinstance(told, int) and told != FORMAT_VERSION:  # before anything else: another format has other fields
        raise BadRecording(
            f"The recording has format {told}; this version reads format {FORMAT_VERSION}. Bring the app up to date to play it."
        )
    header = from_plain(RunHeader, head["glyph"])
    if not header.sides or len({side.role for side in header.sides}) != len(header.sides):
        raise BadRecording("The recording must have one or two different sides.")
    if not (header.run_id.isascii() and header.run_id.isalnum() and len(header.run_id) <= 64):
        raise BadRecording("The recording's id may hold letters and digits only, 64 at most.")
    return header


def _step(line: Any, number: int) -> TimedStep:
    if not isinstance(line, list) or len(line) != 3 or not isinstance(line[2], dict):
        raise BadRecording(f"Line {number} must be [interval, side, step].")
    told, role = line[2], _ROLES.get(line[1] if isinstance(line[1], str) else "")
    kind, attempt = _STEPS.get(str(told.get("step"))), told.get("attempt")
    if role is None or kind is None or type(attempt) is not int or not 1 <= attempt <= 10_000:
        raise BadRecording(f"Line {number} names a side, a step or a try that there is not.")
    step = from_plain(kind, told)
    if not -1.0 <= step.at <= MAX_SECONDS:
        raise BadRecording(
            f"Line {number} lies {step.at:,.0f} s after the start; at most {MAX_SECONDS:,.0f} are taken."
        )
    return TimedStep(role, attempt, step)


def _broken_off(header: RunHeader, steps: Iterable[TimedStep]) -> bool:
    """Whether some side's last try has no end."""
    last = {side.role: False for side in header.sides}
    for timed in steps:
        last[timed.role] = ends(timed.step)
    return not all(last.values())


def ends(step: Step) -> bool:
    """Whether a try is over with this step."""
    return (
        isinstance(step, Failed)
        or type(step).__name__ in ("Finished", "Stopped")
        or (isinstance(step, Entered) and step.phase.is_over)
    )


def moved(step: Step, by_s: float) -> Step:
    """The same step on another clock."""
    return replace(step, at=step.at + by_s)
