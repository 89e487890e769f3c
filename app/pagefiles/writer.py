"""A text and a RenderConfig in; page files, their manifest and what they cost out. For the UI and scripts/render.py.

    DIRECTORY/page_001.png …   one file a page, written whole or not at all
    DIRECTORY/manifest.json    written last: where it is, the set is complete

The manifest (version 1) carries each page's text, which its pixels do not. Files of an earlier run are removed only
where a manifest of ours names them. Knows nothing of servers or screens.
"""

import hashlib
import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from app.paths import why_unwritable
from app.tokens import compression_ratio, count_text_tokens, is_resampled, visual_tokens
from renderer import EngineUsed, PageImage, RenderConfig, RenderError, render

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1
_PAGE_FILE = re.compile(r"page_\d{3,7}\.png")


class PagesUnwritable(Exception):
    """There is no place for page files: a full disk, a folder of somebody else's. Shown to the user as it is."""


class PagesTooLarge(RenderError):
    """The page files would take more than is kept for them. Shown to the user as it is."""


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """One page file. `text_span`: characters of the source, end exclusive; `rgb_sha256` is None unless asked for."""

    number: int
    path: Path
    width_px: int
    height_px: int
    visual_tokens: int
    resampled: bool  # by the model's processor: sides that are no multiples of 28
    png_bytes: int
    png_sha256: str
    rgb_sha256: str | None
    text_span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PageTotals:
    """What the whole set costs. `ratio`: text tokens for one visual token."""

    pages: int
    visual_tokens: int
    text_tokens: int
    ratio: float


@dataclass(frozen=True, slots=True)
class PageSet:
    """A complete set of page files. `seconds`: from the call to the manifest on disk."""

    title: str
    source_sha256: str  # of the text as UTF-8
    pages: tuple[RenderedPage, ...]
    totals: PageTotals
    engine: EngineUsed
    settings_key: str
    manifest_path: Path
    seconds: float

    @property
    def png_bytes(self) -> int:
        return sum(page.png_bytes for page in self.pages)


def write_pages(
    text: str,
    title: str,
    config: RenderConfig,
    directory: Path,
    engine: str = "auto",
    cancelled: Callable[[], bool] | None = None,
    on_progress: Callable[[int, int | None], None] | None = None,
    *,
    rgb_hashes: bool = False,
    may_store: Callable[[int], None] | None = None,
    content_hash: str | None = None,
) -> PageSet:
    """Render `text` into `directory`. Raises RenderError, PagesUnwritable; whatever stops it, no half set is left behind.

    `rgb_hashes` also hashes each page's RGB bytes (3 ms a page): what Glyph's own pages are compared by. `may_store` is
    told each page's bytes before they are written, and raises what forbids it. `content_hash`: the text's SHA-256 where it
    is known already.
    """
    began = time.perf_counter()
    # Refusals come from this call, before any file is touched.
    pages = render(text, config, engine, cancelled=cancelled, on_progress=on_progress)
    directory = Path(directory).resolve()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        remove_earlier_pages(directory)
    except OSError as error:
        raise PagesUnwritable(why_unwritable(directory, error)) from error
    source_sha256 = content_hash or hashlib.sha256(text.encode()).hexdigest()
    written: list[RenderedPage] = []
    used = EngineUsed(engine)
    try:
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="page-files") as pool:
            text_tokens = pool.submit(count_text_tokens, text, source_sha256)
            for page, stored in _write_each(pages, directory, pool, rgb_hashes, may_store):
                written.append(stored)
                used = page.engine
            totals = _totals(written, text_tokens.result().value)
        path = directory / MANIFEST
        _write_atomically(path, _manifest(text, title, source_sha256, config, used, written, totals))
    except BaseException:
        for path in _page_paths(directory, [p.path.name for p in written]):
            path.unlink(missing_ok=True)
        raise
    seconds = time.perf_counter() - began
    return PageSet(title, source_sha256, tuple(written), totals, used, config.key, path, seconds)


