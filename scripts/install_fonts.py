"""Put the fonts of fonts/fonts.toml into fonts/, each checked against its hash.

    python scripts/install_fonts.py [--quiet] [--fonts-dir DIR]

Tries each font's sources in order: files of installed Python packages, fonts that the system has, Debian packages
(apt-get download and dpkg-deb -x: no root, nothing is installed), wheels (pip download). A file with a hash that
fonts.toml does not list is refused. A second run only compares sizes and dates with a stamp. Exit status 1 when a
required font is missing; an optional one is a warning that says what to do.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "fonts"
STAMP = ".installed.json"
FETCH_TIMEOUT_S = 180
MAX_FONT_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One [[font]] of fonts.toml, as far as installing needs it."""

    file: str
    family: str
    required: bool
    sources: tuple[str, ...]
    sha256: frozenset[str]


class SourceFailed(Exception):
    """Why one source did not give the file."""


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quiet", action="store_true", help="say something only when something changes or fails")
    parser.add_argument("--fonts-dir", type=Path, default=FONTS, help="where the files go (default: fonts/)")
    parser.add_argument("--catalogue", type=Path, default=FONTS / "fonts.toml", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    entries = read_catalogue(args.catalogue)
    args.fonts_dir.mkdir(parents=True, exist_ok=True)
    missing = install(entries, args.fonts_dir, lambda line: None if args.quiet else print(line))
    return 1 if any(entry.required for entry in missing) else 0


def read_catalogue(path: Path) -> list[Entry]:
    fonts = tomllib.loads(path.read_text(encoding="utf-8"))["font"]
    return [
        Entry(f["file"], f["family"], f["required"], tuple(f["sources"]), frozenset(h.lower() for h in f["sha256"]))
        for f in fonts
    ]


def install(entries: list[Entry], folder: Path, say: Callable[[str], None]) -> list[Entry]:
    """Install what is not there yet; returns the entries that could not be had."""
    stamps = _read_stamps(folder)
    missing: list[Entry] = []
    with tempfile.TemporaryDirectory(prefix="fonts-") as scratch:
        fetcher = Fetcher(Path(scratch))
        for entry in entries:
            target = folder / entry.file
            if _is_good(target, entry, stamps):
                say(f"{entry.file}: there")
            elif source := _install_one(entry, target, fetcher):
                print(f"{entry.file}: installed from {source}")
            else:
                missing.append(entry)
                continue
            stamps[entry.file] = _stamp(target, sorted(entry.sha256))
    (folder / STAMP).write_text(json.dumps(stamps, indent=1), encoding="utf-8")
    return missing


def _install_one(entry: Entry, target: Path, fetcher: "Fetcher") -> str | None:
    reasons: list[str] = []
    if target.exists():
        # A hash that is not ours may be the person's own file of that name: keep it, out of the way.
        aside = target.with_name(target.name + ".refused")
        os.replace(target, aside)
        reasons.append(f"the file that was there has another hash; moved to {aside.name}")
    for source in entry.sources:
        try:
            data = fetcher.fetch(source)
        except SourceFailed as failure:
            reasons.append(f"{source}: {failure}")
            continue
        digest = hashlib.sha256(data).hexdigest()
        if digest not in entry.sha256:
            reasons.append(f"{source}: refused, its SHA-256 {digest[:16]}… is not in fonts.toml")
            continue
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(data)
        os.replace(part, target)
        return source
    kind = "error" if entry.required else "warning"
    what = "is required" if entry.required else "is optional: what needs it falls back to another face or says so"
    print(f"{kind}: font {entry.file} ({entry.family}) could not be installed; it {what}.", file=sys.stderr)
    for reason in reasons:
        print(f"  - {reason}", file=sys.stderr)
    print(f"  {_advice(entry)}", file=sys.stderr)
    return None


def _advice(entry: Entry) -> str:
    packages = [source.split(":")[1] for source in entry.sources if source.startswith("debian:")]
    if packages:
        command = f"sudo apt-get install {' '.join(packages)}"
        return f"To get it: {command}, then run this script again; or put {entry.file} into fonts/."
    return "To get it: pip install -r requirements.txt, then run this script again."


class Fetcher:
    """Reads a source's bytes. Each package is fetched once a run."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._unpacked: dict[str, Path] = {}
        self._lists_updated = False

    def fetch(self, source: str) -> bytes:
        kind, _, rest = source.partition(":")
        if kind == "python":
            return _read(_package_file(rest))
        if kind == "system":
            return _read(Path(rest))
        if kind == "debian":
            package, path = rest.split(":", 1)
            return _read(self._debian(package) / path)
        if kind == "wheel":
            requirement, path = rest.split(":", 1)
            return _read(self._wheel(requirement) / path)
        raise SourceFailed("fonts.toml names a kind of source that this script does not know")

    def _debian(self, package: str) -> Path:
        if package not in self._unpacked:
            if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
                raise SourceFailed("this system has no apt-get and dpkg-deb")
            folder = self._scratch / package
            folder.mkdir(exist_ok=True)
            try:
                _run(["apt-get", "download", "-q", package], folder)
            except SourceFailed:
                if self._lists_updated or os.geteuid() != 0:
                    raise
                self._lists_updated = True  # a fresh container has no package lists
                _run(["apt-get", "update", "-q"], folder)
                _run(["apt-get", "download", "-q", package], folder)
            debs = list(folder.glob("*.deb"))
            if not debs:
                raise SourceFailed("apt-get download gave no package")
            _run(["dpkg-deb", "-x", str(debs[0]), str(folder / "files")], folder)
            self._unpacked[package] = folder / "files"
        return self._unpacked[package]

    def _wheel(self, requirement: str) -> Path:
        if requirement not in self._unpacked:
            folder = self._scratch / requirement.replace("=", "")
            folder.mkdir(exist_ok=True)
            pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
            _run([*pip, "--only-binary=:all:", "--dest", str(folder), requirement], folder)
            wheels = list(folder.glob("*.whl"))
            if not wheels:
                raise SourceFailed("pip download gave no wheel")
            with zipfile.ZipFile(wheels[0]) as wheel:
                for name in wheel.namelist():
                    if name.lower().endswith(".ttf"):
                        wheel.extract(name, folder / "files")
            self._unpacked[requirement] = folder / "files"
        return self._unpacked[requirement]


def _package_file(rest: str) -> Path:
    package, _, path = rest.partition("/")
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return Path(folder) / path
    raise SourceFailed(f"the Python package {package} is not installed")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FONT_BYTES:
            raise SourceFailed("larger than 20 MB")
        return path.read_bytes()
    except OSError as error:
        raise SourceFailed(error.strerror or str(error)) from None


def _run(command: list[str], folder: Path) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceFailed(f"{command[0]} did not run to its end ({error})") from None
    if done.returncode != 0:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise SourceFailed(f"{' '.join(command[:2])}: {lines[-1].strip() if lines else 'failed'}")


def _is_good(target: Path, entry: Entry, stamps: dict) -> bool:
    if not target.is_file():
        return False
    if stamps.get(entry.file) == _stamp(target, sorted(entry.sha256)):
        return True
    return hashlib.sha256(target.read_bytes()).hexdigest() in entry.sha256


def _stamp(target: Path, accepted: list[str]) -> list:
    status = target.stat()
    return [status.st_size, status.st_mtime_ns, accepted]


def _read_stamps(folder: Path) -> dict:
    try:
        stamps = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


if __name__ == "__main__":
    sys.exit(main())
