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
from app.clients.values import Dialect, Endpoint


@dataclass(frozen=True, slots=True)
class ColdStart:
    """`salt` goes into the request; None: none is needed, or none is understood. `complete`: all caches were emptied."""

    salt: str | None
    complete: bool
    note: str


def make_cold(endpoint: Endpoint, ledger: ImageLedger) -> ColdStart:
    """Empty the server's caches, or give the salt that keeps them out; the note tells which."""
    reset = reset_caches(endpoint)
    ledger.forget(endpoint)
    if reset.complete or endpoint.dialect is not Dialect.VLLM:
        return ColdStart(None, reset.complete, reset.detail)
    note = f"{reset.detail} A cache salt and fresh image ids were sent instead, which keep every cache from matching."
    return ColdStart(fresh_salt(), False, note)


def fresh_salt() -> str:
    return secrets.token_hex(8)


def salt_of(conversation: str) -> str:
    """The salt that a conversation's requests share: what others asked is no part of its caches, its own questions are.

    `conversation`: its key, which opens it in the app; a hash goes to the servers, from which the key cannot be had.
    """
    return hashlib.sha256(f"caches of {conversation}".encode()).hexdigest()[:16]
