"""The machine code kept between runs: what it depends on, where it lies, whether it is whole. Does not import numba.

numba's own cache looks at one file: at where it lies, and for changes at that file alone, not at those whose functions and
constants it takes in. Ours lies in a folder named after the sources of every compiled function, of all that they import
from us, and of the versions that make the machine code. So a copied or moved checkout finds its code again, and after a
change of any of them, in whichever folder, none of the old code is found. numba's index adds the processor, as the
mark of a whole cache does here.
"""

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from renderer import places

PACKAGE = Path(__file__).resolve().parents[1]
_COMPILED = re.compile(rb"^@compiled", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+([\w ,]*)", re.MULTILINE)
_MADE_BY = ("numba", "llvmlite", "numpy")


def compiled_sources(package: Path = PACKAGE) -> list[Path]:
    """The files with compiled functions and all files of the package that these import, in turn; sorted."""
    found: set[Path] = set()
    waiting = [path for path in package.rglob("*.py") if _COMPILED.search(path.read_bytes())]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting.extend(_imported(path, package))
    return sorted(found)


def _imported(path: Path, package: Path) -> Iterator[Path]:
    for dots, base, names in _IMPORT.findall(path.read_bytes()):
        if not dots and base.split(b".")[0] != package.name.encode():
            continue
        folder = path.parents[len(dots) - 1] if dots else package.parent
        module = folder.joinpath(*base.decode().split("."))
        inner = [module / name.split(" as ")[0].strip() for name in names.decode().split(",")]
        for candidate in (module, *inner):
            if (source := candidate.with_name(f"{candidate.name}.py")).is_file():
                yield source


def digest_of(package: Path = PACKAGE) -> str:
    """What machine code depends on, but for the processor: versions, and sources by content and place in the package."""
    made_by = [f"{name} {version(name)}" for name in _MADE_BY]
    found = hashlib.sha256(repr([*made_by, platform.python_version()]).encode())
    for path in compiled_sources(package):
        source = path.read_bytes()
        found.update(f"\0{path.relative_to(package).as_posix()} {len(source)}\0".encode() + source)
    return found.hexdigest()[:16]


@cache
def digest() -> str:
    """Of the sources as they were when this process first asked."""
    return digest_of()


def cache_folder() -> Path:
    """Where this version's machine code lies: under NUMBA_CACHE_DIR where that is set, else in a folder of our own."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or places.CACHE / "numba") / digest()


def is_whole() -> bool:
    """Whether all that a user may need has been compiled for this processor."""
    return _mark().is_file()


def mark_whole() -> None:
    """Say so. A folder that cannot be written says nothing: then the next process compiles again."""
    try:
        _mark().parent.mkdir(parents=True, exist_ok=True)
        _mark().touch()
    except OSError:
        pass


def drop_old() -> None:
    """Remove what earlier versions of the sources left behind, where the folder is ours alone."""
    if not os.environ.get("NUMBA_CACHE_DIR"):
        for folder in cache_folder().parent.glob("*"):
            if folder.is_dir() and folder != cache_folder():
                shutil.rmtree(folder, ignore_errors=True)


def _mark() -> Path:
    from llvmlite import binding

    processor = (binding.get_process_triple(), binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())
    return cache_folder() / f"whole-{hashlib.sha256(repr(processor).encode()).hexdigest()[:16]}"
