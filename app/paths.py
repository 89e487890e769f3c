"""Where things lie, and how folders that only their owner may look into are made. Importing this creates nothing.

GLYPH_DATA names another data folder: on a larger disk, or one that can be written. An installed copy (`pip install`) finds
what it only reads in the folder glyph_side_by_side beside the packages, which mirrors the checkout, and keeps its data where
the system's users expect it (platformdirs). renderer/places.py says the same for the renderer, which stands alone.
"""

import errno
import os
from pathlib import Path

APP = Path(__file__).resolve().parent
IN_CHECKOUT = (APP.parent / "configs").is_dir()
ROOT = APP.parent if IN_CHECKOUT else APP.parent / "glyph_side_by_side"
CONFIGS = ROOT / "configs"

if IN_CHECKOUT:
    _HOME, _OWN_DATA = ROOT, ROOT / ".data"  # the latter is ignored by git, and safe to delete while nothing runs
else:
    import platformdirs

    _HOME = _OWN_DATA = platformdirs.user_data_path("glyph-side-by-side", appauthor=False)

FONTS = _HOME / "fonts"
VLLM_VENV = _HOME / ".venv-vllm"
DATA = Path(os.environ.get("GLYPH_DATA") or _OWN_DATA).expanduser().resolve()
PAGES_OUT = DATA / "pages"  # rendered page files, one folder a book and setting


def make_private(folder: Path) -> Path:
    """Make `folder`, one of ours, and see that only its owner can enter (0700). Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def prepare_data(*folders: Path) -> None:
    """Make the data folder and `folders` in it private: books, logs and states are their owner's. Raises OSError.

    A data folder that GLYPH_DATA names may hold other people's things too, and keeps its rights: only ours in it are closed.
    """
    if DATA == _OWN_DATA:
        make_private(DATA)
    for folder in folders:
        make_private(folder)


def why_unwritable(place: Path, error: OSError) -> str:
    """What is wrong with writing to `place`, and what to do, in sentences for people."""
    is_ours = Path(place).resolve().is_relative_to(DATA)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        elsewhere = "set GLYPH_DATA to a folder" if is_ours else "name a place"
        return f"The disk that holds {place} is full. Make room there, or {elsewhere} on a larger disk."
    elsewhere = "set GLYPH_DATA to another folder" if is_ours else "name another place"
    return f"{place} cannot be written ({error.strerror or error}). Give this user the right to write there, or {elsewhere}."
