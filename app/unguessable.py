"""Keys that cannot be guessed, for addresses and for parts of the screen: whoever has one may read what it names."""

from __future__ import annotations

import secrets

_BYTES = 24


def unguessable_key() -> str:
    """A new key of 192 random bits: hex digits only, so it holds nothing that an address or a component's key gives a meaning to."""
    return secrets.token_hex(_BYTES)
