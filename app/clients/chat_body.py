"""Turn a prompt and settings into the body of one chat request.

In: endpoint, prompt, sampling. Out: ChatRequest, its body ready as bytes. Knows nothing of connections.
Limits are checked here, before anything is sent. Raises NotSent errors.

Text side: one user message holds the document, then the question; earlier turns lie in between, so that a server's
prefix cache finds the same beginning again. Pages side: the same with image parts in place of the document, and behind them
the factsheet where there is one.
"""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.clients.errors import BodyTooLarge, PageUnreadable, TooManyPages
from app.clients.sent_images import ImageLedger, image_ledger
from app.clients.session_headers import document_id
from app.clients.values import (
    GLYPH_STOP_TOKEN_IDS,
    Dialect,
    Endpoint,
    PageFile,
    PagesPrompt,
    Prompt,
    Role,
    SamplingSettings,
    Transport,
)


class ImageForm(StrEnum):
    """How this body names its images, from the shortest to the fullest."""

    NONE = "none"
    REFERENCES = "references"
    FILES = "files"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request, ready to send. `encode_ms` is what making the body took."""

    prompt: Prompt = field(repr=False)
    sampling: SamplingSettings
    body: bytes = field(repr=False)
    image_form: ImageForm
    image_ids: tuple[str, ...] = field(repr=False)
    encode_ms: float
    salt: str | None = None
    document_id: str | None = None
    """Names the document to a router (session_headers.py); None: there is none."""


def build_chat_request(
    endpoint: Endpoint,
    prompt: Prompt,
    sampling: SamplingSettings,
    *,
    salt: str | None = None,
    ledger: ImageLedger | None = None,
) -> ChatRequest:
    """Make the shortest body that should work. `salt` keeps out of it what the server's caches hold of requests with another."""
    form = _shortest_form(endpoint, prompt, salt, ledger or image_ledger())
    return _request_in_form(endpoint, prompt, sampling, form, salt)


def fuller_request(endpoint: Endpoint, request: ChatRequest) -> ChatRequest | None:
    """The same request with its images in the next fuller form; None when they are in it already."""
    if not isinstance(request.prompt, PagesPrompt) or request.image_form in (ImageForm.NONE, ImageForm.DATA):
        return None
    if request.image_form is ImageForm.REFERENCES:
        form = _full_form(endpoint, request.prompt)
    else:
        form = ImageForm.DATA
    return _request_in_form(endpoint, request.prompt, request.sampling, form, request.salt)


def _request_in_form(
    endpoint: Endpoint, prompt: Prompt, sampling: SamplingSettings, form: ImageForm, salt: str | None
) -> ChatRequest:
    started = time.perf_counter()
    pages = prompt.pages if isinstance(prompt, PagesPrompt) else ()
    if len(pages) > endpoint.limits.max_images:
        raise TooManyPages(
            f"The book has {len(pages)} pages; one request to {endpoint.name} may hold {endpoint.limits.max_images}.",
            "Choose fewer chapters, a smaller font or a lower DPI, or raise the server's image limit.",
        )
    ids = _image_ids(pages, salt)
    # "replace": half a surrogate pair, kept from an answer or a broken file, must not end the conversation.
    payload = _payload(endpoint, prompt, sampling, form, ids, salt)
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    if len(body) > endpoint.limits.max_body_bytes:
        size, limit = len(body) / 1e6, endpoint.limits.max_body_bytes / 1e6
        raise BodyTooLarge(
            f"The request is {size:.1f} MB; {endpoint.name} takes {limit:.1f} MB.",
            "Choose fewer chapters or a lower DPI, or let the server read the pages' folder: then they stay here.",
        )
    encode_ms = (time.perf_counter() - started) * 1000
    return ChatRequest(prompt, sampling, body, form, ids, encode_ms, salt, document_id(prompt))


# --- which form -----------------------------------------------------------------------------------------------------


def _shortest_form(endpoint: Endpoint, prompt: Prompt, salt: str | None, ledger: ImageLedger) -> ImageForm:
    if not isinstance(prompt, PagesPrompt) or not prompt.pages:
        return ImageForm.NONE
    if ledger.takes_uuids(endpoint) and ledger.holds_all(endpoint, _image_ids(prompt.pages, salt)):
        return ImageForm.REFERENCES
    return _full_form(endpoint, prompt)