def remove_earlier_pages(directory: Path) -> int:
    """Delete the page files and the manifest of an earlier run; returns how many pages. Foreign files stay."""
    path = directory / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        names = [page["file"] for page in found["pages"]] if found["version"] == MANIFEST_VERSION else []
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    if not names:
        return 0
    path.unlink(missing_ok=True)
    earlier = _page_paths(directory, names)
    for page in earlier:
        page.unlink(missing_ok=True)
    return len(earlier)


def _write_each(
    pages: Iterator[PageImage],
    directory: Path,
    pool: ThreadPoolExecutor,
    rgb_hashes: bool,
    may_store: Callable[[int], None] | None,
) -> Iterator[tuple[PageImage, RenderedPage]]:
    """Hashing and writing run a few pages behind the rendering, never more: memory stays bounded."""
    waiting: list[tuple[PageImage, Future[RenderedPage]]] = []
    try:
        for page in pages:
            if may_store is not None:
                may_store(len(page.png))
            waiting.append((page, pool.submit(_store, page, directory, rgb_hashes)))
            if len(waiting) > 8:
                first, future = waiting.pop(0)
                yield first, future.result()
        while waiting:
            first, future = waiting.pop(0)
            yield first, future.result()
    except BaseException:
        for _, future in waiting:
            if not future.cancel() and future.exception() is None:
                future.result().path.unlink(missing_ok=True)
        raise


def _store(page: PageImage, directory: Path, rgb_hashes: bool) -> RenderedPage:
    path = directory / f"page_{page.number:03d}.png"
    _write_atomically(path, page.png)
    rgb_sha256 = None
    if rgb_hashes:
        with Image.open(io.BytesIO(page.png)) as image:
            rgb_sha256 = hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()
    return RenderedPage(
        number=page.number,
        path=path,
        width_px=page.width_px,
        height_px=page.height_px,
        visual_tokens=visual_tokens(page.width_px, page.height_px),
        resampled=is_resampled(page.width_px, page.height_px),
        png_bytes=len(page.png),
        png_sha256=hashlib.sha256(page.png).hexdigest(),
        rgb_sha256=rgb_sha256,
        text_span=page.text_span,
    )


def _totals(pages: list[RenderedPage], text_tokens: int) -> PageTotals:
    visual = sum(page.visual_tokens for page in pages)
    return PageTotals(len(pages), visual, text_tokens, compression_ratio(text_tokens, visual))


def _manifest(
    text: str,
    title: str,
    source_sha256: str,
    config: RenderConfig,
    used: EngineUsed,
    pages: list[RenderedPage],
    totals: PageTotals,
) -> bytes:
    content: dict[str, Any] = {
        "version": MANIFEST_VERSION,
        "source": {"title": title, "sha256": source_sha256, "characters": len(text)},
        "engine": {"name": used.name, "reason": used.reason},
        "settings": config.to_mapping(),
        "settings_key": config.key,
        "notes": list(config.notes),
        "pages": [
            {
                "file": page.path.name,
                "width_px": page.width_px,
                "height_px": page.height_px,
                "visual_tokens": page.visual_tokens,
                "resampled": page.resampled,
                "png_sha256": page.png_sha256,
                "rgb_sha256": page.rgb_sha256,
                "text_span": list(page.text_span),
                "text": text[slice(*page.text_span)],
            }
            for page in pages
        ],
        "totals": {
            "pages": totals.pages,
            "visual_tokens": totals.visual_tokens,
            "text_tokens": totals.text_tokens,
            "ratio": round(totals.ratio, 4),
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")


def _write_atomically(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise PagesUnwritable(why_unwritable(path.parent, error)) from error


def _page_paths(directory: Path, names: list[Any]) -> list[Path]:
    # A manifest is a file like any other: a name in it must not lead out of the directory.
    return [directory / name for name in names if isinstance(name, str) and _PAGE_FILE.fullmatch(name)]
