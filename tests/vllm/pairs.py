"""Servers to ask: real vLLM on the CPU with tiny random models, and our simulator, both started by OUR launcher from a profile.

Knows nothing of what is asked of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw

from app.clients import Endpoint, PageFile, Role
from app.paths import DATA, ROOT
from app.serving import LauncherState, read_state
from app.serving.installation import find_installation
from app.serving.ports import free_port
from app.serving.process import session_members

VLLM_VENV = Path(os.environ.get("GLYPH_VLLM_VENV", ROOT / ".venv-vllm"))
TINY_MODELS = DATA / "tiny-models"
OBSERVED = DATA / "conformance"
READY_WITHIN_S = 600
PAGES_WINDOW, TEXT_WINDOW = 16_384, 131_072

TINY_PROFILE = """
[models.tiny-text]
id = "{models}/tiny-qwen3"
served_name = "tiny-qwen3"
weights_gb = 0.1
kv_bytes_per_token = 512
working_gb = 0.5
native_context = 40960
reasoning_parser = "qwen3"
yarn = {{ rope_theta = 1000000, original_context = 32768 }}

[models.tiny-pages]
id = "{models}/tiny-glm4v"
served_name = "tiny-glyph"
weights_gb = 0.1
kv_bytes_per_token = 512
working_gb = 0.5
native_context = 65536
reasoning_parser = "glm45"

[profiles.tiny]
[[profiles.tiny.servers]]
role = "text"
kind = "vllm"
device = "cpu"
model = "tiny-text"
port = {text_port}
max_model_len = {text_window}      # above the model's own context: YaRN overrides as in production
kv_cache_gb = 1
keep_alive_s = 1
extra_args = ["--load-format", "dummy", "--enforce-eager", "--max-num-seqs", "8"]
[[profiles.tiny.servers]]
role = "pages"
kind = "vllm"
device = "cpu"
model = "tiny-pages"
port = {pages_port}
max_model_len = {pages_window}
kv_cache_gb = 1
keep_alive_s = 1
extra_args = ["--load-format", "dummy", "--enforce-eager", "--max-num-seqs", "8"]

[profiles.tiny-quiet]
[[profiles.tiny-quiet.servers]]
role = "text"
kind = "vllm"
device = "cpu"
model = "tiny-text"
port = {text_port}
max_model_len = {text_window}      # above the model's own context: YaRN overrides as in production
kv_cache_gb = 1
extra_args = ["--load-format", "dummy", "--enforce-eager", "--max-num-seqs", "8"]
[[profiles.tiny-quiet.servers]]
role = "pages"
kind = "vllm"
device = "cpu"
model = "tiny-pages"
port = {pages_port}
max_model_len = {pages_window}
kv_cache_gb = 1
extra_args = ["--load-format", "dummy", "--enforce-eager", "--max-num-seqs", "8"]

[profiles.tiny-text-only]
[[profiles.tiny-text-only.servers]]
role = "text"
kind = "vllm"
device = "cpu"
model = "tiny-text"
port = {text_port}
max_model_len = 4096
kv_cache_gb = 1
extra_args = ["--load-format", "dummy", "--enforce-eager"]

[profiles.tiny-small-cache]
[[profiles.tiny-small-cache.servers]]
role = "text"
kind = "vllm"
device = "cpu"
model = "tiny-text"
port = {text_port}
max_model_len = 4096
kv_cache_gb = 1
extra_args = ["--load-format", "dummy", "--enforce-eager", "--num-gpu-blocks-override", "48"]

