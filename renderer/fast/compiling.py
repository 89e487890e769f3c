"""The decorators for compiled functions: numba, without the GIL, cached where a change of any source empties the cache.

numba looks only at the file of a function for changes, not at the files of those it calls; a cache folder named after
all our compiled sources leaves no stale code. It lies under .data/numba, or in NUMBA_CACHE_DIR where that is set.
"""

import hashlib
import os
import shutil
from pathlib import Path

import numba

_RENDERER = Path(__file__).resolve().parents[1]


def _digest() -> str:
    found = hashlib.sha256(numba.__version__.encode())
    for path in sorted(_RENDERER.rglob("*.py")):
        source = path.read_bytes()
        if b"@compiled" in source:
            found.update(str(path.relative_to(_RENDERER)).encode() + source)
    return found.hexdigest()[:16]


CACHE_DIR = _RENDERER.parent / ".data" / "numba" / _digest()
if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(CACHE_DIR)

compiled = numba.njit(cache=True, nogil=True, _nrt=True)
# For what only compiled functions call: their cache holds it already, and nothing unpacks Python's arguments for it.
compiled_inner = numba.njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=True)
# The same for what neither makes arrays nor returns them, and so need not count references to them: on named tuples of
# many arrays the counting took fifteen times as long as breaking the lines.
compiled_bare = numba.njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
# The same, for what is called for every word: passing the tuples on takes as long as the work.
compiled_inline = numba.njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False, forceinline=True)


def drop_old_caches() -> None:
    """Remove what earlier versions of the sources left behind."""
    for folder in CACHE_DIR.parent.glob("*"):
        if folder.is_dir() and folder != CACHE_DIR:
            shutil.rmtree(folder, ignore_errors=True)
