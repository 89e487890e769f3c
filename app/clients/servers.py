"""Ask a server about itself: is it there, what does it serve, how long is a text in its tokens, can it forget.

In: an endpoint. Out: ServerState, counts, CacheReset. Knows nothing of chats that stream.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import httpx

from app.clients.auth import auth_headers, without_secrets
from app.clients.chat_body import ChatRequest, request_messages
from app.clients.connection import open_client
from app.clients.errors import ClientError, RequestRefused, ServerFailed
from app.clients.refusals import refusal, unreachable
from app.clients.values import CacheReset, Dialect, Endpoint, ServerState

SIMULATOR_OWNER = "simulator"
_UUIDS_SINCE = (0, 11)
_RESET_ROUTES = (
    ("prefix cache", "/reset_prefix_cache"),
    ("image processor cache", "/reset_mm_cache"),
    ("vision encoder cache", "/reset_encoder_cache"),
)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One entry of /v1/models. None: the server did not say."""

    model: str
    owner: str | None
    root: str | None
    max_model_len: int | None
    simulated_gpu: str | None = None
    """A simulator's word: whose times it plays."""
    simulated_speedup: float | None = None
    """A simulator's word: by what its waits are divided; 1 is the projected time."""


def probe(endpoint: Endpoint, timeout_s: float = 1.0) -> ServerState:
    """One quick look; never raises. All requests together keep to `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    try:
        with open_client(endpoint, timeout_s) as client:
            models = _models(endpoint, client, timeout_s)
            version = _version(endpoint, client, deadline - time.monotonic())
    except ClientError as error:
        return ServerState(reachable=False, detail=error.what_happened)
    return _state(endpoint, models, version)


def server_models(endpoint: Endpoint, timeout_s: float = 5.0) -> tuple[ModelInfo, ...]:
    """What it serves, with vLLM's extras. Raises ClientError."""
    with open_client(endpoint, timeout_s) as client:
        return _models(endpoint, client, timeout_s)


def count_tokens_on_server(endpoint: Endpoint, text: str, timeout_s: float = 30.0) -> int:
    """Tokens of a bare text by the server's own tokenizer, no chat template around it. Raises ClientError."""
    payload = {"model": endpoint.model, "prompt": text, "add_special_tokens": False}
    return _tokenize(endpoint, payload, timeout_s)


def count_request_on_server(endpoint: Endpoint, request: ChatRequest, timeout_s: float = 60.0) -> int:
    """Exact prompt tokens of a request, template and images included, without generating. Raises ClientError."""
    payload = {
        "model": endpoint.model,
        "messages": request_messages(endpoint, request),
        "add_generation_prompt": True,
        "chat_template_kwargs": {"enable_thinking": request.sampling.thinking},
    }
    return _tokenize(endpoint, payload, timeout_s)


def reset_caches(endpoint: Endpoint, timeout_s: float = 5.0) -> CacheReset:
    """Empty all caches of a vLLM in development mode; never raises. Where the routes are missing, it says so."""
    if endpoint.dialect is not Dialect.VLLM:
        return CacheReset(False, (), "A hosted server's caches cannot be emptied; whether it was warm is not known.")
    emptied: list[str] = []
    trouble = ""
    try:
        with open_client(endpoint, timeout_s) as client:
            for name, route in _RESET_ROUTES:
                response = client.post(f"{endpoint.server_root}{route}", headers=auth_headers(endpoint))
                if response.is_success:
                    emptied.append(name)
                else:
                    trouble = trouble or f"HTTP {response.status_code}"
    except (httpx.HTTPError, OSError) as error:
        trouble = type(error).__name__
    except ClientError as error:
        trouble = error.what_happened
    if len(emptied) == len(_RESET_ROUTES):
        return CacheReset(True, tuple(emptied), "All three caches were emptied before asking.")
    left = [name for name, _ in _RESET_ROUTES if name not in emptied]
    detail = (
        f"The server did not empty its {', '.join(left)} ({trouble}); "
        "that needs VLLM_SERVER_DEV_MODE=1 when it is started."
    )
    return CacheReset(False, tuple(emptied), detail)


# --- the requests ---------------------------------------------------------------------------------------------------


def _models(endpoint: Endpoint, client: httpx.Client, timeout_s: float) -> tuple[ModelInfo, ...]:
    value = _json(endpoint, client, "GET", f"{endpoint.api_base}/models", None, timeout_s)
    entries = value.get("data") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise ServerFailed(f"{endpoint.name} answers, but not like a model server: it lists no models.")
    return tuple(_model_info(entry) for entry in entries if isinstance(entry, dict) and entry.get("id"))


