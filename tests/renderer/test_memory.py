"""Freed memory is kept for the next page, unless the user has told glibc otherwise."""

import platform
import subprocess
import sys

import pytest

from app.paths import ROOT

PROBE = """
import resource, numpy as np
from renderer.fast import freed_memory

changed = freed_memory.keep_freed_memory()

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def use():
    arrays = [np.ones(1 << 20, dtype=np.int32) for _ in range(4)]
    del arrays

use()
before = faults()
for _ in range(10):
    use()
print(changed, faults() - before)
"""


def probe(**variables: str) -> tuple[bool, int]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    changed, faults = done.stdout.split()
    return changed == "True", int(faults)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc's allocator only")
def test_arrays_of_the_last_page_are_taken_again_without_page_faults():
    changed, faults = probe()
    assert changed
    assert faults < 4096  # ten times 4 x 4 MB are 40,960 pages; glibc's own way takes about half of them anew


def test_the_users_own_setting_stands():
    changed, _ = probe(MALLOC_TRIM_THRESHOLD_="131072")
    assert not changed
