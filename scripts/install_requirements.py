"""Install a requirements file into the environment of this Python: by uv, several times as fast, else by pip.

    python scripts/install_requirements.py requirements.txt

uv itself comes from the package index, by pip, as constraints.txt pins it. uv reads none of pip's settings, so those that say
where packages come from (files and PIP_… variables alike) are handed on; what is set for uv itself stands. Where uv fails,
for whichever reason, pip does the work and the reason is told. Uses nothing but the standard library and pip.
Exit status: 0, or that of pip.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SETTING = re.compile(r"^(?P<section>[\w:-]+)\.(?P<name>[\w-]+)='(?P<value>.*)'$", re.MULTILINE)
# pip takes a variable before [install], and that before [global].
_SECTIONS = ("global", "install", ":env:")
# pip's setting -> uv's variable, and what stands between its values (None: one value).
_HANDED_ON = {
    "index-url": ("UV_DEFAULT_INDEX", None),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", None),
    "cert": ("SSL_CERT_FILE", None),
    "proxy": ("ALL_PROXY", None),
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    requirements = Path(arguments[0])
    refusal = _by_uv(requirements)
    if refusal is None:
        return 0
    print(f"uv could not install {requirements.name}, so pip does ({refusal}).", file=sys.stderr)
    return subprocess.call([*_PIP, "install", "-q", "-r", str(requirements)])


_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def _by_uv(requirements: Path) -> str | None:
    """None where it is done, else why not."""
    if os.environ.get("GLYPH_INSTALLER") == "pip":
        return "GLYPH_INSTALLER=pip"
    found = subprocess.run(
        [*_PIP, "install", "-q", "-c", str(ROOT / "constraints.txt"), "uv"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        return _last_line(found.stderr) or "uv itself could not be installed"
    listed = subprocess.run([*_PIP, "config", "list"], capture_output=True, text=True, check=False).stdout
    # A file's bytecode is made at install, on all cores, instead of at the first start, on one.
    command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--compile-bytecode", "--python", sys.executable]
    environment = uv_environment(listed, os.environ)
    done = subprocess.run(
        [*command, "-r", str(requirements)], env=environment, capture_output=True, text=True, check=False
    )
    return None if done.returncode == 0 else _last_line(done.stderr) or f"it ended with status {done.returncode}"


def uv_environment(pip_config: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for uv: what `pip config list` printed, in uv's words. Variables that are set already stand."""
    settings: dict[str, tuple[int, str]] = {}
    for found in _SETTING.finditer(pip_config):
        if found["section"] in _SECTIONS:
            rank = _SECTIONS.index(found["section"])
            settings[found["name"]] = max(settings.get(found["name"], (-1, "")), (rank, found["value"]))
    made = dict(environment)
    for name, (variable, between) in _HANDED_ON.items():
        if name in settings and variable not in environment:
            # pip's files may spread a list over lines, which `pip config list` prints as \n.
            values = settings[name][1].replace("\\n", " ").split()
            made[variable] = between.join(values) if between else " ".join(values)
    if "UV_INDEX" in made:  # pip takes the best version of all indexes; uv, left alone, that of the first
        made.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return made


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
