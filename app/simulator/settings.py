"""What one simulated server is told at its start: one frozen value, checked. Knows nothing of sockets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.projection import DEFAULT_GPU, GLYPH, QWEN3_8B, Gpu, ModelShape
from app.simulator.errors import SimulatorOptionError
from app.simulator.failures import Failure


class ServerRole(StrEnum):
    TEXT = "text"
    PAGES = "pages"


class Reader(StrEnum):
    """What the pages role quotes: the manifest's text, or what an OCR program reads on the pictures."""

    MANIFEST = "manifest"
    OCR = "ocr"


DEFAULT_MODELS = {ServerRole.TEXT: "Qwen/Qwen3-8B", ServerRole.PAGES: "zai-org/Glyph"}
SHAPES = {ServerRole.TEXT: QWEN3_8B, ServerRole.PAGES: GLYPH}
MAX_BODY_BYTES = 256 * 1024 * 1024
MAX_IMAGES = 999  # vLLM's default limit


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    role: ServerRole
    port: int
    host: str = "127.0.0.1"
    model: str = ""  # empty: the role's default
    speedup: float = 1.0  # all simulated waits are divided by this
    gpu: Gpu = DEFAULT_GPU
    pages_dir: Path | None = None  # vLLM's --allowed-local-media-path, and where manifests are looked for
    max_model_len: int = 131_072
    failures: tuple[Failure, ...] = ()
    keep_alive_seconds: float = 0.0  # 0: no keep-alive lines, vLLM's default
    reader: Reader = Reader.MANIFEST
    max_images: int = MAX_IMAGES
    max_body_bytes: int = MAX_BODY_BYTES

    def __post_init__(self) -> None:
        if not self.model:
            object.__setattr__(self, "model", DEFAULT_MODELS[self.role])
        if self.pages_dir is not None:
            object.__setattr__(self, "pages_dir", Path(self.pages_dir).resolve())
        if not 0 < self.speedup < math.inf:
            raise SimulatorOptionError(f"--speedup {self.speedup} must be a number above 0; 1 is real time.")
        if self.max_model_len < 1:
            raise SimulatorOptionError(f"--max-model-len {self.max_model_len} must be at least 1.")
        if not 0 <= self.port <= 65535:
            raise SimulatorOptionError(f"--port {self.port} must lie between 0 and 65535; 0 takes a free one.")
        if not 0 <= self.keep_alive_seconds < math.inf:
            raise SimulatorOptionError(f"--keep-alive {self.keep_alive_seconds} must be a number, 0 (none) or above.")

    @property
    def shape(self) -> ModelShape:
        return SHAPES[self.role]
