"""Fonts that the Pages screen may draw with, by a token that is safe in an address: installed ones and uploaded ones.

In: a token from a query, or the bytes of an upload. Out: font files that the renderer has checked. A token never names a
path: it is looked up among the installed files, those that our own configs resolve to, and uploads by their SHA-256.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from app.paths import CONFIGS, DATA, FONTS
from renderer import RenderConfig, RenderError
from renderer.errors import FontError
from renderer.fonts.catalogue import FontFamily, installed_fonts
from renderer.fonts.font_file import MAX_FONT_BYTES, check_font_file
from renderer.fonts.trial import try_font

UPLOADED_FONTS = DATA / "fonts"
MAX_UPLOADED_FONTS = 40
_UPLOAD_TOKEN = re.compile(r"own-[0-9a-f]{64}")
_lock = threading.Lock()
# Files outside fonts/ that settings already named (the system's own Verdana, say): token → path.
_admitted: dict[str, Path] = {}
MAX_ADMITTED = 64
_LONGEST_NAME = 255  # bytes of a file name


@dataclass(frozen=True, slots=True)
class FontChoice:
    """A font as the page offers it. `token` is what addresses carry; `uploaded`: known only by its hash."""

    token: str
    family: str
    licence: str
    scripts: tuple[str, ...]
    source: str
    uploaded: bool


def font_choices(uploaded: tuple[str, ...] = ()) -> list[FontChoice]:
    """Installed families, what our configs resolve to outside fonts/, and this session's uploads by token."""
    choices = [_choice(family.file.name, family) for family in installed_fonts()]
    known = {choice.token for choice in choices}
    for token, path in _configured().items():
        if token not in known:
            choices.append(_from_file(token, path, "installed on this machine"))
    for token in uploaded:
        try:
            choices.append(_from_file(token, font_file(token), "your own file"))
        except FontError:
            continue  # cleared to make room; the page says so when it is asked for
    return choices


def font_file(token: str) -> Path:
    """The file behind a token. Raises FontError."""
    if _UPLOAD_TOKEN.fullmatch(token):
        path = UPLOADED_FONTS / f"{token.removeprefix('own-')}.ttf"
        if path.is_file():
            return path
        raise FontError("This uploaded font is no longer kept here; upload it again or choose an installed one.")
    path = FONTS / Path(token).name
    if token == path.name and path.suffix.lower() == ".ttf" and len(token.encode()) <= _LONGEST_NAME and path.is_file():
        return path
    for known in (_admitted, _configured()):
        if token in known:
            return known[token]
    names = ", ".join(family.file.name for family in installed_fonts())
    raise FontError(f"Font {token[:80]!r} is not installed here; choose one of {names}.")


def font_token(path: Path) -> str:
    """The token of a file that a validated setting names; `font_file` finds it from then on."""
    if path.parent == UPLOADED_FONTS:
        return f"own-{path.stem}"
    if path.parent != FONTS and len(_admitted) < MAX_ADMITTED:
        _admitted.setdefault(path.name, path)
    return path.name


def keep_font(data: bytes, filename: str) -> str:
    """Try an uploaded font in a child process and keep it under its hash; its token. Raises FontError with the reason."""
    if len(data) > MAX_FONT_BYTES:
        raise FontError(
            f"Font {filename!r} has {len(data) / 1e6:.1f} MB; at most {MAX_FONT_BYTES / 1e6:.0f} MB are allowed."
        )
    try_font(data, filename)
    digest = hashlib.sha256(data).hexdigest()
    with _lock:
        UPLOADED_FONTS.mkdir(parents=True, exist_ok=True)
        path = UPLOADED_FONTS / f"{digest}.ttf"
        if path.is_file():
            os.utime(path)
        else:
            part = path.with_suffix(".part")
            part.write_bytes(data)
            os.replace(part, path)
        _make_room(keep=path)
    return f"own-{digest}"


def _make_room(keep: Path) -> None:
    files = sorted(UPLOADED_FONTS.glob("*.ttf"), key=lambda path: path.stat().st_mtime)
    for path in files[: max(0, len(files) - MAX_UPLOADED_FONTS)]:
        if path != keep:
            path.unlink(missing_ok=True)


def _configured() -> dict[str, Path]:
    """Fonts of our own config files, which may lie among the system's fonts (Verdana, where the user has it)."""
    found: dict[str, Path] = {}
    for path in (*sorted(CONFIGS.glob("*.json")), *sorted((CONFIGS / "themes").glob("*.json"))):
        try:
            file = RenderConfig.load(path).font_path
        except RenderError:
            continue
        if file.parent != FONTS:
            found[file.name] = file
    return found


def _choice(token: str, family: FontFamily) -> FontChoice:
    return FontChoice(token, family.family, family.licence, family.scripts, family.source, uploaded=False)


def _from_file(token: str, path: Path, source: str) -> FontChoice:
    facts = check_font_file(path)
    return FontChoice(token, facts.family, facts.licence, facts.scripts, source, uploaded=token.startswith("own-"))
