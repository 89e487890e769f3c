"""Ask a server about itself: is it there, what does it serve, how long is a text in its tokens, can it forget.

In: an endpoint. Out: ServerState, counts, CacheReset. Every question is bounded in bytes and, as a whole, in time.
Knows nothing of chats that stream.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.clients.errors import ClientError, RequestRefused, ServerFailed, SilenceTimedOut
from app.clients.pace import is_hurried
from app.clients.reaching import check_address, key_headers, unreachable
from app.clients.refusals import page_words, quoted, refusal
from app.clients.session_headers import session_headers, text_id
from app.clients.values import CacheReset, Dialect, Endpoint, ServerState
from app.outbound import LOOK_BYTES, Answer, Fault, Trouble, ask, clean_text, number_of, parse_json, whole_of

SIMULATOR_OWNER = "simulator"
MAX_COUNT_BYTES = 8 * 1024 * 1024  # /tokenize lists every token beside their count
_MAX_MODELS = 1000
_MAX_NAME = 200
# The count as a field of the outermost object, before the list of tokens: then that need not be fetched.
_COUNT_FIRST = re.compile(rb'\s*\{[^\[\]{}]{0,300}"count"\s*:\s*(\d{1,12})\s*[,}]')
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
    max_model_len: int | None
    simulated_gpu: str | None = None
    """A simulator's word: whose times it plays."""
    simulated_speedup: float | None = None
    """A simulator's word: by what its waits are divided; 1 is the projected time."""


def probe(endpoint: Endpoint, timeout_s: float = 1.0, last: ServerState | None = None) -> ServerState:
    """One quick look; never raises. All requests together keep to `timeout_s`; only finding a host's name,
    and asking a port that hung up what it speaks, may take longer.

    `last` is what the look before told: a version that is known is not asked for again while the server stays up.
    """
    deadline = time.monotonic() + timeout_s
    try:
        models = _models(endpoint, timeout_s)
        version = last.version if last is not None and last.reachable else None
        version = version or _version(endpoint, deadline - time.monotonic())
    except ClientError as error:
        return ServerState(reachable=False, detail=error.what_happened)
    return _state(endpoint, models, version)


def identified(endpoint: Endpoint, timeout_s: float) -> tuple[Endpoint, ServerState]:
    """The endpoint with what its server says of itself: the model that is served where none was named, and whether it is a simulator."""
    state = probe(endpoint, timeout_s)
    if not state.reachable:
        return endpoint, state
    known = replace(
        endpoint,
        model=endpoint.model or state.model or "",
        simulated=endpoint.simulated or state.simulated,
        simulated_gpu=state.simulated_gpu,
        simulated_speedup=state.simulated_speedup,
    )
    return known, state


def count_tokens_on_server(endpoint: Endpoint, text: str, timeout_s: float = 30.0) -> int:
    """Tokens of a bare text by the server's own tokenizer, no chat template around it. Raises ClientError."""
    if endpoint.dialect is not Dialect.VLLM:
        raise RequestRefused(f"{endpoint.name} has no route for counting tokens.", "Rely on the offline count instead.")
    if endpoint.behind_router:
        raise RequestRefused(
            f"{endpoint.name} stands behind a router: one server's count would not speak for all.",
            "Rely on the offline count instead.",
        )
    payload = {"model": endpoint.model, "prompt": text, "add_special_tokens": False}
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    url = f"{endpoint.server_root}/tokenize"
    answer = _ask(endpoint, "POST", url, timeout_s, body, MAX_COUNT_BYTES, _says_count, text_id(text))
    if found := _COUNT_FIRST.match(answer.body):
        return int(found[1])
    value = _value(endpoint, answer)
    count = value.get("count") if isinstance(value, dict) else None
    if not isinstance(count, int) or whole_of(count) is None:
        raise ServerFailed(f"{endpoint.name} answered the count without a number.")
    return count


def _says_count(head: bytes) -> bool:
    return bool(_COUNT_FIRST.match(head))


def reset_caches(endpoint: Endpoint, timeout_s: float = 5.0) -> CacheReset:
    """Empty all caches of a vLLM in development mode; never raises. Where the routes are missing, it says so."""
    if endpoint.dialect is not Dialect.VLLM:
        return CacheReset(False, (), "A hosted server's caches cannot be emptied; whether it was warm is not known.")
    if not endpoint.has_one_cache:
        where = (
            "behind a router" if endpoint.behind_router else f"with {endpoint.data_parallel_size} copies of its model"
        )
        return CacheReset(False, (), f"{endpoint.name} runs {where}: emptying caches would reach one of them only.")
    emptied: list[str] = []
    trouble = ""
    try:
        for name, route in _RESET_ROUTES:
            answer = _exchange(endpoint, "POST", f"{endpoint.server_root}{route}", timeout_s)
            if answer.status // 100 == 2:
                emptied.append(name)
            else:
                trouble = trouble or f"HTTP {answer.status}"
    except ClientError as error:
        trouble = error.what_happened.rstrip(".")
    if len(emptied) == len(_RESET_ROUTES):
        return CacheReset(True, tuple(emptied), "All three caches were emptied before asking.")
    left = [name for name, _ in _RESET_ROUTES if name not in emptied]
    detail = (
        f"The server did not empty its {', '.join(left)} ({trouble}); "
        "that needs VLLM_SERVER_DEV_MODE=1 when it is started."
    )
    return CacheReset(False, tuple(emptied), detail)


# --- the requests ---------------------------------------------------------------------------------------------------


