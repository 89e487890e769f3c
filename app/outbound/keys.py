"""Read an API key where it is needed, and keep it out of everything else.

In: the NAME of an environment variable. Out: a header, or a text with the secrets cut out. Nothing is stored.
An unset variable means that no key is sent: whether one is needed only the server knows, and it says so with 401.
"""

from __future__ import annotations

import os
from base64 import b64encode
from urllib.parse import unquote

from app.outbound.addresses import login_in


class KeyUnusable(Exception):
    """The variable holds what no HTTP header may carry; told before anything is sent. Never holds the value."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(f"The value of {variable} cannot be a key: it holds characters no HTTP header may carry.")


def key_is_set(variable: str | None) -> bool:
    """Whether a key is there to be sent; what it is, nobody needs to know."""
    return bool(variable and os.environ.get(variable, "").strip())


def key_in(variable: str | None) -> str | None:
    """The key's value, read at every call; None when no variable is named or it is unset or blank. Raises KeyUnusable."""
    key = os.environ.get(variable, "").strip() if variable else ""
    if not key:
        return None
    if not key.isascii() or not key.isprintable():
        raise KeyUnusable(variable or "")
    return key


def auth_headers(variable: str | None, url: str = "") -> dict[str, str]:
    """The header that carries the key, or the login that stands in the address; none at all when there is neither.

    Raises KeyUnusable.
    """
    key, login = key_in(variable), login_in(url)
    if login is not None:
        return {"Authorization": f"Basic {_basic(*login)}"}
    return {} if key is None else {"Authorization": f"Bearer {key}"}


def without_secrets(text: str, variable: str | None, url: str = "") -> str:
    """A server may quote what it was sent; no message of ours does: neither the key nor the address's password."""
    key = os.environ.get(variable, "").strip() if variable else ""
    user, password = login_in(url) or ("", "")
    secrets = [(key, "[key]")]
    if password:
        secrets += [(form, "[password]") for form in (_basic(user, password), password, unquote(password))]
    for secret, shown in secrets:
        text = text.replace(secret, shown) if secret else text
    return text


def _basic(user: str, password: str) -> str:
    return b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
