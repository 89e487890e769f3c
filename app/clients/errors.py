"""Say what went wrong between us and a model server, in words for the person in front of the screen.

ClientError                    shown to the user as it is; the screen adds which side it was
├── NotSent                    found before anything left this machine
│   ├── TooManyPages           more images than the endpoint takes
│   ├── BodyTooLarge           more bytes than the endpoint takes
│   ├── PageUnreadable         a page file is gone or cannot be read
│   └── ApiKeyMissing          the variable that should hold the key is not set
├── ServerUnreachable
│   ├── ConnectionRefused      nothing listens there
│   ├── ConnectTimedOut        no answer to the connection itself
│   ├── HostUnknown            the name does not resolve
│   └── ServerNotReady         503: loading, or its engine has died
├── RequestRefused             4xx: asking again in the same way will fail again
│   ├── ContextExceeded        the prompt is longer than the model's window
│   ├── ImageLimitExceeded     more images than the server takes
│   ├── ImageRefused           an image it cannot open
│   ├── ImagesForgotten        an image named by uuid that it no longer holds
│   ├── PageFileMissing        a file:// page that it cannot find
│   ├── PageFolderNotAllowed   a file:// page outside the folder it may read
│   ├── ModelUnknown           no such model there
│   ├── ModelCannotSee         images sent to a text-only model
│   ├── NotAuthorised          401 or 403
│   ├── RateLimited            429
│   └── BodyRefused            413
├── ServerFailed               5xx: the fault is on the server
└── StreamBroken               HTTP 200, then trouble
    ├── EngineCrashed          an error event in mid-stream
    ├── StreamEnded            closed before the answer was finished
    ├── StreamGarbled          bytes that are no event
    └── SilenceTimedOut        the server said nothing for too long

Every error has `what_happened` and `what_to_do`, one or two sentences each. API keys never enter either.
"""

from __future__ import annotations


class ClientError(Exception):
    """Shown to the user as it is: what happened, then what to do."""

    default_what_to_do = "Try again; if it happens again, look at the server's log on the Servers page."

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


class ApiKeyMissing(NotSent):
    pass


class ServerUnreachable(ClientError):
    default_what_to_do = "Start the server, or correct its address in configs/servers.toml, then press Retry."


class ConnectionRefused(ServerUnreachable):
    pass


class ConnectTimedOut(ServerUnreachable):
    pass


class HostUnknown(ServerUnreachable):
    pass


class ServerNotReady(ServerUnreachable):
    default_what_to_do = "Wait until the Servers page says it is serving, then press Retry."


class RequestRefused(ClientError):
    default_what_to_do = "Change the request as the server's message says, then press Retry."


class ContextExceeded(RequestRefused):
    """`prompt_tokens` and `window_tokens` as far as the server told them."""

    def __init__(
        self,
        what_happened: str,
        what_to_do: str | None = None,
        *,
        prompt_tokens: int | None = None,
        window_tokens: int | None = None,
        status: int | None = None,
        server_message: str = "",
    ) -> None:
        super().__init__(what_happened, what_to_do, status=status, server_message=server_message)
        self.prompt_tokens = prompt_tokens
        self.window_tokens = window_tokens


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
    pass


class BodyRefused(RequestRefused):
    pass


class ServerFailed(ClientError):
    pass


class StreamBroken(ClientError):
    default_what_to_do = (
        "What arrived is kept. Check on the Servers page whether the server still runs, then press Retry."
    )


class EngineCrashed(StreamBroken):
    pass


class StreamEnded(StreamBroken):
    pass


class StreamGarbled(StreamBroken):
    pass


class SilenceTimedOut(StreamBroken):
    pass
