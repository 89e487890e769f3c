"""Make the next request a cold start: the server's caches emptied, or a salt that keeps them from matching. And the salt by which
a conversation's first request is cold and its next ones are warm.

In: an endpoint, or a conversation's key. Out: a ColdStart, or a salt; it never raises. Knows nothing of prompts.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from app.clients.sent_images import ImageLedger
from app.clients.servers import reset_caches
from app.clients.values import Dialect, Endpoint, Role

_REFUSED = "The server refused a cache salt and was asked without one, so what anybody asked before counts as read."


@dataclass(frozen=True, slots=True)
class ColdStart:
    """`salt` goes into the request; None: none is needed, or none is understood. `complete`: all caches were emptied.

    `reset`: what came of emptying them, in a sentence; "": nobody tried. `note`: that, and what is sent instead.
    """

    salt: str | None
    complete: bool
    note: str
    reset: str = ""

    def without_salt(self) -> ColdStart:
        """What is left of it where the server refused the salt."""
        return ColdStart(None, False, f"{self.reset} {_REFUSED}".lstrip(), self.reset)


def make_cold(endpoint: Endpoint, ledger: ImageLedger) -> ColdStart:
    """Empty the server's caches, or give the salt that keeps them out; the note tells which."""
    reset = reset_caches(endpoint)
    ledger.forget(endpoint)
    if reset.complete or endpoint.dialect is not Dialect.VLLM:
        return ColdStart(None, reset.complete, reset.detail, reset.detail)
    sent = (
        "A cache salt was sent instead, which keeps every cache from matching."
        if endpoint.role is Role.TEXT
        else "A cache salt and fresh image ids were sent instead, which keep every cache from matching."
    )
    return ColdStart(fresh_salt(), False, f"{reset.detail} {sent}", reset.detail)


def salted(endpoint: Endpoint, salt: str | None) -> ColdStart:
    """The start of a request that shares its caches with those of the same salt only, if with any."""
    return ColdStart(salt if endpoint.dialect is Dialect.VLLM else None, False, "")


def fresh_salt() -> str:
    return secrets.token_hex(8)


def salt_of(conversation: str) -> str:
    """The salt that a conversation's requests share: what others asked is no part of its caches, its own questions are.

    `conversation`: its key, which opens it in the app; a hash goes to the servers, from which the key cannot be had.
    """
    return hashlib.sha256(f"caches of {conversation}".encode()).hexdigest()[:16]
