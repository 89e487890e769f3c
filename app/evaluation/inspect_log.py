from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.evaluation.journal import Header
from app.evaluation.values import Result


def write_inspect_logs(folder: Path, header: Header, results: Sequence[Result]) -> int:
    return 0
