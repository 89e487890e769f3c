"""Fixtures over pairs.py, and the table of what was observed.

A test that takes `pair` runs against real vLLM and against the simulator. The part against vLLM is marked `vllm` and runs only
by `bash scripts/test --vllm`; without .venv-vllm it is skipped and says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.vllm.pairs import OBSERVED, Pair, need_vllm, running_pair


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that ends the pair which all others share comes after all of them, whatever their files are called."""
    items.sort(key=lambda item: item.get_closest_marker("ends_the_pair") is not None)


@pytest.fixture(scope="session")
def vllm_pair(tmp_path_factory) -> Iterator[Pair]:
    need_vllm()
    with running_pair("vllm", tmp_path_factory.mktemp("vllm")) as pair:
        yield pair


@pytest.fixture(scope="session")
def simulator_pair(tmp_path_factory) -> Iterator[Pair]:
    with running_pair("simulator", tmp_path_factory.mktemp("simulator")) as pair:
        yield pair


@pytest.fixture(params=[pytest.param("vllm", marks=pytest.mark.vllm), "simulator"])
def pair(request) -> Pair:
    return request.getfixturevalue(f"{request.param}_pair")


@pytest.fixture(scope="session")
def story_text() -> str:
    sentences = [
        f"In year {year} the keeper of lamp {year * 7 % 97} wrote {year % 13} letters home." for year in range(900)
    ]
    return "\n\n".join(" ".join(sentences[i : i + 6]) for i in range(0, len(sentences), 6))


# --- the table -------------------------------------------------------------------------------------------------------

_observed: dict[str, dict[str, str]] = {}


@pytest.fixture
def observe(request):
    """observe(pair, what, value): a row of the conformance table, one column a kind of server."""

    def note(pair: Pair, what: str, value: object) -> None:
        _observed.setdefault(pair.kind, {})[what] = str(value)

    return note


def pytest_sessionfinish(session, exitstatus):
    for kind, rows in _observed.items():
        OBSERVED.mkdir(parents=True, exist_ok=True)
        (OBSERVED / f"{kind}.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False))
