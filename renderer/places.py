"""Where the renderer's own things lie. Paths only; nothing is created here.

In a checkout everything lies in its folders. An installed copy (`pip install`) finds what it only reads in the folder
glyph_side_by_side beside the packages, which mirrors the checkout, and keeps what it writes where the system's users
expect it: fonts with their data, machine code with their caches (platformdirs).
"""

from pathlib import Path

APPLICATION = "glyph-side-by-side"
_BESIDE = Path(__file__).resolve().parents[1]
IN_CHECKOUT = (_BESIDE / "configs" / "en.json").is_file()
ROOT = _BESIDE if IN_CHECKOUT else _BESIDE / "glyph_side_by_side"

CONFIGS = ROOT / "configs"
FONT_CATALOGUE = ROOT / "fonts" / "fonts.toml"

if IN_CHECKOUT:
    FONTS = ROOT / "fonts"
    CACHE = ROOT / ".data"
else:
    import platformdirs

    FONTS = platformdirs.user_data_path(APPLICATION, appauthor=False) / "fonts"
    CACHE = platformdirs.user_cache_path(APPLICATION, appauthor=False)
