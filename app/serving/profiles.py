"""Read configs/servers.toml: model facts and profiles of servers.

In: a TOML file and the environment (for ${NAME} in texts). Out: frozen values. Knows nothing of this
machine's hardware, of command lines or of processes.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

from app.outbound import THIS_MACHINE
from app.paths import CONFIGS
from app.serving.errors import ProfileError, UnknownProfile

SERVERS_TOML = CONFIGS / "servers.toml"
AUTO_CONTEXT = "auto"
VLLM_MAX_IMAGES = 999  # vLLM's own default for images in one prompt


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

    @property
    def local_path(self) -> Path | None:
        """The folder `id` means, whether it exists or not; None for a Hugging Face name."""
        looks_local = self.id.startswith(("/", "./", "../", "~")) or Path(self.id).is_dir()
        return Path(self.id).expanduser() if looks_local else None


@dataclass(frozen=True, slots=True)
class ServerSpec:
    """One server of a profile, as written: settings, not yet a command line."""

    role: ServerRole
    kind: ServerKind
    served_name: str
    model: ModelFacts | None = None  # vLLM only
    name: str = ""  # shown to people; the role's name when not given
    host: str = "127.0.0.1"
    port: int = 0
    device: Device = Device.GPU
    gpus: tuple[int, ...] = ()
    max_model_len: int | str = AUTO_CONTEXT
    min_model_len: int = 4096
    dtype: str = "auto"
    kv_cache_gb: float = 0.0  # CPU only: what VLLM_CPU_KVCACHE_SPACE is set to
    mm_cache_gb: float | None = None  # None: vLLM's own default
    keep_alive_s: int = (
        10  # a comment line is sent after this long without a token, so that nothing in between gives up
    )
    dev_mode: bool = True  # cache resets for cold measurements; only ever on loopback
    base_url: str = ""  # remote only
    api_key_env: str | None = None  # the variable's name, never the key
    dialect: str = "vllm"  # "plain": a server that takes OpenAI's own fields only
    extra_args: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash or version."""
        if self.kind is ServerKind.REMOTE:
            return self.base_url.rstrip("/")
        return f"http://{self.host}:{self.port}"

    @property
    def on_loopback(self) -> bool:
        return self.host in THIS_MACHINE

    @property
    def wanted_context(self) -> int:
        """Tokens the memory plan reckons with: the number written, or the model's own limit."""
        if isinstance(self.max_model_len, int):
            return self.max_model_len
        return self.model.native_context if self.model else 131_072


@dataclass(frozen=True, slots=True)
class ServerProfile:
    name: str
    title: str
    about: str
    servers: tuple[ServerSpec, ...]

    @property
    def uses_gpu(self) -> bool:
        return any(spec.kind is ServerKind.VLLM and spec.device is Device.GPU for spec in self.servers)

    @property
    def gpus_needed(self) -> int:
        """The highest GPU number named, plus one."""
        return max((gpu + 1 for spec in self.servers for gpu in spec.gpus), default=0)


def load_profiles(
    path: Path = SERVERS_TOML, environment: Mapping[str, str] | None = None
) -> Mapping[str, ServerProfile]:
    """Every profile of the file by name, in its order. Raises ProfileError naming the place that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"The servers' settings {path} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{path} is not valid TOML: {error}.") from error
    data = _substitute(data, os.environ if environment is None else environment)
    tables = _table(data.get("models", {}), f"{path}, [models]")
    models = {key: _model(key, table, path) for key, table in tables.items()}
    profiles = _table(data.get("profiles", {}), f"{path}, [profiles]")
    if not profiles:
        raise ProfileError(f"{path} names no profiles; it needs at least one [profiles.NAME].")
    return {name: _profile(name, table, models, path) for name, table in profiles.items()}


def load_profile(name: str, path: Path = SERVERS_TOML, environment: Mapping[str, str] | None = None) -> ServerProfile:
    profiles = load_profiles(path, environment)
    if name not in profiles:
        raise UnknownProfile(f"There is no profile '{name}' in {path}; there are: {', '.join(profiles)}.")
    return profiles[name]


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def _substitute(value, environment: Mapping[str, str]):
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: environment.get(match[1]) or match[2] or "", value)
    if isinstance(value, dict):
        return {key: _substitute(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, environment) for item in value]
    return value


def _table(value: object, place: str) -> dict:
    if not isinstance(value, dict):
        raise ProfileError(f"{place}: {value!r} must be a table of settings.")
    return value


def _checked(kind: type, table: object, given: set[str], place: str) -> None:
    """Names, presence, types and least values of a table's settings, so that none fails later without a place."""
    table = _table(table, place)
    known = {field.name for field in fields(kind)}
    unknown = sorted(set(table) - known)
    if unknown:
        raise ProfileError(f"{place}: '{unknown[0]}' is not a setting; there are: {', '.join(sorted(known - given))}.")
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    missing = sorted(required - set(table) - given)
    if missing:
        raise ProfileError(f"{place}: the setting '{missing[0]}' is missing.")
    hints = get_type_hints(kind)
    for name, value in table.items():
        if not _fits(value, hints[name]):
            raise ProfileError(f"{place}: {name} = {value!r} must be {_in_words(hints[name])}.")
        if name in _LEAST and min(value if isinstance(value, list) else [value], default=_LEAST[name]) < _LEAST[name]:
            raise ProfileError(f"{place}: {name} = {value!r} must be at least {_LEAST[name]:g}.")