def _model_info(entry: dict[str, Any]) -> ModelInfo:
    length = entry.get("max_model_len")
    said = entry.get("simulator")
    said = said if isinstance(said, dict) else {}
    gpu, speedup = said.get("gpu_name"), said.get("speedup")
    return ModelInfo(
        model=str(entry["id"]),
        owner=entry.get("owned_by"),
        root=entry.get("root"),
        max_model_len=length if isinstance(length, int) and length > 0 else None,
        simulated_gpu=gpu if isinstance(gpu, str) else None,
        simulated_speedup=float(speedup) if isinstance(speedup, (int, float)) and speedup > 0 else None,
    )


def _version(endpoint: Endpoint, client: httpx.Client, timeout_s: float) -> str | None:
    """vLLM's version; None where the route is not there or time is up. Nothing depends on it but a hint."""
    if endpoint.dialect is not Dialect.VLLM or timeout_s <= 0:
        return None
    try:
        value = _json(endpoint, client, "GET", f"{endpoint.server_root}/version", None, timeout_s)
    except ClientError:
        return None
    version = value.get("version") if isinstance(value, dict) else None
    return version if isinstance(version, str) else None


def _tokenize(endpoint: Endpoint, payload: dict[str, Any], timeout_s: float) -> int:
    if endpoint.dialect is not Dialect.VLLM:
        raise RequestRefused(f"{endpoint.name} has no route for counting tokens.", "Rely on the offline count instead.")
    with open_client(endpoint, timeout_s) as client:
        value = _json(endpoint, client, "POST", f"{endpoint.server_root}/tokenize", payload, timeout_s)
    count = value.get("count") if isinstance(value, dict) else None
    if not isinstance(count, int):
        raise ServerFailed(f"{endpoint.name} answered the count without a number.")
    return count


def _json(
    endpoint: Endpoint, client: httpx.Client, method: str, url: str, payload: dict[str, Any] | None, timeout_s: float
) -> Any:
    body = None if payload is None else json.dumps(payload, ensure_ascii=False).encode()
    headers = auth_headers(endpoint) | ({} if body is None else {"Content-Type": "application/json"})
    try:
        response = client.request(method, url, content=body, headers=headers, timeout=timeout_s)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        connected = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
        raise unreachable(endpoint, error, connected=connected, heard=False) from error
    if response.status_code != 200:
        raise refusal(endpoint, response.status_code, response.content)
    try:
        return response.json()
    except ValueError as error:
        text = without_secrets(endpoint, response.text[:80])
        raise ServerFailed(f"{endpoint.name} answered something that is no JSON: {text!r}.") from error


def _state(endpoint: Endpoint, models: tuple[ModelInfo, ...], version: str | None) -> ServerState:
    chosen = next((info for info in models if info.model == endpoint.model), None)
    shown = chosen or (models[0] if models else None)
    if shown is None:
        return ServerState(reachable=False, detail=f"{endpoint.name} answers but serves no model.", version=version)
    simulated = shown.owner == SIMULATOR_OWNER
    kind = "simulator" if simulated else (f"vLLM {version}" if version else "server")
    window = f", window {shown.max_model_len:,} tokens" if shown.max_model_len else ""
    if chosen is None:
        names = ", ".join(info.model for info in models[:5])
        detail = f"The {kind} answers, but serves {names}, not {endpoint.model}."
    else:
        detail = f"The {kind} serves {shown.model}{window}.{_simulated_times(shown) if simulated else ''}"
    return ServerState(
        reachable=True,
        detail=detail,
        model=shown.model,
        root_model=shown.root,
        max_model_len=shown.max_model_len,
        simulated=simulated,
        simulated_gpu=shown.simulated_gpu if simulated else None,
        simulated_speedup=shown.simulated_speedup if simulated else None,
        models=tuple(info.model for info in models),
        version=version,
        asked_model_served=chosen is not None,
        takes_image_uuids=simulated or _takes_uuids(version),
    )


def _simulated_times(info: ModelInfo) -> str:
    """Whose times a simulator plays, as far as it says."""
    if info.simulated_gpu is None:
        return ""
    return f" Its times are projected for {info.simulated_gpu}{speedup_words(info.simulated_speedup)}."


def speedup_words(speedup: float | None) -> str:
    """ ", then made 40× faster" where a simulator does not take the projected time; "" where it does."""
    if speedup is None or speedup == 1:
        return ""
    return f", then made {speedup:g}× faster" if speedup > 1 else f", then made {1 / speedup:g}× slower"


def _takes_uuids(version: str | None) -> bool:
    numbers = (version or "").split(".")[:2]
    if len(numbers) < 2 or not all(number.isdecimal() for number in numbers):
        return False
    return (int(numbers[0]), int(numbers[1])) >= _UUIDS_SINCE
