"""Read an API key where it is needed, and keep it out of everything else.

In: an endpoint that names an environment variable. Out: a header, or a text with the key cut out. Nothing is stored.
"""

from __future__ import annotations

import os

from app.clients.errors import ApiKeyMissing
from app.clients.values import Endpoint


def api_key(endpoint: Endpoint) -> str | None:
    """The key's value, read at every call; None when the endpoint needs none. Raises ApiKeyMissing."""
    if not endpoint.api_key_env:
        return None
    key = os.environ.get(endpoint.api_key_env, "").strip()
    if not key:
        raise ApiKeyMissing(
            f"{endpoint.name} needs a key, and the environment variable {endpoint.api_key_env} is not set.",
            f"Set {endpoint.api_key_env} in the shell and start the app again.",
        )
    if not key.isascii() or not key.isprintable():
        raise ApiKeyMissing(
            f"The value of {endpoint.api_key_env} cannot be a key: it holds characters no HTTP header may carry.",
            f"Set {endpoint.api_key_env} again, without quotation marks or line breaks, and start the app again.",
        )
    return key


def auth_headers(endpoint: Endpoint) -> dict[str, str]:
    key = api_key(endpoint)
    return {} if key is None else {"Authorization": f"Bearer {key}"}


def without_secrets(endpoint: Endpoint, text: str) -> str:
    """A server may quote the key it was sent; no message of ours does."""
    key = os.environ.get(endpoint.api_key_env or "", "").strip()
    return text.replace(key, "[key]") if key else text
