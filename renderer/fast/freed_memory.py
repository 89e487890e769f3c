"""Freed memory stays with the process for the next page or setting: up to KEPT_BYTES in each of malloc's arenas.

glibc hands large freed blocks back to the system at once, and every new page then takes them again with a page fault per
4 KB: measured here, 12 MB of arrays for a novel's characters cost 6 ms that way, more than filling them. Does nothing on
other C libraries, or where the user has set glibc's own variables. Knows nothing of pages.

Facts: mallopt(3), glibc 2.36 malloc/malloc.c (DEFAULT_MMAP_THRESHOLD_MAX).
"""

import ctypes
import os
import sys

KEPT_BYTES = 64 << 20
_LARGEST_HEAP_BLOCK = 32 << 20  # glibc refuses more
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_ARENAS = 4  # threads share them: a server of many threads keeps no more than a few times KEPT_BYTES
_USERS_OWN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES")


def keep_freed_memory() -> bool:
    """Tell glibc so; False where nothing was changed."""
    if not sys.platform.startswith("linux") or any(name in os.environ for name in _USERS_OWN):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((_M_MMAP_THRESHOLD, _LARGEST_HEAP_BLOCK), (_M_TRIM_THRESHOLD, KEPT_BYTES), (_M_ARENA_MAX, _ARENAS))
    return all([mallopt(option, value) for option, value in wanted])


def give_back_memory() -> bool:
    """Return what is kept free in all arenas to the system, as malloc_trim(3) does; False where there is no such call."""
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False
