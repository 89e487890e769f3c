"""Addresses of servers: where their API hangs, and how they are shown without the password they may hold.

In: a base URL as somebody wrote it. Out: texts. Nothing raises: what is no address comes back as a sentence.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_MAX_SHOWN = 200


def api_base(base_url: str) -> str:
    """Where /chat/completions and /models hang: the given path, or /v1 when none was given. Without user and password:
    those travel in a header (see keys.py), since libraries write addresses into logs and errors."""
    parts = _parts(base_url.rstrip("/"))
    if parts is None:
        return base_url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], path=parts.path or "/v1"))


def is_this_machine(url: str) -> bool:
    parts = _parts(url)
    return parts is not None and (parts.hostname or "") in THIS_MACHINE


def shown_address(url: str) -> str:
    """The address for people: no user name, no password, no query (which may hold a key), no control characters."""
    parts = _parts(url)
    if parts is None:
        return "(an address that cannot be read)"
    host = parts.netloc.rpartition("@")[2]
    shown = urlunsplit((parts.scheme, host, parts.path, "", ""))
    shown = "".join(character if character.isprintable() else "?" for character in shown)
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"


def kept_address(url: str) -> str:
    """The address as a file may hold it: no user, no password, no query (which may hold a key). Of one that cannot be read nothing
    is left but what stands behind its login."""
    parts = _parts(url)
    if parts is None or not parts.netloc or "@" in parts.query + parts.fragment:  # such as a password with a "?"
        behind = url.rpartition("@")[2].partition("://")[2] or url.rpartition("@")[2]
        return behind.partition("?")[0].partition("#")[0]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def login_in(url: str) -> tuple[str, str] | None:
    """User and password as they stand in the address, still quoted; None when there are none."""
    parts = _parts(url)
    return (parts.username or "", parts.password or "") if parts is not None and "@" in parts.netloc else None


def address_problem(url: str) -> str | None:
    """What is wrong with a base URL, to follow "the address …"; None when requests can go there."""
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return "is no http:// or https:// address"
    if parts.query or parts.fragment:
        return "ends in a query or a fragment, and requests hang their own paths on it"
    return None


def redirect_target(asked: str, location: str) -> str:
    """Where a redirect points, whole and fit to be shown; "" when it does not say."""
    try:
        return shown_address(urljoin(asked, location)) if location else ""
    except ValueError:
        return ""


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname  # these raise for a port that is no number
    except ValueError:
        return None
    return parts
