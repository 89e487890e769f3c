"""Both simulators at high speed (without OCR: quick), plans, and runs over them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.clients import Role
from app.evaluation import Arm, EvaluationPlan, EvaluationRun, Given, Sources, begin, looked_at
from app.paths import CONFIGS
from renderer import RenderConfig
from tests.clients.simulators import simulator

CONFIG = RenderConfig.load(CONFIGS / "en.json")
TEXT, NOTHING = Arm(Given.TEXT), Arm(Given.NOTHING)
PAGES = Arm(Given.PAGES, CONFIG, "en")
SHEET = Arm(Given.PAGES, replace(CONFIG, dpi=96), "en", factsheet=True)


@pytest.fixture(scope="session")
def endpoints(tmp_path_factory):
    """By role. The pages side finds manifests under its own folder."""
    pages = tmp_path_factory.mktemp("evaluated-pages")
    with (
        simulator(Role.TEXT, "--speedup", "5000") as text,
        simulator(Role.PAGES, "--speedup", "5000", "--pages-dir", str(pages)) as seen,
    ):
        yield {Role.TEXT: text, Role.PAGES: replace(seen, media_path=pages)}


@pytest.fixture(scope="session")
def servers(endpoints):
    return {role: looked_at(endpoint)[0] for role, endpoint in endpoints.items()}


def plan_of(*tasks: str, arms=(TEXT, PAGES), **more) -> EvaluationPlan:
    return EvaluationPlan(tasks, arms, **{"count": 2, "length": 1024, "answer_tokens": 512, **more})


def started(tmp_path, servers, plan, name="run.jsonl", sources=Sources(), **more) -> EvaluationRun:  # noqa: B008 - frozen
    """A run over a new journal; its pages lie where the pages side looks for them."""
    journal, items = begin(tmp_path / name, plan, sources, servers)
    folder = servers[Role.PAGES].endpoint.media_path if Role.PAGES in servers else None
    return EvaluationRun(journal, items, servers, (folder or tmp_path) / name, **more)
