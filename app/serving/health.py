"""Ask a server how it is: /health and /v1/models, in a second or less.

In: an address. Out: frozen answers; nothing raises. Every question is bounded in bytes and, as a whole, in time; no
redirect is followed. The one place of this package that speaks HTTP, by app.outbound.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from app.outbound import (
    Answer,
    Fault,
    KeyUnusable,
    Trouble,
    api_base,
    ask,
    auth_headers,
    clean_text,
    parse_json,
    whole_of,
)
from app.serving.server_specs import LocalSpec, SimulatorSpec

_MAX_MODELS = 1000
_MAX_NAME = 200


class Health(Enum):
    UP = "up"
    REFUSED = "refused"  # nothing listens: loading, or gone
    SICK = "sick"  # 5xx: the engine behind it died
    SILENT = "silent"  # it listens but did not answer in time
    DENIED = "denied"  # 401 or 403: the key
    REDIRECTED = "redirects to another address"
    WRONG = "no model server"  # it answers, but lists no models: a web page, another protocol, a broken certificate
    EMPTY = "a router with no server of this model behind it"  # its model list lacks the model
    NO_KEY = "the key's variable holds no key"  # what no header may carry: nothing was asked


@dataclass(frozen=True, slots=True)
class ServedModel:
    name: str
    max_model_len: int | None
    simulated: bool


def check_health(base_url: str, timeout_s: float = 1.0) -> Health:
    """vLLM's and the simulator's /health. An answer of 404 is a server of another kind, but one that is up."""
    return _health(_get(base_url, f"{base_url}/health", timeout_s, None))


def check_remote(base_url: str, api_key_env: str | None, timeout_s: float = 5.0, *, model: str | None = None) -> Health:
    """A hosted endpoint has no /health: its model list stands for it, so it must be one.

    `model`: what a router must list to be up. It answers, and its /health is 200, with nothing behind it too.
    """
    answer = _get(base_url, f"{api_base(base_url)}/models", timeout_s, api_key_env)
    health = _health(answer)
    if health is not Health.UP or not isinstance(answer, Answer):
        return health
    entries = _entries(answer) if answer.status == 200 else None
    if entries is None:
        return Health.WRONG
    listed = model is None or any(isinstance(entry, dict) and entry.get("id") == model for entry in entries)
    return Health.UP if listed else Health.EMPTY


def served_models(base_url: str, timeout_s: float = 1.0, api_key_env: str | None = None) -> tuple[ServedModel, ...]:
    """Empty when nothing answers, or what answers is no OpenAI-compatible server."""
    answer = _get(base_url, f"{api_base(base_url)}/models", timeout_s, api_key_env)
    entries = _entries(answer) if isinstance(answer, Answer) and answer.status == 200 else None
    return tuple(
        ServedModel(
            clean_text(entry["id"], _MAX_NAME),
            whole_of(entry.get("max_model_len")) or None,
            entry.get("owned_by") == "simulator",
        )
        for entry in (entries or ())[:_MAX_MODELS]
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    )


def adoptable(spec: LocalSpec, timeout_s: float = 1.0) -> ServedModel | None:
    """The running server that may stand for `spec`: its model under its name. A simulator stands for nothing, not even for
    another: whose it is is not known, and it reads its own starter's pages."""
    if isinstance(spec, SimulatorSpec):
        return None
    for model in served_models(spec.url, timeout_s):
        if model.name == spec.served_name and not model.simulated:
            return model
    return None


def _health(answer: Answer | Health) -> Health:
    if isinstance(answer, Health):
        return answer
    if answer.status in (401, 403):
        return Health.DENIED
    if 300 <= answer.status < 400:
        return Health.REDIRECTED
    return Health.SICK if answer.status >= 500 else Health.UP


def _entries(answer: Answer) -> list | None:
    """The list of models; None when the answer is none."""
    try:
        value = parse_json(answer.body)
    except ValueError:
        return None
    entries = value.get("data") if isinstance(value, dict) else None
    return entries if isinstance(entries, list) else None


def _get(base_url: str, url: str, timeout_s: float, api_key_env: str | None) -> Answer | Health:
    try:
        return ask("GET", url, auth_headers(api_key_env, base_url), timeout_s=timeout_s)
    except KeyUnusable:
        return Health.NO_KEY
    except Trouble as trouble:
        if trouble.fault in (Fault.SILENT, Fault.CONNECT_TIMED_OUT):
            return Health.SILENT
        nobody = trouble.fault in (Fault.REFUSED, Fault.UNKNOWN_HOST, Fault.CLOSED)
        return Health.REFUSED if nobody else Health.WRONG
