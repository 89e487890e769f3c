"""Put words to what went wrong below HTTP: one typed error for each fault of the connection.

In: a Trouble and the endpoint. Out: a ClientError. The address is shown without the password it may hold.
"""

from __future__ import annotations

from app.clients import errors
from app.clients.errors import ClientError
from app.clients.values import Endpoint
from app.outbound import Fault, KeyUnusable, Trouble, address_problem, auth_headers, clean_text

_MAX_DETAIL = 100
_IN_SETTINGS = "configs/servers.toml"


def key_headers(endpoint: Endpoint) -> dict[str, str]:
    """The header with the endpoint's key; none when no key is set. Raises ApiKeyUnusable."""
    try:
        return auth_headers(endpoint.api_key_env, endpoint.base_url)
    except KeyUnusable as error:
        raise errors.ApiKeyUnusable(
            str(error), f"Set {error.variable} again, without quotation marks or line breaks, and start the app again."
        ) from error


def check_address(endpoint: Endpoint) -> None:
    """Raises AddressWrong before anything is sent."""
    problem = address_problem(endpoint.base_url)
    if problem:
        raise errors.AddressWrong(
            f"The address {endpoint.shown_address!r} of {endpoint.name} {problem}.",
            f"Correct it in {_IN_SETTINGS}, as in http://127.0.0.1:8001 or https://host/v1.",
        )


def unreachable(endpoint: Endpoint, trouble: Trouble, *, heard: bool = False) -> ClientError:
    """`heard`: HTTP 200 had arrived, so what failed is the answer."""
    name, where = endpoint.name, f"{endpoint.name} ({endpoint.shown_address})"
    detail = clean_text(trouble.detail, _MAX_DETAIL)
    match trouble.fault:
        case Fault.CONNECT_TIMED_OUT:
            return errors.ConnectTimedOut(f"{where} did not answer the connection in time.")
        case Fault.SILENT:
            return errors.SilenceTimedOut(
                f"{name} has said nothing for too long, and the wait was given up.",
                "Look on the Servers screen whether it still works on the request; press Try again to ask once more.",
            )
        case Fault.SEND_TIMED_OUT:
            return errors.StreamEnded(f"{name} stopped taking the request while it was being sent.")
        case Fault.BAD_ADDRESS:
            return errors.AddressWrong(f"The address {endpoint.shown_address!r} of {name} is none that can be asked.")
        case Fault.UNKNOWN_HOST:
            return errors.HostUnknown(f"The host of {where} is unknown.", f"Correct the address in {_IN_SETTINGS}.")
        case Fault.REFUSED:
            return errors.ConnectionRefused(f"Nothing answers at {endpoint.shown_address}, where {name} should be.")
        case Fault.TOO_LARGE:
            return errors.StreamGarbled(f"{name} answered with more than {detail}, and the rest was not read.")
        case Fault.PACKED:
            return errors.StreamGarbled(
                f"{name} packs its answers ({detail}) though it was asked not to.",
                "Switch compression off in the server, or in the proxy before it.",
            )
        case Fault.CLOSED:
            return errors.StreamEnded(
                f"{name} closed the connection before its answer was finished."
                if heard
                else f"{name} closed the connection without an answer: it may have crashed or been stopped."
            )
    return _protocol_mixed_up(endpoint, trouble.fault, where, detail)


def _protocol_mixed_up(endpoint: Endpoint, fault: Fault, where: str, detail: str) -> ClientError:
    match fault:
        case Fault.PLAIN_BEHIND_HTTPS:
            return errors.WrongProtocol(
                f"{where} speaks plain HTTP, and its address begins with https://.",
                f"Write http:// in its address in {_IN_SETTINGS}, or start the server with a certificate.",
            )
        case Fault.TLS_BEHIND_HTTP:
            return errors.WrongProtocol(
                f"{where} speaks TLS, and its address begins with http://.",
                f"Write https:// in its address in {_IN_SETTINGS}.",
            )
        case Fault.NOT_HTTP:
            begins = f": it begins with {detail!r}" if detail else ""
            return errors.WrongProtocol(
                f"What answers at {endpoint.shown_address} is no HTTP server{begins}.",
                f"Another program listens on that port: correct the address of {endpoint.name} in {_IN_SETTINGS}.",
            )
        case Fault.CERTIFICATE:
            return _certificate(where, detail)
        case Fault.CERTIFICATES_UNREADABLE:
            return errors.TlsFailed(
                f"The certificates that {detail or 'the environment'} names cannot be read, so {where} was not asked.",
                "Set the variable to a readable PEM file, or unset it, and start the app again.",
            )
    return errors.TlsFailed(
        f"No TLS connection to {where} came about{f': {detail}' if detail else ''}.",
        "Check that the address and port are the server's own, and which TLS versions it allows.",
    )


def _certificate(where: str, detail: str) -> ClientError:
    lowered = detail.lower()
    if "mismatch" in lowered or "not valid for" in lowered:
        to_do = f"Write the name the certificate was made for in the address in {_IN_SETTINGS}."
    elif "expired" in lowered or "not yet valid" in lowered:
        to_do = "Have the certificate renewed, and check this machine's clock."
    else:
        to_do = (
            "If it is a certificate of your own, name its file (PEM) in the environment variable SSL_CERT_FILE and "
            "start the app again."
        )
    said = f": {detail}" if detail else ""
    return errors.CertificateRefused(f"The certificate of {where} is not trusted here{said}.", to_do)
