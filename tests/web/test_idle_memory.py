"""Freed memory is given back when work has ended, and not while it goes on."""

import gc
import subprocess
import sys
import weakref

import pytest

from app.paths import ROOT
from app.web.idle_memory import IdleMemory, tidy_up


@pytest.fixture
def clock():
    return {"busy": 0.0, "tidied": 0}


@pytest.fixture
def memory(clock):
    def tidy():
        clock["tidied"] += 1
        clock["busy"] += 0.2  # tidying is work too, but none that is worth tidying after

    return IdleMemory(lambda: clock["busy"], tidy)


def work(clock, memory, *seconds):
    for used in seconds:
        clock["busy"] += used
        memory.look(10.0)


def test_nothing_is_done_while_somebody_works(clock, memory):
    work(clock, memory, 3, 9, 2, 1)
    assert clock["tidied"] == 0


def test_the_end_of_work_is_tidied_after_once(clock, memory):
    work(clock, memory, 3, 9, 0.1, 0.1, 0.1, 0.1)
    assert clock["tidied"] == 1
    work(clock, memory, 5, 0.1, 0.1)
    assert clock["tidied"] == 2


def test_after_a_long_rest_what_can_be_made_again_goes_once(clock):
    gone = []
    memory = IdleMemory(lambda: clock["busy"], lambda: None, lambda: gone.append(clock["busy"]))
    work(clock, memory, *[0.1] * 30)
    assert gone == []  # nobody worked: there is nothing to let go of
    work(clock, memory, 5, *[0.1] * 14)
    assert gone == []
    work(clock, memory, *[0.1] * 30)
    assert len(gone) == 1
    work(clock, memory, 5, *[0.1] * 14, 5, *[0.1] * 14)
    assert len(gone) == 1  # work in between: the rest begins anew


def test_a_rest_without_work_before_it_costs_nothing(clock, memory):
    work(clock, memory, *[0.1] * 5)
    assert clock["tidied"] == 0


def test_garbage_in_circles_goes():
    class Session:
        pass

    gc.disable()
    try:
        one = Session()
        one.itself = one
        gone = weakref.ref(one)
        del one
        assert gone() is not None
        tidy_up()
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="malloc_trim is glibc's")
def test_what_was_freed_goes_back_to_the_system():
    """In a process of its own, with the allocator set as the app has it: a block at the top keeps the freed ones below."""
    script = (
        "import psutil\n"
        "from renderer.fast.freed_memory import keep_freed_memory\n"
        "from app.web.idle_memory import tidy_up\n"
        "keep_freed_memory()\n"
        "blocks = [bytearray(b'x' * 100_000) for _ in range(2000)]\n"
        "top = bytearray(b'x' * 1000)\n"
        "full = psutil.Process().memory_info().rss\n"
        "kept = blocks[-1]; del blocks\n"
        "before = psutil.Process().memory_info().rss\n"
        "tidy_up()\n"
        "print(full, before, psutil.Process().memory_info().rss)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    full, before, after = map(int, told.stdout.split())
    assert before > full - 50_000_000  # most of 200 MB is kept
    assert after < full - 150_000_000