# The least value of a number, or of each number in a list. A model's sizes are divided by: none may be nothing.
_LEAST = {
    "weights_gb": 0.001,
    "kv_bytes_per_token": 1,
    "working_gb": 0,
    "native_context": 1,
    "rope_theta": 1,
    "original_context": 1,
    "gpus": 0,
    "min_model_len": 1,
    "kv_cache_gb": 0,
    "mm_cache_gb": 0,
    "keep_alive_s": 1,
}
_WORDS = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


def _fits(value: object, hint: object) -> bool:
    """Whether what TOML gave can become a field of this type. Tables and names of models are looked up later."""
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(_fits(item, get_args(hint)[0]) for item in value)
    if hint is Yarn:
        return isinstance(value, dict)
    if hint in (int, float):
        return isinstance(value, int | hint) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, bool if hint is bool else str)


def _in_words(hint: object) -> str:
    if isinstance(hint, UnionType):
        return " or ".join(_in_words(one) for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is tuple:
        return f"a list, each {_in_words(get_args(hint)[0])}"
    return "a table of settings" if hint is Yarn else _WORDS.get(hint, "a text in quotes")


def _model(key: str, table: dict, path: Path) -> ModelFacts:
    place = f"{path}, [models.{key}]"
    _checked(ModelFacts, table, {"key"}, place)
    table = dict(table)
    if "yarn" in table:
        _checked(Yarn, table["yarn"], set(), f"{place}, yarn")
        table["yarn"] = Yarn(**table["yarn"])
    return ModelFacts(key=key, **table)


def _profile(name: str, table: dict, models: Mapping[str, ModelFacts], path: Path) -> ServerProfile:
    place = f"{path}, [profiles.{name}]"
    listed = _table(table, place).get("servers", [])
    if not isinstance(listed, list):
        raise ProfileError(f"{place}: servers must be written as [[profiles.{name}.servers]].")
    servers = tuple(_server(item, models, f"{place}, server {i + 1}") for i, item in enumerate(listed))
    if not servers:
        raise ProfileError(f"{place}: it needs at least one [[profiles.{name}.servers]].")
    roles = [spec.role for spec in servers]
    if len(set(roles)) != len(roles):
        raise ProfileError(f"{place}: each role may appear once, but these are there: {', '.join(roles)}.")
    ports = [(spec.host, spec.port) for spec in servers if spec.kind is not ServerKind.REMOTE]
    if len(set(ports)) != len(ports):
        raise ProfileError(f"{place}: both servers ask for port {ports[0][1]}; give each its own.")
    return ServerProfile(name, table.get("title", name), table.get("about", ""), servers)


def _server(table: dict, models: Mapping[str, ModelFacts], place: str) -> ServerSpec:
    _checked(ServerSpec, table, {"served_name"}, place)
    values = dict(table)
    try:
        values["role"] = ServerRole(table["role"])
        values["kind"] = ServerKind(table["kind"])
        values["device"] = Device(table.get("device", Device.GPU))
    except ValueError as error:
        raise ProfileError(
            f"{place}: {error}; role is text or pages, kind is vllm, simulator or remote, device is gpu or cpu."
        ) from error
    if "model" in table:
        if table["model"] not in models:
            raise ProfileError(f"{place}: there is no [models.{table['model']}]; there are: {', '.join(models)}.")
        values["model"] = models[table["model"]]
        values.setdefault("served_name", values["model"].served_name)
    for key in ("gpus", "extra_args"):
        values[key] = tuple(table.get(key, ()))
    spec = ServerSpec(**{"served_name": "", "name": "", **values})
    _check_server(spec, place)
    return spec if spec.name else replace(spec, name=spec.role.value)


def _check_server(spec: ServerSpec, place: str) -> None:
    if spec.kind is ServerKind.VLLM and spec.model is None:
        raise ProfileError(f'{place}: a vLLM server needs model = "KEY" of a [models.KEY] table.')
    if spec.kind is not ServerKind.REMOTE and not 1 <= spec.port <= 65535:
        raise ProfileError(f"{place}: port {spec.port} must lie between 1 and 65535.")
    if not isinstance(spec.max_model_len, int) and spec.max_model_len != AUTO_CONTEXT:
        raise ProfileError(f'{place}: max_model_len {spec.max_model_len!r} must be a number of tokens or "auto".')
    if isinstance(spec.max_model_len, int) and spec.max_model_len < 1:
        raise ProfileError(f"{place}: max_model_len {spec.max_model_len} must be at least 1.")
    if spec.kind is ServerKind.VLLM and spec.device is Device.GPU and not spec.gpus:
        raise ProfileError(f"{place}: name the GPUs it may use, as in gpus = [0].")
    if len(set(spec.gpus)) != len(spec.gpus):
        raise ProfileError(f"{place}: gpus = {list(spec.gpus)} names one twice.")
    if not spec.served_name:
        raise ProfileError(f"{place}: served_name is missing: the model's name in requests.")
    if spec.dialect not in ("vllm", "plain"):
        raise ProfileError(f"{place}: dialect {spec.dialect!r} must be vllm or plain.")
