"""Image parts in, checked page images out: where the bytes come from, their size and hash, and the tokens they cost.

Nothing is fetched from the network. Pixels are never read: sizes come from the header, and broken files are found by
their checksums. Knows nothing of the text on a page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.simulator.errors import InvalidRequest, NotSupported, ServerFault

MAX_IMAGE_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64_000_000

# Glm4v's image processor (transformers): a still picture counts as two frames.
_FACTOR_PX = 28
_FRAMES = 2
_MIN_VOLUME_PX = 12_544
_MAX_VOLUME_PX = 9_633_792
_PATCHES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class PageImage:
    key: str  # what vLLM caches it by: the uuid sent with it, else its hash
    sha256: str  # of the file's bytes, hex
    path: Path | None  # where it lies, for file:// URLs
    width_px: int
    height_px: int

    @property
    def tokens(self) -> int:
        return visual_tokens(self.width_px, self.height_px)

    @property
    def patches(self) -> int:
        return self.tokens * _PATCHES_PER_TOKEN


def visual_tokens(width_px: int, height_px: int) -> int:
    """After Glm4v's resize to multiples of 28 px within its limits: one token a 28 x 28 square.
    Source: smart_resize in transformers' models/glm4v/image_processing_glm4v.py."""
    if min(width_px, height_px) < _FACTOR_PX:
        raise InvalidRequest(f"height:{height_px} or width:{width_px} must be larger than factor:{_FACTOR_PX}")
    if max(width_px, height_px) / min(width_px, height_px) > 200:
        ratio = max(width_px, height_px) / min(width_px, height_px)
        raise InvalidRequest(f"absolute aspect ratio must be smaller than 200, got {ratio}")
    columns, rows = round(width_px / _FACTOR_PX), round(height_px / _FACTOR_PX)
    volume = _FRAMES * columns * rows * _FACTOR_PX**2
    if volume > _MAX_VOLUME_PX:
        shrink = math.sqrt(_FRAMES * width_px * height_px / _MAX_VOLUME_PX)
        columns = max(1, math.floor(width_px / shrink / _FACTOR_PX))
        rows = max(1, math.floor(height_px / shrink / _FACTOR_PX))
    elif volume < _MIN_VOLUME_PX:
        grow = math.sqrt(_MIN_VOLUME_PX / (_FRAMES * width_px * height_px))
        columns = math.ceil(width_px * grow / _FACTOR_PX)
        rows = math.ceil(height_px * grow / _FACTOR_PX)
    return columns * rows


def fetch(url: str, uuid: str | None, pages_dir: Path | None) -> tuple[PageImage, bytes]:
    """Read, check and measure one image; its bytes too. Raises what vLLM would answer."""
    path, data = _load(url, pages_dir)
    width_px, height_px = _measure(data)
    sha256 = hashlib.sha256(data).hexdigest()
    return PageImage(uuid or sha256, sha256, path, width_px, height_px), data


def _load(url: str, pages_dir: Path | None) -> tuple[Path | None, bytes]:
    if url[:5].lower() == "data:":
        return None, _from_data_url(url)
    scheme = urlsplit(url[:4096]).scheme
    if scheme == "file":
        return _from_file_url(url, pages_dir)
    if scheme in ("http", "https"):
        raise InvalidRequest("Failed to load image: this simulator fetches nothing from the network; send data: URLs.")
    raise InvalidRequest("The URL must be either a HTTP, data or file URL.")


def _from_data_url(url: str) -> bytes:
    header, comma, payload = url[5:].partition(",")
    if not comma:
        raise InvalidRequest(f"Invalid data URL {url[:32]!r}: missing ',' separator.")
    if not header.endswith(";base64"):
        raise NotSupported("Only base64 data URLs are supported for now.")
    if len(payload) > MAX_IMAGE_BYTES * 4 // 3:
        raise InvalidRequest(f"Failed to load image: more than {MAX_IMAGE_BYTES} bytes.")
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(str(error)) from error


def _from_file_url(url: str, pages_dir: Path | None) -> tuple[Path, bytes]:
    if pages_dir is None:
        raise ServerFault("Cannot load local files without `--allowed-local-media-path`.")
    parts = urlsplit(url)
    asked = unquote(parts.netloc + parts.path)
    if "\0" in asked:
        raise InvalidRequest("embedded null byte")
    path = Path(asked)
    if pages_dir not in path.resolve().parents:
        # Said in vLLM's words; the real server would add the folder's name, which it then scrubs as a path.
        raise InvalidRequest(f"The file path {path} must be a subpath of `--allowed-local-media-path {pages_dir}`.")
    try:
        if path.stat().st_size > MAX_IMAGE_BYTES:
            raise InvalidRequest(f"Failed to load image: more than {MAX_IMAGE_BYTES} bytes.")
        return path, path.read_bytes()
    except OSError as error:
        raise ServerFault(str(error)) from error


def _measure(data: bytes) -> tuple[int, int]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                width_px, height_px = image.size
                if width_px * height_px > MAX_PIXELS:
                    raise InvalidRequest(
                        f"Image dimensions {width_px}x{height_px} ({width_px * height_px} pixels) exceed "
                        f"the maximum of {MAX_PIXELS} pixels. Set VLLM_MAX_IMAGE_PIXELS to increase this limit."
                    )
                if image.format == "PNG":
                    image.verify()  # checksums of all chunks, without decoding pixels
                else:
                    image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, SyntaxError, ValueError) as error:
        raise InvalidRequest(f"Failed to load image: {error}") from error
    return width_px, height_px