def _full_form(endpoint: Endpoint, prompt: PagesPrompt) -> ImageForm:
    if prompt.transport is not Transport.AUTO:
        return ImageForm.FILES if prompt.transport is Transport.FILE else ImageForm.DATA
    if endpoint.media_path is None or not endpoint.is_local:
        return ImageForm.DATA
    folder = endpoint.media_path.resolve()
    inside = all(page.path.resolve().is_relative_to(folder) for page in prompt.pages)
    return ImageForm.FILES if inside else ImageForm.DATA


def _image_ids(pages: tuple[PageFile, ...], salt: str | None) -> tuple[str, ...]:
    # vLLM keys its processor and encoder caches by the uuid where one is given, so a salted uuid defeats them as
    # cache_salt defeats the prefix cache, which alone leaves the encoder's warm.
    return tuple(page.sha256 if salt is None else f"{page.sha256}-{salt}" for page in pages)


# --- the body -------------------------------------------------------------------------------------------------------


def _payload(
    endpoint: Endpoint,
    prompt: Prompt,
    sampling: SamplingSettings,
    form: ImageForm,
    image_ids: tuple[str, ...],
    salt: str | None,
) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "model": endpoint.model,
        "messages": _system(sampling) + _messages(endpoint, prompt, form, image_ids),
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
    # llama.cpp's, ignored by vLLM: say how much of the prompt is read. Hosted servers may refuse what they do not know.
    if endpoint.dialect is Dialect.VLLM or endpoint.is_local:
        payload["return_progress"] = True
    if sampling.seed is not None:
        payload["seed"] = sampling.seed
    if endpoint.dialect is Dialect.VLLM:
        payload["stream_options"]["continuous_usage_stats"] = True
        payload["top_k"] = sampling.top_k
        payload["repetition_penalty"] = sampling.repetition_penalty
        payload["chat_template_kwargs"] = {"enable_thinking": sampling.thinking}
        if salt is not None:
            payload["cache_salt"] = salt
        if endpoint.role is Role.PAGES and sampling.glyph_extras:
            payload["skip_special_tokens"] = False
            payload["stop_token_ids"] = list(GLYPH_STOP_TOKEN_IDS)
    return payload


def _system(sampling: SamplingSettings) -> list[dict[str, Any]]:
    return [{"role": "system", "content": sampling.system_prompt}] if sampling.system_prompt else []


def _messages(endpoint: Endpoint, prompt: Prompt, form: ImageForm, image_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    questions = [*(turn.question for turn in prompt.history), prompt.question]
    if isinstance(prompt, PagesPrompt):
        parts = [
            _image_part(endpoint, page, image_id, form) for page, image_id in zip(prompt.pages, image_ids, strict=True)
        ]
        sheet = [{"type": "text", "text": prompt.factsheet}] if prompt.factsheet else []
        opening: Any = [*parts, *sheet, {"type": "text", "text": questions[0]}]
    else:
        opening = f"{prompt.document}\n\n{questions[0]}" if prompt.document else questions[0]
    messages: list[dict[str, Any]] = [{"role": "user", "content": opening}]
    for turn, question in zip(prompt.history, questions[1:], strict=True):
        messages.append({"role": "assistant", "content": turn.answer})
        messages.append({"role": "user", "content": question})
    return messages


def _image_part(endpoint: Endpoint, page: PageFile, image_id: str, form: ImageForm) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "image_url", "image_url": None}
    if form is ImageForm.FILES:
        part["image_url"] = {"url": page.path.resolve().as_uri()}
    elif form is ImageForm.DATA:
        part["image_url"] = {"url": f"data:image/png;base64,{_base64_of(page)}"}
    if endpoint.dialect is Dialect.VLLM:
        part["uuid"] = image_id
    return part


def _base64_of(page: PageFile) -> str:
    try:
        return base64.b64encode(page.path.read_bytes()).decode("ascii")
    except OSError as error:
        raise PageUnreadable(f"The page file {page.path.name} cannot be read: {error.strerror or error}.") from error
