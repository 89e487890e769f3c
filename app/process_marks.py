"""Tell a process from a later one that got the same number. In: a process's number. Out: a mark that no change of the clock touches.

A time of creation in seconds is no such mark: it is reckoned from the clock as it stands, and moves with it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import psutil


def start_mark(pid: int) -> str | None:
    """Boot and clock tick of its start (elsewhere than on Linux the time of it); None when there is no such process (or a zombie)."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except (OSError, ValueError):
            return None
        return None if fields[0] == "Z" else f"{boot}:{fields[19]}"
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return None
