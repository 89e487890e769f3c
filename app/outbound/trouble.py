"""Name what goes wrong below HTTP: one Fault for each thing a person would do something different about.

In: an exception of httpx, ssl or the socket, and how far the exchange had come. Out: a Trouble. Says no sentences.
The texts matched here are OpenSSL 3's and h11's.
"""

from __future__ import annotations

import re
import socket
import ssl
from enum import StrEnum
from urllib.parse import urlsplit

import httpx

_ASK_S = 1.0
_TLS_ALERT = r"\x15\x03"  # how h11's message shows the first bytes of a TLS alert


class Fault(StrEnum):
    REFUSED = "refused"
    """Nothing listens there."""
    CONNECT_TIMED_OUT = "connect timed out"
    UNKNOWN_HOST = "unknown host"
    BAD_ADDRESS = "bad address"
    SILENT = "silent"
    """It listens, and did not finish its answer in time."""
    SEND_TIMED_OUT = "send timed out"
    CLOSED = "closed"
    """The connection was closed before the answer was whole."""
    NOT_HTTP = "not http"
    PLAIN_BEHIND_HTTPS = "plain behind https"
    """https:// was asked of a port that speaks no TLS."""
    TLS_BEHIND_HTTP = "tls behind http"
    """http:// was asked of a port that speaks TLS."""
    CERTIFICATE = "certificate"
    """The server's certificate is not trusted here; the detail says why."""
    TLS = "tls"
    TOO_LARGE = "too large"
    PACKED = "packed"
    """Compressed in a way that was not asked for and is not read."""
    CERTIFICATES_UNREADABLE = "certificates unreadable"
    """SSL_CERT_FILE or SSL_CERT_DIR names what cannot be read."""


class Trouble(Exception):
    """`detail` is the library's or the server's word, short; "" where the fault says all."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        self.fault, self.detail = fault, detail
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)


def trouble_of(error: Exception, url: str, *, connected: bool, answered: bool = False) -> Trouble:
    """The fault behind an error. `connected`: the connection stood; `answered`: a status line had arrived.

    A port that hung up without a word is asked once more, without anything of ours, what it speaks; that takes at most
    2 × _ASK_S.
    """
    if isinstance(error, Trouble):
        return error
    if isinstance(error, httpx.ConnectTimeout):
        return Trouble(Fault.CONNECT_TIMED_OUT)
    if isinstance(error, (httpx.ReadTimeout, httpx.PoolTimeout)):
        return Trouble(Fault.SILENT)
    if isinstance(error, httpx.WriteTimeout):
        return Trouble(Fault.SEND_TIMED_OUT)
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)):
        return Trouble(Fault.BAD_ADDRESS)
    words = str(error)
    lowered = words.lower()
    if not connected:
        unknown = ("name or service", "nodename", "name resolution", "getaddrinfo", "no address")
        return Trouble(Fault.UNKNOWN_HOST if any(part in lowered for part in unknown) else Fault.REFUSED)
    if not answered and url.startswith("https://") and isinstance(error, httpx.ConnectError):
        return _tls_trouble(error, words, url)
    if isinstance(error, httpx.RemoteProtocolError) and not answered and "disconnected" not in lowered:
        return Trouble(Fault.TLS_BEHIND_HTTP) if _TLS_ALERT in words else Trouble(Fault.NOT_HTTP, _first_bytes(words))
    if not answered and url.startswith("http://"):
        return _spoken_instead(url)
    return Trouble(Fault.CLOSED)


def _tls_trouble(error: Exception, words: str, url: str) -> Trouble:
    """Why no handshake came about, though the connection stood."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Trouble(Fault.CERTIFICATE, cause.verify_message or "")
        cause = cause.__cause__ or cause.__context__
    plain = ("WRONG_VERSION_NUMBER", "WRONG VERSION", "RECORD LAYER FAILURE", "HTTP_REQUEST")
    if any(part in words.upper() for part in plain) or _greeting(url).startswith(b"HTTP/"):
        return Trouble(Fault.PLAIN_BEHIND_HTTPS)
    found = re.search(r"\[SSL[^\]]{0,80}\] ?([^(]{0,120})", words)
    return Trouble(Fault.TLS, found[1].strip() if found else "")


def _first_bytes(words: str) -> str:
    """What stood in place of the status line, from h11's message."""
    found = re.search(r"bytearray\(b['\"](.{0,40})", words)
    return found[1].rstrip("')\"") if found else ""


def _spoken_instead(url: str) -> Trouble:
    greeting = _greeting(url)
    if greeting.startswith(b"\x15\x03") or (not greeting and _speaks_tls(url)):
        return Trouble(Fault.TLS_BEHIND_HTTP)
    if greeting and not greeting.startswith(b"HTTP/"):
        return Trouble(Fault.NOT_HTTP, repr(greeting)[2:-1])
    return Trouble(Fault.CLOSED)


def _greeting(url: str) -> bytes:
    """The first bytes that a port answers to the shortest HTTP request there is; none when it hangs up or is silent."""
    try:
        with _connected(url) as plain:
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return plain.recv(40)
    except (OSError, ValueError):
        return b""


def _speaks_tls(url: str) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is sent: only whether a handshake comes about is asked
    try:
        with _connected(url) as plain, context.wrap_socket(plain):
            return True
    except (OSError, ValueError):
        return False


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = socket.create_connection((parts.hostname or "", port), _ASK_S)
    connection.settimeout(_ASK_S)
    return connection
