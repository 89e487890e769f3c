"""One server of a profile, as written: settings, not yet a command line. A kind of server is a type of its own.

In: nothing. Out: frozen values, each with the settings its kind has and no others. Knows nothing of files, of this machine's
hardware or of processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from app.outbound import THIS_MACHINE

AUTO_CONTEXT = "auto"
VLLM_MAX_IMAGES = 999  # vLLM's own default for images in one prompt
DEFAULT_CONTEXT = 131_072  # of a simulator whose context is left to it


class ServerRole(StrEnum):
    TEXT = "text"
    PAGES = "pages"


class ServerKind(StrEnum):
    VLLM = "vllm"  # started here, by us
    SIMULATOR = "simulator"  # started here, by us
    REMOTE = "remote"  # runs elsewhere; only asked


class Device(StrEnum):
    GPU = "gpu"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Yarn:
    """How a Qwen model is stretched beyond its own context."""

    rope_theta: int
    original_context: int


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the memory plan and the command line need to know of a model. Sizes in 10^9 bytes."""

    key: str
    id: str  # Hugging Face name or local folder
    served_name: str
    weights_gb: float
    kv_bytes_per_token: int
    working_gb: float
    native_context: int
    reasoning_parser: str = ""
    yarn: Yarn | None = None
    heads: int = 0  # attention heads; 0: not known
    kv_heads: int = 0  # of keys and values; 0: not known, and taken to be split without rest

    @property
    def local_path(self) -> Path | None:
        """The folder `id` means, whether it exists or not; None for a Hugging Face name."""
        looks_local = self.id.startswith(("/", "./", "../", "~")) or Path(self.id).is_dir()
        return Path(self.id).expanduser() if looks_local else None

    def kv_bytes_per_gpu(self, gpus: int) -> float:
        """Of one token on each of `gpus` that share the model: heads are dealt out whole, and repeated once there are fewer
        of them than GPUs (vLLM: ModelConfig.get_num_kv_heads)."""
        return self.kv_bytes_per_token / (min(gpus, self.kv_heads) if self.kv_heads else gpus)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What is known of every server, wherever it runs."""

    role: ServerRole
    served_name: str
    name: str = ""  # shown to people; the role's name when not given
    api_key_env: str | None = None  # the variable's name, never the key
    dialect: str = "vllm"  # "plain": a server that takes OpenAI's own fields only


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteSpec(_Asked):
    """A server that runs elsewhere and is only asked."""

    kind: ClassVar[ServerKind] = ServerKind.REMOTE

    base_url: str = ""
    behind_router: bool = False
    """Several servers answer at this address: healthy is what lists the model, and nothing of one is taken for all."""

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash or version."""
        return self.base_url.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Started(_Asked):
    """A server that we start on this machine."""

    host: str = "127.0.0.1"
    port: int = 0
    max_model_len: int | str = AUTO_CONTEXT
    extra_args: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash or version."""
        return f"http://{self.host}:{self.port}"

    @property
    def on_loopback(self) -> bool:
        return self.host in THIS_MACHINE


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSpec(_Started):
    kind: ClassVar[ServerKind] = ServerKind.SIMULATOR

    @property
    def wanted_context(self) -> int:
        """Tokens it is to take: the number written, or its own default."""
        return self.max_model_len if isinstance(self.max_model_len, int) else DEFAULT_CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class VllmSpec(_Started):
    kind: ClassVar[ServerKind] = ServerKind.VLLM

    model: ModelFacts
    device: Device = Device.GPU
    gpus: tuple[int, ...] = ()
    tensor_parallel_size: int = 0  # GPUs that share one copy of the model; 0: all that its copies leave it
    data_parallel_size: int = 1  # copies of the model behind the one address, each with GPUs of its own
    min_model_len: int = 4096
    dtype: str = "auto"
    kv_cache_gb: float = 0.0  # CPU only: what VLLM_CPU_KVCACHE_SPACE is set to
    mm_cache_gb: float | None = None  # None: vLLM's own default
    keep_alive_s: int = 10  # a comment line after this long without a token, so that nothing in between gives up
    dev_mode: bool = True  # cache resets for cold measurements; only ever on loopback

    @property
    def wanted_context(self) -> int:
        """Tokens the memory plan reckons with: the number written, or the model's own limit."""
        return self.max_model_len if isinstance(self.max_model_len, int) else self.model.native_context

    @property
    def gpus_a_copy(self) -> int:
        """Over how many GPUs each copy of the model is split; 1 on the CPU."""
        return self.tensor_parallel_size or max(1, len(self.gpus) // self.data_parallel_size)


LocalSpec = VllmSpec | SimulatorSpec
ServerSpec = LocalSpec | RemoteSpec
SPEC_OF_KIND: dict[ServerKind, type[VllmSpec] | type[SimulatorSpec] | type[RemoteSpec]] = {
    spec.kind: spec for spec in (VllmSpec, SimulatorSpec, RemoteSpec)
}
