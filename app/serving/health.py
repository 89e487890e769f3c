"""Ask a server how it is: /health and /v1/models, in a second or less.

In: an address. Out: frozen answers; nothing raises. The one place of this package that speaks HTTP. Addresses
on this machine are asked directly, whatever proxies the environment names.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from app.serving.profiles import ServerKind, ServerSpec

_MAX_ANSWER_BYTES = 1 << 20
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_PROXIED = urllib.request.build_opener()


class Health(Enum):
    UP = "up"
    REFUSED = "refused"  # nothing listens: loading, or gone
    SICK = "sick"  # 503: the engine behind it died
    SILENT = "silent"  # it listens but did not answer in time
    DENIED = "denied"  # 401 or 403: the key


@dataclass(frozen=True, slots=True)
class ServedModel:
    name: str
    max_model_len: int | None
    simulated: bool


def check_health(base_url: str, timeout_s: float = 1.0) -> Health:
    """vLLM's and the simulator's /health. An answer of 404 is a server of another kind, but one that is up."""
    return _health(_get(f"{base_url}/health", timeout_s, None)[0])


def check_remote(base_url: str, api_key_env: str | None, timeout_s: float = 5.0) -> Health:
    """A hosted endpoint has no /health: its model list stands for it."""
    return _health(_get(f"{_with_version(base_url)}/models", timeout_s, api_key_env)[0])


def served_models(base_url: str, timeout_s: float = 1.0, api_key_env: str | None = None) -> tuple[ServedModel, ...]:
    """Empty when nothing answers, or what answers is no OpenAI-compatible server."""
    status, body = _get(f"{_with_version(base_url)}/models", timeout_s, api_key_env)
    if status != 200:
        return ()
    try:
        entries = json.loads(body)["data"]
        return tuple(
            ServedModel(str(entry["id"]), entry.get("max_model_len"), entry.get("owned_by") == "simulator")
            for entry in entries
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def adoptable(spec: ServerSpec, timeout_s: float = 1.0) -> ServedModel | None:
    """The running server that may stand for `spec`: its model under its name. A simulator never stands for vLLM."""
    for model in served_models(spec.url, timeout_s):
        if model.name == spec.served_name and model.simulated == (spec.kind is ServerKind.SIMULATOR):
            return model
    return None


def _with_version(base_url: str) -> str:
    trimmed = base_url.rstrip("/")
    return trimmed if urlsplit(trimmed).path else f"{trimmed}/v1"


def _health(status: int | Health) -> Health:
    if isinstance(status, Health):
        return status
    if status in (401, 403):
        return Health.DENIED
    return Health.SICK if status >= 500 else Health.UP


def _get(url: str, timeout_s: float, api_key_env: str | None) -> tuple[int | Health, bytes]:
    headers = {"Accept": "application/json"}
    if api_key_env and os.environ.get(api_key_env):
        headers["Authorization"] = f"Bearer {os.environ[api_key_env]}"
    opener = _DIRECT if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1") else _PROXIED
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=timeout_s) as answer:
            return answer.status, answer.read(_MAX_ANSWER_BYTES)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, b""
    except urllib.error.URLError as error:
        timed_out = isinstance(error.reason, TimeoutError)
        return (Health.SILENT if timed_out else Health.REFUSED), b""
    except TimeoutError:
        return Health.SILENT, b""
    except (OSError, ValueError):
        return Health.REFUSED, b""
