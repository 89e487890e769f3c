"""Pictures of print in, what the OCR program read out. Tesseract's library (Apache-2.0) through tesserocr (MIT).

Two engines in two threads, each made once (thread-local): a library object may be used by one thread at a time, and holds some
tens of megabytes. The language data is Debian's tesseract-ocr-eng; without it, or without the wheel, `why_not` says what lacks.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from functools import lru_cache
from pathlib import Path

from PIL import Image

ENGINES = 2
ENLARGED = 2  # letters of 9 px are too small for it as they are
MAX_PIXELS = 20_000_000  # of one picture, enlarged: the largest page that the model ever gets
_LANGUAGE = "eng"
_DATA_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-eng"
_own = threading.local()


class Shape(Enum):
    """Tesseract's page segmentation modes (--psm)."""

    PAGE = 3
    BLOCK = 6
    LINE = 7


class ReadingUnwanted(Exception):
    """Nobody waits any more for what was being read; the pictures that are left were not read."""


class OcrUnavailable(Exception):
    """There is no OCR program here. Shown to the user as it is."""


@lru_cache(maxsize=1)
def why_not() -> str:
    """Why nothing can be read here, in words; empty where it can."""
    if _data_folder() is None:
        return f"the OCR program's language data is not installed ({_INSTALL})"
    # One thread a picture: its own threads make small pictures slower, and there are two engines already.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        import tesserocr  # noqa: F401
    except ImportError as error:
        return f"the OCR library cannot be loaded ({error})"
    return ""


def version() -> str:
    """The library's, "5.5.4"; empty without one."""
    if why_not():
        return ""
    import tesserocr

    return tesserocr.tesseract_version().split("\n")[0].removeprefix("tesseract").strip()


def read_lines(
    pictures: Sequence[Image.Image], letters: str = "", wanted: Callable[[], bool] = lambda: True
) -> list[str]:
    """Each picture holds one line of print; `letters`: no others are read (all: empty). `wanted` is asked before every line, from
    the engines' threads. Raises OcrUnavailable, ReadingUnwanted."""
    return _all(pictures, Shape.LINE, letters, wanted)


def read_blocks(pictures: Sequence[Image.Image]) -> list[str]:
    """Each picture holds some lines of print below each other. Raises OcrUnavailable."""
    return _all(pictures, Shape.BLOCK)


def read_pages(pictures: Sequence[Image.Image]) -> list[str]:
    """Each picture is a page of any layout: the program finds its columns. Raises OcrUnavailable."""
    return _all(pictures, Shape.PAGE)


def _all(
    pictures: Sequence[Image.Image], shape: Shape, letters: str = "", wanted: Callable[[], bool] = lambda: True
) -> list[str]:
    if reason := why_not():
        raise OcrUnavailable(f"Nothing can be read from pictures: {reason}.")
    waiting: list[Future[str]] = [_pool().submit(_read, picture, shape, letters, wanted) for picture in pictures]
    return [one.result() for one in waiting]


def _read(picture: Image.Image, shape: Shape, letters: str, wanted: Callable[[], bool]) -> str:
    if not wanted():
        raise ReadingUnwanted
    import tesserocr

    grey = picture.convert("L")
    width, height = grey.width * ENLARGED, grey.height * ENLARGED
    if width * height > MAX_PIXELS:
        raise OcrUnavailable(
            f"A picture of {grey.width:,} x {grey.height:,} px is larger than the OCR program is given "
            f"({MAX_PIXELS // ENLARGED**2:,} px)."
        )
    if not hasattr(_own, "engine"):
        _own.engine = tesserocr.PyTessBaseAPI(path=str(_data_folder()), lang=_LANGUAGE, oem=tesserocr.OEM.LSTM_ONLY)
    engine = _own.engine
    engine.SetPageSegMode(shape.value)
    engine.SetVariable("tessedit_char_whitelist", letters)
    engine.SetImage(grey.resize((width, height), Image.Resampling.LANCZOS))
    try:
        return engine.GetUTF8Text()
    finally:
        engine.Clear()


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(ENGINES, thread_name_prefix="ocr")


def _data_folder() -> Path | None:
    named = os.environ.get("TESSDATA_PREFIX")
    folders = ([Path(named), Path(named) / "tessdata"] if named else []) + [Path(one) for one in _DATA_FOLDERS]
    return next((folder for folder in folders if (folder / f"{_LANGUAGE}.traineddata").is_file()), None)
