"""Both sides' servers as values: an endpoint and what it said last."""

from __future__ import annotations

from dataclasses import dataclass

from app.clients import Endpoint, Role, ServerState
from app.tokens import ASSUMED_WINDOW_TOKENS


@dataclass(frozen=True, slots=True)
class Server:
    """One side's endpoint and what it said last; `state` is None until it was first looked at."""

    endpoint: Endpoint
    state: ServerState | None

    @property
    def ready(self) -> bool:
        return self.state is not None and self.state.reachable

    @property
    def simulated(self) -> bool:
        return self.endpoint.simulated or (self.state is not None and self.state.simulated)

    @property
    def window_tokens(self) -> int:
        """The context window: the server's own word, else the 131,072 that both models are started with."""
        return (self.state.max_model_len if self.state else None) or ASSUMED_WINDOW_TOKENS

    @property
    def window_is_told(self) -> bool:
        return bool(self.state and self.state.max_model_len)


@dataclass(frozen=True, slots=True)
class ServerPair:
    """Both sides; one may be left out by its profile. `origin` says in a sentence where they come from."""

    text: Server | None
    pages: Server | None
    origin: str

    def side(self, role: Role) -> Server | None:
        return self.text if role is Role.TEXT else self.pages

    @property
    def servers(self) -> tuple[Server, ...]:
        return tuple(server for server in (self.text, self.pages) if server is not None)

    @property
    def simulated(self) -> bool:
        return any(server.simulated for server in self.servers)
