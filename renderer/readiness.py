"""Whether the fast engine may be chosen yet: a process that has it compiled beside itself holds it back meanwhile.

In a library nothing is held: the first use compiles, or loads what is there. The app, where somebody waits, draws with
the reference engine until the compiled code is there, and says so.
"""

import threading

STILL_COMPILING = "the fast engine is still being compiled"
WAS_COMPILING = "the fast engine was being compiled then"

_free = threading.Event()
_free.set()


def hold_fast_engine() -> None:
    """From now on `auto` takes the reference engine, because of STILL_COMPILING."""
    _free.clear()


def release_fast_engine() -> None:
    """The reverse; whoever waits goes on."""
    _free.set()


def fast_engine_is_held() -> bool:
    return not _free.is_set()


def reason_by_now(reason: str | None) -> str | None:
    """Why pages were drawn by the reference engine, as it is to be told of pages drawn a while ago."""
    return WAS_COMPILING if reason == STILL_COMPILING and not fast_engine_is_held() else reason


def wait_for_fast_engine(timeout_s: float | None = None) -> bool:
    """Until it is released; False where the time was up before."""
    return _free.wait(timeout_s)
