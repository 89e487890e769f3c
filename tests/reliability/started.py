"""Start the app for a trial, with a data folder of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.serving.ports import free_port
from scripts.app_process import AppProcess, start, start_streamlit

ROOT = Path(__file__).resolve().parents[2]


def start_app(folder: Path, **environment: str) -> AppProcess:
    """`streamlit run app/main.py`, its simulator its own."""
    variables = {"GLYPH_SIMULATOR": "always", "GLYPH_RECORDINGS": "whole", **_own(folder), **environment}
    return start_streamlit(ROOT / "app" / "main.py", folder, variables)


def start_all(folder: Path, *options: str, **environment: str) -> AppProcess:
    """What scripts/run runs once everything is installed."""
    port = free_port()
    command = [sys.executable, str(ROOT / "scripts" / "start.py"), "--port", str(port), "--no-browser", *options]
    return start(command, port, folder, {**os.environ, **_own(folder), **environment})


def _own(folder: Path) -> dict[str, str]:
    return {"GLYPH_DATA": str(folder / "data"), "GLYPH_SIMULATOR_READER": "manifest"}
