"""Say what went wrong between us and a model server, in words for the person in front of the screen.

ClientError                    shown to the user as it is; the screen adds which side it was
├── NotSent                    found before anything left this machine
│   ├── TooManyPages           more images than the endpoint takes
│   ├── BodyTooLarge           more bytes than the endpoint takes
│   ├── PageUnreadable         a page file is gone or cannot be read
│   └── ApiKeyUnusable         the variable holds what no header may carry
├── ServerUnreachable
│   ├── ConnectionRefused      nothing listens there
│   ├── ConnectTimedOut        no answer to the connection itself
│   ├── HostUnknown            the name does not resolve
│   ├── AddressWrong           what stands in the settings is no address for requests
│   ├── WrongProtocol          no HTTP there, or TLS and plain HTTP mixed up
│   ├── TlsFailed              no TLS connection came about
│   │   └── CertificateRefused the server's certificate is not trusted here
│   └── ServerNotReady         503: loading, or its engine has died
├── RequestRefused             3xx, 4xx: asking again in the same way will fail again
│   ├── Redirected             it points to another address, which is named and not followed
│   ├── ContextExceeded        the prompt is longer than the model's window
│   ├── ImageLimitExceeded     more images than the server takes
│   ├── ImageRefused           an image it cannot open
│   ├── ImagesForgotten        an image named by uuid that it no longer holds
│   ├── PageFileMissing        a file:// page that it cannot find
│   ├── PageFolderNotAllowed   a file:// page outside the folder it may read
│   ├── ModelUnknown           no such model there
│   ├── ModelCannotSee         images sent to a text-only model
│   ├── NotAuthorised          401 or 403
│   ├── RateLimited            429; `retry_after_s` when it says
│   └── BodyRefused            413
├── ServerFailed               5xx: the fault is on the server
└── StreamBroken               HTTP 200, then trouble
    ├── EngineCrashed          an error event in mid-stream
    ├── StreamEnded            closed before the answer was finished
    ├── StreamGarbled          bytes that are no event
    ├── StreamTooLong          more than any answer is
    ├── NotAnAnswer            a web page, or JSON of another kind
    ├── NothingAnswered        an end without a single token
    ├── AnswerDeclined         the model or a filter refused; its words are told
    └── SilenceTimedOut        the server said nothing for too long

Every error has `what_happened` and `what_to_do`, one or two sentences each. API keys never enter either.
"""

from __future__ import annotations


class ClientError(Exception):
    """Shown to the user as it is: what happened, then what to do."""

    default_what_to_do = "Try again; if it happens again, look at the server's log on the Servers screen."

    def __init__(
        self, what_happened: str, what_to_do: str | None = None, *, status: int | None = None, server_message: str = ""
    ) -> None:
        self.what_happened = what_happened
        self.what_to_do = what_to_do or self.default_what_to_do
        self.status = status
        self.server_message = server_message
        super().__init__(f"{self.what_happened} {self.what_to_do}")


class NotSent(ClientError):
    pass


class TooManyPages(NotSent):
    pass


class BodyTooLarge(NotSent):
    pass


class PageUnreadable(NotSent):
    default_what_to_do = "Render the pages again: the folder they lay in has changed."


class ApiKeyUnusable(NotSent):
    pass


class ServerUnreachable(ClientError):
    default_what_to_do = "Start the server, or correct its address in configs/servers.toml, then press Try again."


class ConnectionRefused(ServerUnreachable):
    pass


class ConnectTimedOut(ServerUnreachable):
    pass


class HostUnknown(ServerUnreachable):
    pass


class AddressWrong(ServerUnreachable):
    default_what_to_do = "Correct the address in configs/servers.toml."


class WrongProtocol(ServerUnreachable):
    pass


class TlsFailed(ServerUnreachable):
    pass


class CertificateRefused(TlsFailed):
    pass


class ServerNotReady(ServerUnreachable):
    default_what_to_do = "Wait until the Servers screen says it is serving, then press Try again."


class RequestRefused(ClientError):
    default_what_to_do = "Change the request as the server's message says, then press Try again."


class Redirected(RequestRefused):
    pass


class ContextExceeded(RequestRefused):
    """Prompt, window and the answer's share, as far as the server told them. `prompt_tokens` leaves the answer out."""

    def __init__(
        self,
        what_happened: str,
        what_to_do: str | None = None,
        *,
        prompt_tokens: int | None = None,
        window_tokens: int | None = None,
        answer_tokens: int | None = None,
        status: int | None = None,
        server_message: str = "",
    ) -> None:
        super().__init__(what_happened, what_to_do, status=status, server_message=server_message)
        self.prompt_tokens = prompt_tokens
        self.window_tokens = window_tokens
        self.answer_tokens = answer_tokens


class ImageLimitExceeded(RequestRefused):
    pass


class ImageRefused(RequestRefused):
    pass


class ImagesForgotten(RequestRefused):
    pass


class PageFileMissing(RequestRefused):
    pass


class PageFolderNotAllowed(RequestRefused):
    pass


class ModelUnknown(RequestRefused):
    pass


class ModelCannotSee(RequestRefused):
    pass


class NotAuthorised(RequestRefused):
    pass


class RateLimited(RequestRefused):
    def __init__(
        self,
        what_happened: str,
        what_to_do: str | None = None,
        *,
        retry_after_s: float | None = None,
        status: int | None = None,
        server_message: str = "",
    ) -> None:
        super().__init__(what_happened, what_to_do, status=status, server_message=server_message)
        self.retry_after_s = retry_after_s


class BodyRefused(RequestRefused):
    pass


class ServerFailed(ClientError):
    pass


class StreamBroken(ClientError):
    default_what_to_do = (
        "What arrived is kept. Check on the Servers screen whether the server still runs, then press Try again."
    )


class EngineCrashed(StreamBroken):
    pass


class StreamEnded(StreamBroken):
    pass


class StreamGarbled(StreamBroken):
    pass


class StreamTooLong(StreamBroken):
    pass


class NotAnAnswer(StreamBroken):
    default_what_to_do = (
        "Check the base URL in configs/servers.toml: it must be a model server's, and usually ends in /v1."
    )


class NothingAnswered(StreamBroken):
    default_what_to_do = "Press Try again; if it happens again, look at the server's log on the Servers screen."


class AnswerDeclined(StreamBroken):
    default_what_to_do = "Ask in other words, or ask another model."


class SilenceTimedOut(StreamBroken):
    pass