[profiles.simulator]
[[profiles.simulator.servers]]
role = "text"
kind = "simulator"
served_name = "Qwen/Qwen3-8B"
port = {text_port}
max_model_len = {text_window}
extra_args = ["--speedup", "5", "--keep-alive", "1"]
[[profiles.simulator.servers]]
role = "pages"
kind = "simulator"
served_name = "zai-org/Glyph"
port = {pages_port}
max_model_len = {pages_window}
extra_args = ["--speedup", "5", "--keep-alive", "1"]
"""


@dataclass
class Launched:
    """scripts/launch.py in a process of its own."""

    process: subprocess.Popen
    data: Path
    output: Path
    sessions: set[int] = field(default_factory=set)

    @property
    def state(self) -> LauncherState | None:
        state = read_state(self.data / "serving")
        self.sessions |= {server.process.session_id for server in (state.servers if state else ()) if server.process}
        return state

    @property
    def terminal(self) -> str:
        return self.output.read_text()

    def wait(self, condition, within_s: float, what: str):
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            state = self.state
            if state and (value := condition(state)):
                return value
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(f"{what} was not reached within {within_s} s; the terminal says:\n{self.terminal[-6000:]}")

    def left_running(self) -> list[int]:
        _ = self.state
        return [pid for session in self.sessions for pid in session_members(session)]

    def end(self, number: int = signal.SIGINT, within_s: float = 30) -> int:
        _ = self.state
        self.process.send_signal(number)
        return self.process.wait(timeout=within_s)


@dataclass(frozen=True)
class Pair:
    """Two servers that answer, and the folder the pages side may read."""

    kind: str  # "vllm" or "simulator"
    text: Endpoint
    pages: Endpoint
    folder: Path
    launched: Launched = field(compare=False)

    @property
    def real(self) -> bool:
        return self.kind == "vllm"

    def metric(self, endpoint: Endpoint, name: str) -> float:
        lines = httpx.get(f"{endpoint.base_url}/metrics", timeout=30).text.splitlines()
        values = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{")]
        assert values, f"{name} is not among the metrics of {endpoint.name}"
        return sum(values)


@contextmanager
def launch(profile: str, folder: Path) -> Iterator[Launched]:
    """From a profile file to a running launcher; killed with all it started when the block ends and it still runs."""
    folder.mkdir(parents=True, exist_ok=True)
    servers = folder / "servers.toml"
    servers.write_text(
        TINY_PROFILE.format(
            models=TINY_MODELS,
            text_port=free_port(),
            pages_port=free_port(),
            text_window=TEXT_WINDOW,
            pages_window=PAGES_WINDOW,
        )
    )
    output = folder / "terminal.txt"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "GLYPH_VLLM_VENV": str(VLLM_VENV)}
    with output.open("wb") as out:
        process = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "scripts" / "launch.py"),
                "--servers",
                str(servers),
                "--profile",
                profile,
                "--data-dir",
                str(folder),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )
    launched = Launched(process, folder, output)
    try:
        yield launched
    finally:
        if process.poll() is None:
            launched.end()
        for pid in launched.left_running():
            os.kill(pid, signal.SIGKILL)


def need_vllm() -> None:
    if find_installation(VLLM_VENV) is None:
        pytest.skip(f"needs vLLM in {VLLM_VENV}: bash scripts/setup-vllm --cpu (or bash scripts/test --vllm)")
    subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "tiny_models.py"), "--out", str(TINY_MODELS)],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )


def endpoints(launched: Launched) -> dict[str, Endpoint]:
    """As the app makes them, from the launcher's state."""
    return {
        status.role.value: Endpoint(
            role=Role(status.role.value),
            name=status.name,
            base_url=status.url,
            model=status.model,
            simulated=status.simulated,
            media_path=Path(status.media_path) if status.media_path else None,
        )
        for status in launched.state.servers
    }


@contextmanager
def running_pair(kind: str, folder: Path) -> Iterator[Pair]:
    with launch("tiny" if kind == "vllm" else "simulator", folder) as launched:
        launched.wait(lambda state: all(server.is_serving for server in state.servers), READY_WITHIN_S, "serving")
        sides = endpoints(launched)
        yield Pair(kind, sides["text"], sides["pages"], folder / "pages", launched)


# --- pages -----------------------------------------------------------------------------------------------------------


def page_file(path: Path, width_px: int, height_px: int) -> PageFile:
    return PageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), width_px, height_px)


def draw_pages(folder: Path, name: str, sizes: list[tuple[int, int]], text: str = "") -> tuple[PageFile, ...]:
    """Pages of given sizes with words on them, no two alike, and the manifest that the app writes beside them."""
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    pages = []
    for number, (width, height) in enumerate(sizes, start=1):
        image = Image.new("RGB", (width, height), "white")
        draw = ImageDraw.Draw(image)
        for row in range(0, height, 14):
            draw.text((4, row), f"{name} {number}.{row} {text}", fill="black")
        path = target / f"page_{number:03d}.png"
        image.save(path)
        pages.append(page_file(path, width, height))
    write_manifest(target, pages, [f"{name} {number} {text}" for number in range(1, len(pages) + 1)])
    return tuple(pages)


def write_manifest(target: Path, pages: list[PageFile], texts: list[str]) -> None:
    entries = [
        {
            "file": page.path.name,
            "width_px": page.width_px,
            "height_px": page.height_px,
            "png_sha256": page.sha256,
            "text": text,
            "text_span": [0, len(text)],
        }
        for page, text in zip(pages, texts, strict=True)
    ]
    (target / "manifest.json").write_text(json.dumps({"version": 1, "pages": entries}))
