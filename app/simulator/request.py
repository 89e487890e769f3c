"""A request's bytes in, a typed ChatRequest or TokenizeRequest out; whatever vLLM would refuse by form is refused here.

Knows nothing of tokens, images' contents or time. Fields that change nothing in a simulated answer (temperature, top_k,
stop_token_ids, …) are checked where vLLM checks them and otherwise ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from app.simulator.errors import InvalidRequest, MalformedBody

_MAX_SALT_CHARACTERS = 128
_NOT_IN_SALTS = "@/\\\0"


@dataclass(frozen=True, slots=True)
class TextPart:
    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    url: str | None  # None: nothing but a uuid was sent
    uuid: str | None


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    parts: tuple[TextPart | ImagePart, ...]

    @property
    def images(self) -> tuple[ImagePart, ...]:
        return tuple(part for part in self.parts if isinstance(part, ImagePart))

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class ChatRequest:
    model: str | None
    messages: tuple[Message, ...]
    thinking: bool
    max_tokens: int | None
    stream: bool
    include_usage: bool
    continuous_usage: bool
    include_reasoning: bool
    cache_salt: str
    return_progress: bool = False
    """llama.cpp's: say while the prompt is read how far that is. vLLM ignores it."""


@dataclass(frozen=True, slots=True)
class TokenizeRequest:
    model: str | None
    prompt: str | None  # either a prompt
    messages: tuple[Message, ...]  # or messages
    thinking: bool
    return_token_strs: bool


def parse_json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except UnicodeDecodeError as error:
        raise MalformedBody("There was an error parsing the body") from error
    except RecursionError as error:
        raise MalformedBody("There was an error parsing the body") from error
    except json.JSONDecodeError as error:
        raise MalformedBody.not_json(error.msg, error.pos) from error
    except ValueError as error:  # a number of thousands of digits
        raise MalformedBody("There was an error parsing the body") from error
    if not isinstance(data, dict):
        raise MalformedBody("1 validation error:\n  Input should be a valid dictionary", "body")
    return data


def parse_chat(data: dict[str, Any], max_model_len: int) -> ChatRequest:
    stream = _boolean(data, "stream")
    options = data.get("stream_options") or {}
    if not isinstance(options, dict):
        raise MalformedBody.mistyped("stream_options", "model_attributes_type", "a valid dictionary or object")
    if options and not stream:
        raise MalformedBody("Stream options can only be defined when `stream=True`.", "stream_options")
    include_usage = bool(options.get("include_usage"))
    _check_sampling(data)
    return ChatRequest(
        model=_string(data, "model"),
        messages=_messages(data),
        thinking=_thinking(data),
        max_tokens=_max_tokens(data, max_model_len),
        stream=stream,
        include_usage=include_usage,
        continuous_usage=include_usage and bool(options.get("continuous_usage_stats")),
        include_reasoning=data.get("include_reasoning") is not False,
        cache_salt=_cache_salt(data),
        return_progress=_boolean(data, "return_progress"),
    )


def parse_tokenize(data: dict[str, Any]) -> TokenizeRequest:
    if "prompt" not in data and "messages" not in data:
        raise MalformedBody.missing("prompt")
    chat = "messages" in data
    prompt = None if chat else _string(data, "prompt")
    if not chat and prompt is None:
        raise MalformedBody.mistyped("prompt", "string_type", "a valid string")
    return TokenizeRequest(
        model=_string(data, "model"),
        prompt=prompt,
        messages=_messages(data) if chat else (),
        thinking=_thinking(data),
        return_token_strs=bool(data.get("return_token_strs")),
    )


def _messages(data: dict[str, Any]) -> tuple[Message, ...]:
    if "messages" not in data:
        raise MalformedBody.missing("messages")
    messages = data["messages"]
    if not isinstance(messages, list):
        raise MalformedBody.mistyped("messages", "list_type", "a valid list")
    if not messages:
        raise InvalidRequest("No messages were given: messages is an empty list.", "messages")
    return tuple(_message(message, index) for index, message in enumerate(messages))


def _message(message: Any, index: int) -> Message:
    if not isinstance(message, dict):
        raise MalformedBody.mistyped(f"messages.{index}", "dict_type", "a valid dictionary")
    role = message.get("role")
    if role is None:
        raise MalformedBody.missing(f"messages.{index}.role")
    if not isinstance(role, str):
        raise MalformedBody.mistyped(f"messages.{index}.role", "string_type", "a valid string")
    content = message.get("content")
    if content is None:
        return Message(role, ())
    if isinstance(content, str):
        return Message(role, (TextPart(content),))
    if not isinstance(content, list):
        raise MalformedBody.mistyped(f"messages.{index}.content", "string_type", "a valid string")
    return Message(role, tuple(_part(part, f"messages.{index}.content.{place}") for place, part in enumerate(content)))


