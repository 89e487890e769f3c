"""A web page saved as one file (MHTML, RFC 2557) in, the page itself out: bytes of HTML and the encoding its part names.

Pictures and style sheets in the other parts are passed over; nothing is fetched.
"""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message

from .errors import BookDamaged, BookUnsafe

_MOST_BOUNDARIES = 10_000


def page_of_mhtml(data: bytes, filename: str) -> tuple[bytes, str | None]:
    """The first page of the message: HTML, else plain text."""
    if data.count(b"boundary=") > 50 or data.count(b"\n--") > _MOST_BOUNDARIES:
        raise BookUnsafe(f"'{filename}' nests its parts without end; it is not opened.")
    message = message_from_bytes(data.lstrip(b"\r\n \t\xef\xbb\xbf"))
    parts = [part for part in message.walk() if not part.is_multipart()]
    for kind in ("text/html", "application/xhtml+xml", "text/plain"):
        for part in parts:
            if part.get_content_type() == kind and (page := _content(part)).strip():
                return page, _charset(part)
    raise BookDamaged(f"'{filename}' is no whole web page: none of its parts is HTML; save the page again.")


def _content(part: Message) -> bytes:
    """The bytes of one part, its transfer encoding undone."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Message) -> str | None:
    name = part.get_content_charset()
    return name if name and name.isascii() and len(name) < 40 else None
