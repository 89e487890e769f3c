"""A font from outside is tried in a child process with limits before any other process of ours opens it.

In: the bytes of a file. Out: nothing, or FontError. The child parses the file as we do everywhere (font_file.check_font) and
has FreeType load every glyph once; what hangs, fills memory or crashes takes only the child with it. Limits: CPU time, memory,
no files written, no further processes. Knows nothing of settings.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from renderer.errors import FontError
from renderer.fonts.font_file import check_font

CPU_SECONDS, WALL_SECONDS = 15, 45  # Droid Sans Fallback's 43,029 glyphs take less than a second
MEMORY_BYTES = 1 << 30
MAX_GLYPH_EM = 64  # a glyph reaches no farther from its pen; the widest in use (a calligraphic ligature) takes some 20
_ROOT = Path(__file__).resolve().parents[2]
_LOAD_FLAGS = 1 | 2 | 8  # FT_LOAD_NO_SCALE, NO_HINTING, NO_BITMAP
_REFUSED, _FINE = 3, 0


def try_font(data: bytes, filename: str) -> None:
    """Raise FontError where the file is refused, or where the child does not come to an end within its limits."""
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "HOME") if name in os.environ}
    environment["PYTHONPATH"] = str(_ROOT)
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, filename],
            input=data,
            capture_output=True,
            cwd=_ROOT,
            env=environment,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much(filename) from None
    if done.returncode == _FINE:
        return
    if done.returncode == _REFUSED:
        raise FontError(json.loads(done.stdout))
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) or b"MemoryError" in done.stderr:
        raise _too_much(filename)
    raise FontError(f"Font {filename!r} is damaged: reading it ended a process of its own. Get a fresh copy of it.")


def _too_much(filename: str) -> FontError:
    return FontError(
        f"Font {filename!r} could not be read within {CPU_SECONDS} seconds and {MEMORY_BYTES >> 20:,} MB, which every font in "
        "use can. Choose another font."
    )


def _limit_this_process() -> None:
    import resource

    for what, limit in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (allowed, allowed))


def load_every_glyph(data: bytes, filename: str) -> None:
    """Raises FontError for a glyph that reaches absurdly far; one that FreeType refuses is drawn by nobody, and passes."""
    import freetype.raw as ft

    library, face = ctypes.c_void_p(), ft.FT_Face()
    if ft.FT_Init_FreeType(ctypes.byref(library)):
        raise OSError("FreeType does not start")
    if ft.FT_New_Memory_Face(library, data, len(data), 0, ctypes.byref(face)):
        raise FontError(f"Font {filename!r} is damaged: FreeType does not open it. Get a fresh copy of it.")
    farthest = MAX_GLYPH_EM * max(1, face.contents.units_per_EM)
    for glyph in range(face.contents.num_glyphs):
        if ft.FT_Load_Glyph(face, glyph, _LOAD_FLAGS):
            continue
        box = ft.FT_BBox()
        ft.FT_Outline_Get_CBox(ctypes.byref(face.contents.glyph.contents.outline), ctypes.byref(box))
        if max(abs(side) for side in (box.xMin, box.xMax, box.yMin, box.yMax)) > farthest:
            raise FontError(
                f"Font {filename!r} has a glyph (number {glyph}) that reaches more than {MAX_GLYPH_EM} times the font size from "
                "its place; no font in use needs that. Choose another font."
            )


def main() -> int:
    """The child: bytes on standard input, a message as JSON on standard output where they are refused."""
    _limit_this_process()
    data, filename = sys.stdin.buffer.read(), sys.argv[1]
    try:
        check_font(data, filename)
        load_every_glyph(data, filename)
    except FontError as error:
        print(json.dumps(str(error)))
        return _REFUSED
    return _FINE


if __name__ == "__main__":
    sys.exit(main())
