"""What the tests of running comparisons share: a good answer's script, and waiting for a state without sleeping."""

import threading
import time

from tests.clients.scripted_server import DONE, HEADERS, Pause, delta, usage

GOOD = (
    HEADERS,
    delta(reasoning="hm"),
    Pause(0.01),
    delta(content="She"),
    delta(content=" did."),
    delta(finish="stop"),
    usage(),
    DONE,
)


def wait_until(kept, comparison_id, condition, timeout_s=5.0):
    """The first snapshot that fulfils the condition; the last one seen is shown when none does."""
    deadline = time.perf_counter() + timeout_s
    shot = kept.snapshot(comparison_id)
    while not condition(shot):
        left = deadline - time.perf_counter()
        assert left > 0, f"never came about; last: {shot}"
        kept.wait_changed(comparison_id, shot.version, min(left, 0.5))
        shot = kept.snapshot(comparison_id)
    return shot


def finished(kept, comparison_id):
    return wait_until(kept, comparison_id, lambda shot: not shot.running)


def side_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith(("side-", "hangup"))]
