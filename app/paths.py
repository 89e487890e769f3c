"""Where things lie. Paths only; nothing is created here."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"
FONTS = ROOT / "fonts"
DATA = ROOT / ".data"  # runtime state: ignored by git, safe to delete while nothing runs
PAGES_OUT = DATA / "pages"  # rendered page files, one folder a book and setting