def _models(endpoint: Endpoint, timeout_s: float) -> tuple[ModelInfo, ...]:
    value = _value(endpoint, _ask(endpoint, "GET", f"{endpoint.api_base}/models", timeout_s))
    entries = value.get("data") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise ServerFailed(f"{endpoint.name} answers, but not like a model server: it lists no models.")
    named = (entry for entry in entries[:_MAX_MODELS] if isinstance(entry, dict))
    return tuple(_model_info(entry) for entry in named if isinstance(entry.get("id"), str) and entry["id"])


def _model_info(entry: dict[str, Any]) -> ModelInfo:
    said = entry.get("simulator")
    said = said if isinstance(said, dict) else {}
    owner, gpu, speedup = entry.get("owned_by"), said.get("gpu_name"), number_of(said.get("speedup"))
    return ModelInfo(
        # A name is compared as it stands; only a hostile one is changed by this.
        model=clean_text(entry["id"], _MAX_NAME),
        owner=owner if isinstance(owner, str) else None,
        max_model_len=whole_of(entry.get("max_model_len")) or None,
        simulated_gpu=clean_text(gpu, _MAX_NAME) if isinstance(gpu, str) else None,
        simulated_speedup=speedup if speedup is not None and speedup > 0 else None,
    )


def _version(endpoint: Endpoint, timeout_s: float) -> str | None:
    """vLLM's version; None where the route is not there, is one replica's, or time is up. Only hints depend on it."""
    if endpoint.dialect is not Dialect.VLLM or endpoint.behind_router or timeout_s <= 0:
        return None
    try:
        value = _value(endpoint, _ask(endpoint, "GET", f"{endpoint.server_root}/version", timeout_s))
    except ClientError:
        return None
    version = value.get("version") if isinstance(value, dict) else None
    return clean_text(version, 40) if isinstance(version, str) else None


def _ask(
    endpoint: Endpoint,
    method: str,
    url: str,
    timeout_s: float,
    body: bytes | None = None,
    max_bytes: int = LOOK_BYTES,
    enough: Callable[[bytes], bool] | None = None,
    document: str | None = None,
) -> Answer:
    answer = _exchange(endpoint, method, url, timeout_s, body, max_bytes, enough, document)
    if answer.status != 200:
        raise refusal(endpoint, answer)
    return answer


def _exchange(
    endpoint: Endpoint,
    method: str,
    url: str,
    timeout_s: float,
    body: bytes | None = None,
    max_bytes: int = LOOK_BYTES,
    enough: Callable[[bytes], bool] | None = None,
    document: str | None = None,
) -> Answer:
    """An answer of any status. Raises ClientError."""
    check_address(endpoint)
    content = {} if body is None else {"Content-Type": "application/json"}
    headers = key_headers(endpoint) | content | session_headers(endpoint, document)
    try:
        return ask(method, url, headers, body, timeout_s=timeout_s, max_bytes=max_bytes, enough=enough)
    except Trouble as trouble:
        if trouble.fault is Fault.SILENT:
            raise SilenceTimedOut(
                f"{endpoint.name} ({endpoint.shown_address}) did not finish its answer within {timeout_s:g} s."
            ) from trouble
        raise unreachable(endpoint, trouble) from trouble


def _value(endpoint: Endpoint, answer: Answer) -> Any:
    try:
        return parse_json(answer.body)
    except ValueError as error:
        text = answer.body[:4000].decode("utf-8", "replace")
        words = page_words(text)
        if words or text.lstrip().startswith("<"):
            happened = f"{endpoint.name} ({endpoint.shown_address}) answers with a web page"
            to_do = "Its address is a web site's, or a login stands before it: correct it in configs/servers.toml."
            raise ServerFailed(happened + quoted(endpoint, words), to_do) from error
        raise ServerFailed(
            f"{endpoint.name} answered something that is no JSON{quoted(endpoint, text[:80])}"
        ) from error


def _state(endpoint: Endpoint, models: tuple[ModelInfo, ...], version: str | None) -> ServerState:
    chosen = next((info for info in models if info.model == endpoint.model), None)
    shown = chosen or (models[0] if models else None)
    if endpoint.behind_router and endpoint.model and chosen is None:
        return ServerState(reachable=False, detail=_no_replica(endpoint, models))
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
        max_model_len=shown.max_model_len,
        simulated=simulated,
        simulated_gpu=shown.simulated_gpu if simulated else None,
        simulated_speedup=shown.simulated_speedup if simulated else None,
        version=version,
        asked_model_served=chosen is not None,
    )


def _no_replica(endpoint: Endpoint, models: tuple[ModelInfo, ...]) -> str:
    """A router answers whether or not anything stands behind it: only its list of models says that something does."""
    listed = f"lists {', '.join(info.model for info in models[:5])}" if models else "lists no model"
    return f"The router of {endpoint.name} answers and {listed}: no server of {endpoint.model} is up behind it."


def _simulated_times(info: ModelInfo) -> str:
    """Whose times a simulator plays, as far as it says."""
    if info.simulated_gpu is None:
        return ""
    return f" Its times are projected for {info.simulated_gpu}{speedup_words(info.simulated_speedup)}."


def speedup_words(speedup: float | None) -> str:
    """ ", then made 40× faster" where a simulator does not take the projected time; "" where it does."""
    if speedup is None or not is_hurried(speedup):
        return ""
    return f", then made {speedup:g}× faster" if speedup > 1 else f", then made {1 / speedup:g}× slower"
