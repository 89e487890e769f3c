"""Read an API key where it is needed, and keep it out of everything else.

In: the NAME of an environment variable. Out: a header, or a text with the secrets cut out. Nothing is stored.
An unset variable means that no key is sent: whether one is needed only the server knows, and it says so with 401.
"""

from __future__ import annotations

import os
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from app.outbound.addresses import password_in


class KeyUnusable(Exception):
    """The variable holds what no HTTP header may carry; told before anything is sent. Never holds the value."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(f"The value of {variable} cannot be a key: it holds characters no HTTP header may carry.")


def key_in(variable: str | None) -> str | None:
    """The key's value, read at every call; None when no variable is named or it is unset or blank. Raises KeyUnusable."""
    key = os.environ.get(variable, "").strip() if variable else ""
    if not key:
        return None
    if not key.isascii() or not key.isprintable():
        raise KeyUnusable(variable or "")
    return key


def bearer_headers(variable: str | None) -> dict[str, str]:
    """The header that carries the key; none at all when there is no key. Raises KeyUnusable."""
    key = key_in(variable)
    return {} if key is None else {"Authorization": f"Bearer {key}"}


def without_secrets(text: str, variable: str | None, url: str = "") -> str:
    """A server may quote what it was sent; no message of ours does: neither the key nor the address's password."""
    key = os.environ.get(variable, "").strip() if variable else ""
    password = password_in(url) or ""
    secrets = [(key, "[key]")]
    if password:
        user = urlsplit(url).username or ""
        basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        secrets += [(basic, "[password]"), (password, "[password]"), (unquote(password), "[password]")]
    for secret, shown in secrets:
        text = text.replace(secret, shown) if secret else text
    return text
