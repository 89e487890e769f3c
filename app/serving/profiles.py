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
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from app.paths import CONFIGS
from app.serving.errors import ProfileError, UnknownProfile
from app.serving.server_specs import (
    AUTO_CONTEXT,
    SPEC_OF_KIND,
    Device,
    ModelFacts,
    RemoteSpec,
    ServerKind,
    ServerRole,
    ServerSpec,
    VllmSpec,
    Yarn,
)

SERVERS_TOML = CONFIGS / "servers.toml"
_Named = TypeVar("_Named", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ServerProfile:
    name: str
    title: str
    about: str
    servers: tuple[ServerSpec, ...]

    @property
    def uses_gpu(self) -> bool:
        return any(isinstance(spec, VllmSpec) and spec.device is Device.GPU for spec in self.servers)

    @property
    def gpus_needed(self) -> int:
        """The highest GPU number named, plus one."""
        vllm = (spec for spec in self.servers if isinstance(spec, VllmSpec))
        return max((gpu + 1 for spec in vllm for gpu in spec.gpus), default=0)


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


def _substitute(value: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: environment.get(match[1]) or match[2] or "", value)
    if isinstance(value, dict):
        return {key: _substitute(item, environment) for key, item in value.items()}
    if isinstance(value, list):
        return [_substitute(item, environment) for item in value]
    return value


def _table(value: object, place: str) -> dict[str, Any]:
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
    "tensor_parallel_size": 1,
    "data_parallel_size": 1,
    "heads": 1,
    "kv_heads": 1,
    "min_model_len": 1,
    "kv_cache_gb": 0,
    "mm_cache_gb": 0,
    "keep_alive_s": 1,
}
_WORDS: dict[type, str] = {str: "a text in quotes", int: "a whole number", float: "a number", bool: "true or false"}


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
    if hint is Yarn:
        return "a table of settings"
    return _WORDS.get(hint, "a text in quotes") if isinstance(hint, type) else "a text in quotes"


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
    ports = [(spec.host, spec.port) for spec in servers if not isinstance(spec, RemoteSpec)]
    if len(set(ports)) != len(ports):
        raise ProfileError(f"{place}: both servers ask for port {ports[0][1]}; give each its own.")
    return ServerProfile(name, table.get("title", name), table.get("about", ""), servers)


def _server(item: object, models: Mapping[str, ModelFacts], place: str) -> ServerSpec:
    table = dict(_table(item, place))
    if "kind" not in table:
        raise ProfileError(f"{place}: the setting 'kind' is missing.")
    kind = _one_of(ServerKind, table.pop("kind"), "kind", place)
    made = SPEC_OF_KIND[kind]
    _read_switches(made, table)
    if made is VllmSpec and "model" not in table:
        raise ProfileError(f'{place}: a vLLM server needs model = "KEY" of a [models.KEY] table.')
    _checked(made, table, {"served_name"}, f'{place}, kind = "{kind}"')
    role = table["role"] = _one_of(ServerRole, table["role"], "role", place)
    if "device" in table:
        table["device"] = _one_of(Device, table["device"], "device", place)
    if "model" in table:
        if table["model"] not in models:
            raise ProfileError(f"{place}: there is no [models.{table['model']}]; there are: {', '.join(models)}.")
        table["model"] = models[table["model"]]
        table.setdefault("served_name", table["model"].served_name)
    for key in {"gpus", "extra_args"} & set(table):
        table[key] = tuple(table[key])
    spec = made(**{"served_name": "", **table, "name": table.get("name") or role.value})
    _check_server(spec, place)
    return spec


_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _read_switches(made: type, table: dict[str, Any]) -> None:
    """What the environment gives for a ${NAME} is a text: its words for true and false become them, in place."""
    for name, hint in get_type_hints(made).items():
        if hint is bool and isinstance(value := table.get(name), str):
            table[name] = _SWITCHES.get(value.strip().lower(), value)


def _one_of(kinds: type[_Named], value: object, name: str, place: str) -> _Named:
    """`value` as one of an enumeration's. Raises ProfileError that names them all."""
    known = [kind.value for kind in kinds]
    if not isinstance(value, str) or value not in known:
        raise ProfileError(f"{place}: {name} = {value!r} is none; {name} is {', '.join(known[:-1])} or {known[-1]}.")
    return kinds(value)


def _check_server(spec: ServerSpec, place: str) -> None:
    if not spec.served_name:
        raise ProfileError(f"{place}: served_name is missing: the model's name in requests.")
    if spec.dialect not in ("vllm", "plain"):
        raise ProfileError(f"{place}: dialect {spec.dialect!r} must be vllm or plain.")
    if isinstance(spec, RemoteSpec):
        return
    if not 1 <= spec.port <= 65535:
        raise ProfileError(f"{place}: port {spec.port} must lie between 1 and 65535.")
    if not isinstance(spec.max_model_len, int) and spec.max_model_len != AUTO_CONTEXT:
        raise ProfileError(f'{place}: max_model_len {spec.max_model_len!r} must be a number of tokens or "auto".')
    if isinstance(spec.max_model_len, int) and spec.max_model_len < 1:
        raise ProfileError(f"{place}: max_model_len {spec.max_model_len} must be at least 1.")
    if isinstance(spec, VllmSpec):
        _check_gpus(spec, place)


def _check_gpus(spec: VllmSpec, place: str) -> None:
    if spec.device is Device.GPU and not spec.gpus:
        raise ProfileError(f"{place}: name the GPUs it may use, as in gpus = [0].")
    if len(set(spec.gpus)) != len(spec.gpus):
        raise ProfileError(f"{place}: gpus = {list(spec.gpus)} names one twice.")
    _check_parallel(spec, place)


_PARALLEL_FLAGS = {
    "--tensor-parallel-size": "tensor_parallel_size",
    "-tp": "tensor_parallel_size",
    "--data-parallel-size": "data_parallel_size",
    "-dp": "data_parallel_size",
}


def _check_parallel(spec: VllmSpec, place: str) -> None:
    """vLLM tells what does not divide only after it has loaded; the memory plan must know it before."""
    for word in spec.extra_args:
        if setting := _PARALLEL_FLAGS.get(word.partition("=")[0].replace("_", "-")):
            raise ProfileError(
                f"{place}: {word} in extra_args is not seen by the memory plan; write {setting} = NUMBER instead."
            )
    copies, each = spec.data_parallel_size, spec.gpus_a_copy
    have = len(spec.gpus) if spec.device is Device.GPU else 1
    if copies * each != have:
        named = f"gpus = {list(spec.gpus)} names {have}" if spec.device is Device.GPU else "the CPU build takes one"
        raise ProfileError(
            f"{place}: data_parallel_size = {copies} times tensor_parallel_size = {each} makes {copies * each} GPUs, but "
            f"{named}."
        )
    for heads, whose in ((spec.model.heads, "attention heads"), (spec.model.kv_heads, "heads of keys and values")):
        even = not heads or heads % each == 0 or (whose != "attention heads" and each % heads == 0)
        if not even:
            raise ProfileError(
                f"{place}: {spec.model.key} has {heads} {whose}, which {each} GPUs cannot share evenly; choose another "
                "tensor_parallel_size."
            )