def _part(part: Any, where: str) -> TextPart | ImagePart:
    if isinstance(part, str):
        return TextPart(part)
    if not isinstance(part, dict):
        raise MalformedBody.mistyped(where, "dict_type", "a valid dictionary")
    kind = part.get("type")
    if kind in ("text", "input_text"):
        text = part.get("text")
        if not isinstance(text, str):
            raise MalformedBody.mistyped(f"{where}.text", "string_type", "a valid string")
        return TextPart(text)
    if kind in ("image_url", "input_image"):
        return _image_part(part, where)
    if kind is None:
        raise InvalidRequest("Missing 'type' field in multimodal part.", "type")
    raise InvalidRequest(f"Unknown part type: {kind}")


def _image_part(part: dict[str, Any], where: str) -> ImagePart:
    uuid = part.get("uuid")
    if uuid is not None and not isinstance(uuid, str):
        raise MalformedBody.mistyped(f"{where}.uuid", "string_type", "a valid string")
    # The key must be there even when only the uuid is sent: vLLM tells a part's kind and its content apart by it.
    if "image_url" not in part:
        raise MalformedBody.missing(f"{where}.image_url")
    image = part["image_url"]
    url = image.get("url") if isinstance(image, dict) else image
    if url is not None and not isinstance(url, str):
        raise MalformedBody.mistyped(f"{where}.image_url.url", "string_type", "a valid string")
    if not url and not uuid:
        raise InvalidRequest("image_url must have a url, or the part a uuid of an image sent before.")
    return ImagePart(url or None, uuid)


def _check_sampling(data: dict[str, Any]) -> None:
    temperature = _number(data, "temperature")
    if temperature is not None and temperature < 0:
        raise InvalidRequest(f"temperature must be non-negative, got {temperature}.", "temperature")
    top_p = _number(data, "top_p")
    if top_p is not None and not 0 < top_p <= 1:
        raise InvalidRequest(f"top_p must be in (0, 1], got {top_p}.", "top_p")
    repetition_penalty = _number(data, "repetition_penalty")
    if repetition_penalty is not None and repetition_penalty <= 0:
        raise InvalidRequest(
            f"repetition_penalty must be greater than zero, got {repetition_penalty}.", "repetition_penalty"
        )
    answers = _number(data, "n")
    if answers is not None and answers != 1:
        raise InvalidRequest(f"n={answers}: this simulator gives one answer a request; send n=1.", "n")


def _max_tokens(data: dict[str, Any], max_model_len: int) -> int | None:
    name = "max_completion_tokens" if data.get("max_completion_tokens") is not None else "max_tokens"
    value = _number(data, name)
    if value is None:
        return None
    if value != int(value):
        raise MalformedBody.mistyped(name, "int_from_float", "a valid integer, got a number with a fractional part")
    value = int(value)
    if value > max_model_len:
        raise InvalidRequest(
            f"{name}={value} cannot be greater than max_model_len={max_model_len}. Please request fewer output tokens.",
            name,
        )
    if value < 1:
        raise InvalidRequest(f"{name} must be at least 1, got {value}.", name)
    return value


def _thinking(data: dict[str, Any]) -> bool:
    options = data.get("chat_template_kwargs") or {}
    if not isinstance(options, dict):
        raise MalformedBody.mistyped("chat_template_kwargs", "dict_type", "a valid dictionary")
    return options.get("enable_thinking") is not False


def _cache_salt(data: dict[str, Any]) -> str:
    salt = data.get("cache_salt")
    if salt is None:
        return ""
    if not isinstance(salt, str) or not salt:
        raise MalformedBody("Parameter 'cache_salt' must be a non-empty string if provided.", "cache_salt")
    if len(salt) > _MAX_SALT_CHARACTERS or any(character in _NOT_IN_SALTS for character in salt):
        raise MalformedBody(
            "Parameter 'cache_salt' must be at most 128 characters and must not contain '@', '/', '\\\\', or NUL.",
            "cache_salt",
        )
    return salt


def _boolean(data: dict[str, Any], name: str) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise MalformedBody.mistyped(name, "bool_type", "a valid boolean")
    return bool(value)


def _string(data: dict[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedBody.mistyped(name, "string_type", "a valid string")
    return value


def _number(data: dict[str, Any], name: str) -> float | int | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) > 1e12:
        raise MalformedBody.mistyped(name, "number_type", "a valid number")
    return value
