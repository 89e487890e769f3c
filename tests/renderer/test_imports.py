"""Importing the renderer changes nothing in the process that does it: it is a library."""

import subprocess
import sys

import pytest

from app.paths import ROOT

PROBE = """
import sys, threading
looked_up = []
sys.addaudithook(lambda event, args: looked_up.append(args[1]) if event == "ctypes.dlsym" else None)
import {module}
from reportlab.lib import rl_accel
from reportlab.platypus import paragraph
print("threads", threading.active_count())
print("malloc", "mallopt" in looked_up)
print("sum", "sum" in vars(rl_accel) or "sum" in vars(paragraph))
numba = sys.modules.get("numba")
print("numba", numba is not None)
print("cache", getattr(getattr(numba, "config", None), "CACHE_DIR", ""))
"""


def probe(module: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.partition(" ")[::2] for line in done.stdout.splitlines())


def test_importing_renderer_loads_no_compiler_and_changes_nothing():
    assert probe("renderer") == {"threads": "1", "malloc": "False", "sum": "False", "numba": "False", "cache": ""}


@pytest.mark.parametrize("module", ["renderer.fast.engine", "renderer.fast.warm_up"])
def test_importing_the_fast_engine_starts_no_thread_and_sets_neither_malloc_nor_numba(module):
    assert probe(module) == {"threads": "1", "malloc": "False", "sum": "False", "numba": "True", "cache": ""}


def test_the_reference_engine_gives_reportlab_its_sum_back():
    from reportlab.lib import rl_accel
    from reportlab.platypus import paragraph

    from renderer.reference.engine import order_of_sums_pinned

    with order_of_sums_pinned():
        assert rl_accel.sum is paragraph.sum is not sum
    assert "sum" not in vars(rl_accel)
    assert "sum" not in vars(paragraph)
