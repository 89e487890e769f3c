"""Page images in, the text that was rendered onto them out, looked up in the manifest.json beside page files.

PNG files carry pixels only and nothing here reads pixels: a page without a manifest has no text. Manifests are found
beside a page that came as file://, or by the hash of a page's bytes among all manifests under one folder.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache

from app.simulator.images import PageImage

MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
MAX_MANIFESTS = 300  # the newest ones
MAX_FOLDERS = 5_000
MAX_DEPTH = 5
_KEPT_IN_MEMORY = 6
_RESCAN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PageText:
    number: int  # as in the manifest, 1 for the first page
    text: str
    span: tuple[int, int] | None  # characters of the source, end exclusive
    source: str  # the manifest's folder: pages with the same source belong together


@dataclass(frozen=True, slots=True)
class _Manifest:
    by_hash: dict[str, PageText]
    by_file: dict[str, PageText]
    hash_of_file: dict[str, str]


class ManifestIndex:
    """Safe to use from several threads. With `pages_dir` None it finds nothing."""

    def __init__(self, pages_dir: Path | None) -> None:
        self._pages_dir = pages_dir
        self._lock = threading.Lock()
        self._loaded: LRUCache[Path, tuple[tuple[int, int], _Manifest | None]] = LRUCache(_KEPT_IN_MEMORY)
        self._where: dict[str, Path] = {}
        self._seen: dict[Path, tuple[int, int]] = {}
        self._scanned_at = float("-inf")

    def look_up(self, pages: Sequence[PageImage]) -> list[PageText | None]:
        with self._lock:
            return [self._find(page) for page in pages]

    def _find(self, page: PageImage) -> PageText | None:
        if self._pages_dir is None:
            return None
        if page.path is not None:
            manifest = self._manifest(page.path.parent / MANIFEST)
            if manifest is not None:
                found = manifest.by_hash.get(page.sha256)
                if found is not None:
                    return found
                name = page.path.name
                # A manifest without hashes still names its files; one with another hash speaks of another picture.
                if name in manifest.by_file and not manifest.hash_of_file.get(name):
                    return manifest.by_file[name]
        return self._find_by_hash(page.sha256)

    def _find_by_hash(self, sha256: str) -> PageText | None:
        where = self._where.get(sha256)
        if where is None:
            self._rescan()
            where = self._where.get(sha256)
        manifest = self._manifest(where) if where else None
        return manifest.by_hash.get(sha256) if manifest else None

    def _rescan(self) -> None:
        """Read the manifests that are new or changed since the last look."""
        if time.monotonic() - self._scanned_at < _RESCAN_SECONDS:
            return
        assert self._pages_dir is not None
        stamped = []
        for path in _manifests_under(self._pages_dir):
            stamp = _stamp(path)
            if stamp is not None:
                stamped.append((stamp, path))
        for stamp, path in sorted(stamped, reverse=True)[:MAX_MANIFESTS]:
            if self._seen.get(path) == stamp:
                continue
            self._seen[path] = stamp
            manifest = self._manifest(path)
            if manifest is not None:
                self._where.update(dict.fromkeys(manifest.by_hash, path))
        self._scanned_at = time.monotonic()

    def _manifest(self, path: Path) -> _Manifest | None:
        stamp = _stamp(path)
        if stamp is None:
            return None
        kept = self._loaded.get(path)
        if kept is None or kept[0] != stamp:
            kept = (stamp, _read(path))
            self._loaded[path] = kept
        return kept[1]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size) if status.st_size <= MAX_MANIFEST_BYTES else None


def _manifests_under(folder: Path) -> Iterator[Path]:
    left = MAX_FOLDERS
    for where, folders, files in os.walk(folder):
        left -= 1
        if left < 0:
            return
        if len(Path(where).relative_to(folder).parts) >= MAX_DEPTH:
            folders.clear()
        if MANIFEST in files:
            yield Path(where) / MANIFEST


def _read(path: Path) -> _Manifest | None:
    """None for a file that is no manifest of ours: half written, foreign, or of another version."""
    try:
        data = json.loads(path.read_bytes())
        manifest = _Manifest({}, {}, {})
        for number, entry in enumerate(data["pages"], start=1):
            if not isinstance(entry.get("text"), str):
                continue
            span = entry.get("text_span")
            span = (int(span[0]), int(span[1])) if isinstance(span, list) and len(span) == 2 else None
            page = PageText(number, entry["text"], span, str(path.parent))
            file, sha256 = str(entry.get("file", "")), str(entry.get("png_sha256", ""))
            manifest.by_file[file] = page
            manifest.hash_of_file[file] = sha256
            if sha256:
                manifest.by_hash[sha256] = page
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return manifest
