"""A short book, both simulators at high speed, and sweeps over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clients import Role
from app.paths import CONFIGS
from app.sweep import SweepPlan, SweepServer, SweepSubject, looked_at, novel_for
from renderer import RenderConfig
from tests.clients.simulators import simulator

PLAN = SweepPlan(lengths=(256, 1024), dpis=(72,), repeats=2, answer_tokens=32)


@pytest.fixture(scope="session")
def servers():
    with simulator(Role.TEXT, "--speedup", "400") as text, simulator(Role.PAGES, "--speedup", "400") as pages:
        yield looked_at(text)[0], looked_at(pages)[0]


@pytest.fixture
def subject(servers) -> SweepSubject:
    return subject_with(*servers)


def subject_with(text: SweepServer, pages: SweepServer) -> SweepSubject:
    title, words = novel_for(PLAN)
    return SweepSubject(title, words, RenderConfig.load(Path(CONFIGS) / "en.json"), text, pages)
