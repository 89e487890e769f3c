"""What a request can be refused with, in vLLM's own shapes. The client is the one who sees these, as JSON.

WireError               {"error": {"message", "type", "param", "code"}} with its HTTP status
├── InvalidRequest      400  vLLM's own checks: context length, sampling fields, images (type BadRequestError)
├── MalformedBody       400  the body's form: no JSON, missing or mistyped fields (type "Bad Request", pydantic's words)
├── UnknownModel        404
├── ServerFault         500  what vLLM answers when it meets an exception that it did not expect (a missing file)
├── NotSupported        501
└── EngineDead          500  the (simulated) engine has crashed

SimulatorOptionError    a wrong command-line option or failure description; shown by scripts/simulate.py

Messages are scrubbed of absolute paths and memory addresses before they are sent, as vLLM scrubs them.
"""

from __future__ import annotations

import re
from typing import Any


class SimulatorOptionError(ValueError):
    """Shown to whoever starts the simulator, or sends it an x-simulate-failure header."""


class WireError(Exception):
    status = 400
    kind = "BadRequestError"

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param

    def body(self) -> dict[str, Any]:
        return error_body(self.message, self.kind, self.status, self.param)


class InvalidRequest(WireError):
    pass


class MalformedBody(WireError):
    kind = "Bad Request"

    @classmethod
    def missing(cls, field: str) -> MalformedBody:
        return cls._validation("missing", field, "Field required")

    @classmethod
    def mistyped(cls, field: str, kind: str, expected: str) -> MalformedBody:
        return cls._validation(kind, field, f"Input should be {expected}")

    @classmethod
    def not_json(cls, detail: str, position: int) -> MalformedBody:
        return cls._validation("json_invalid", str(position), f"JSON decode error ({detail})")

    @classmethod
    def _validation(cls, kind: str, field: str, message: str) -> MalformedBody:
        location = f"body.{field}"
        shown = {"type": kind, "loc": location, "msg": message}
        return cls(f"1 validation error:\n  {shown}", location)


class UnknownModel(WireError):
    status = 404
    kind = "NotFoundError"

    def __init__(self, asked: str, served: str) -> None:
        super().__init__(f"The model `{asked}` does not exist. Valid aliases: {served}.", "model")


class BodyTooLarge(WireError):
    """The simulator's own limit: vLLM has none."""

    status = 413
    kind = "Request Entity Too Large"


class ServerFault(WireError):
    status = 500
    kind = "InternalServerError"


class NotSupported(WireError):
    status = 501
    kind = "NotImplementedError"


class EngineDead(ServerFault):
    def __init__(self) -> None:
        super().__init__("EngineCore encountered an issue. See stack trace (above) for the root cause.")


def error_body(message: str, kind: str, status: int, param: str | None = None) -> dict[str, Any]:
    return {"error": {"message": scrubbed(message), "type": kind, "param": param, "code": status}}


_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+>")
_SYSTEM_PATH = re.compile(r"/(?:home|usr|opt|var|tmp|root|lib|mnt|srv)(?:/[\w.\-]+)+")
_FILE_PATH = re.compile(r"(?:/[\w\-]+)+/[\w\-]+\.\w+")


def scrubbed(message: str) -> str:
    """As vLLM 0.32 shows a message: without memory addresses and absolute paths."""
    return _FILE_PATH.sub("<path>", _SYSTEM_PATH.sub("<path>", _ADDRESS.sub(">", message))).strip()
