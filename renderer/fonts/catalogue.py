"""Which fonts there are, which file a name means, and whether a file can be drawn. Knows nothing of layout or pixels.

A font's name is looked up as: an absolute path; a path beside the config file; a file of that name in fonts/; a file of
that name among the system's fonts; its nearest free face (Verdana → Bitstream Vera), which the note then names.
"""

import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from renderer import places
from renderer.errors import FontError
from renderer.fonts.folder import FONTS_DIR, SYSTEM_FONT_DIRS
from renderer.fonts.font_file import check_font_file

# What Glyph's configs name and we may not ship → what stands in for it, nearest first. Vera is drawn after Verdana's
# proportions (both descend from the same design brief: wide, open, large x-height); DejaVu Sans is Vera, extended.
STAND_INS: dict[str, tuple[str, ...]] = {
    "verdana": ("Vera.ttf", "DejaVuSans.ttf"),
    "sourcehansanshwsc-vf": ("DroidSansFallbackFull.ttf",),
    "sourcehansanssc-vf": ("DroidSansFallbackFull.ttf",),
}


@dataclass(frozen=True, slots=True)
class FontFamily:
    """One font file that can be chosen. `scripts`: "Latin", … `kind`: sans, serif, mono, pixel, cjk or own."""

    family: str
    file: Path
    licence: str
    scripts: tuple[str, ...]
    source: str
    kind: str = "own"


def resolve_font(name: str, base_dir: Path | None = None, fonts_dir: Path | None = None) -> tuple[Path, str | None]:
    """The file that `name` (a path, a file name or a family) means, and a note where another face stands in."""
    fonts_dir = fonts_dir or FONTS_DIR
    given = Path(name).expanduser()
    candidates = [given] if given.is_absolute() else [(base_dir or Path.cwd()) / given]
    file_name = PurePosixPath(name.replace("\\", "/")).name
    candidates.append(fonts_dir / file_name)
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve(), None
    if (found := _by_name(file_name, fonts_dir)) is not None:
        return found, None
    stem = Path(file_name).stem.lower()
    for stand_in in STAND_INS.get(stem, ()):
        if (found := _by_name(stand_in, fonts_dir)) is not None:
            family = check_font_file(found).family
            return found, f"{Path(file_name).stem} is not installed; {family} ({stand_in}) stands in for it."
    raise FontError(
        f"Font {name!r} was not found beside the config file, in fonts/ or among the system's fonts. "
        f"Put the file into {fonts_dir}, or run scripts/install_fonts.py for the free ones."
    )


def installed_fonts(fonts_dir: Path | None = None) -> tuple[FontFamily, ...]:
    """Every drawable font in `fonts_dir`, catalogued ones first; broken files are left out."""
    fonts_dir = fonts_dir or FONTS_DIR
    listed = catalogue(fonts_dir)
    families = []
    for path in sorted(fonts_dir.glob("*.[tT][tT][fF]"), key=lambda p: p.name.lower()):
        try:
            facts = check_font_file(path)
        except FontError:
            continue
        entry = listed.get(path.name, {})
        families.append(
            FontFamily(
                family=entry.get("family", facts.family),
                file=path,
                licence=entry.get("licence", facts.licence),
                scripts=facts.scripts,
                source=entry.get("source", "your own file"),
                kind=entry.get("kind", "own"),
            )
        )
    order = list(listed)
    families.sort(key=lambda f: (order.index(f.file.name) if f.file.name in order else len(order), f.family))
    return tuple(families)


def catalogue(fonts_dir: Path | None = None) -> dict[str, dict]:
    """fonts.toml's entries by file name, in its order; empty where there is none."""
    path = (fonts_dir or FONTS_DIR) / "fonts.toml"
    if not path.is_file():
        path = places.FONT_CATALOGUE
    if not path.is_file():
        return {}
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["font"]
    return {entry["file"]: entry for entry in entries}


def _by_name(name: str, fonts_dir: Path) -> Path | None:
    """A file of this name, or a catalogued family of this name, whatever the case."""
    wanted = name.lower()
    for file, entry in catalogue(fonts_dir).items():
        if wanted in (entry["family"].lower(), file.lower(), Path(file).stem.lower()) and (fonts_dir / file).is_file():
            return (fonts_dir / file).resolve()
    if fonts_dir.is_dir():
        for path in sorted(fonts_dir.iterdir()):
            if wanted in (path.name.lower(), path.stem.lower()) and path.suffix.lower() == ".ttf":
                return path.resolve()
    found = _system_fonts().get(wanted) or _system_fonts().get(wanted + ".ttf")
    return Path(found) if found else None


@lru_cache(maxsize=1)
def _system_fonts() -> dict[str, str]:
    """Lower-case file name → path of every .ttf among the system's fonts; the first found wins."""
    found: dict[str, str] = {}
    for top in SYSTEM_FONT_DIRS:
        for folder, _, names in os.walk(top):
            for name in sorted(names):
                if name.lower().endswith(".ttf"):
                    found.setdefault(name.lower(), os.path.join(folder, name))
    return found
