"""Where things lie, and the folder that only its owner may look into. Nothing is created when this is imported.

GLYPH_DATA names another data folder: on a larger disk, or one that can be written.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"
FONTS = ROOT / "fonts"
# Runtime state: ignored by git, safe to delete while nothing runs.
DATA = Path(os.environ.get("GLYPH_DATA") or ROOT / ".data").expanduser().resolve()
PAGES_OUT = DATA / "pages"  # rendered page files, one folder a book and setting


def make_private(folder: Path = DATA) -> Path:
    """Make `folder` and see that only its owner can enter (0700): books, logs and states lie below. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)
    return folder
