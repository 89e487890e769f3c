"""What is measured with: a book, its settings, both servers. In: those. Out: a SweepSubject and the header it writes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from app.books.samples import synthetic_novel
from app.clients import Endpoint, Role, identified
from app.measurement import Provenance
from app.sweep.errors import JournalUnusable
from app.sweep.journal import Header, ServerNote
from app.sweep.values import Arm, SweepPlan
from renderer import RenderConfig

_PROBE_S = 5.0
_NOVEL_MARGIN = 1.08  # a novel's size is met within some 5 %
_SHORTEST_NOVEL = 2_000  # tokens


@dataclass(frozen=True, slots=True)
class SweepServer:
    """One side's server. `window_tokens`: prompt and answer together; None: it did not say."""

    endpoint: Endpoint
    window_tokens: int | None = None

    @property
    def provenance(self) -> Provenance:
        return Provenance.of(self.endpoint.simulated)

    @property
    def note(self) -> ServerNote:
        one = self.endpoint
        return ServerNote(one.role, one.model, one.simulated, one.simulated_gpu, one.simulated_speedup)


@dataclass(frozen=True, slots=True)
class SweepSubject:
    """The book that is measured with, the settings that its pages are drawn by, and both servers."""

    title: str
    text: str
    config: RenderConfig
    text_server: SweepServer
    pages_server: SweepServer

    def server(self, arm: Arm) -> SweepServer:
        return self.text_server if arm.role is Role.TEXT else self.pages_server

    def header(self, plan: SweepPlan) -> Header:
        sha256 = hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
        return Header(plan, self.title, sha256, self.config.key, (self.text_server.note, self.pages_server.note))


def looked_at(endpoint: Endpoint) -> tuple[SweepServer, str]:
    """Ask the server what it is; labelled a simulator when it says so. Also: why it cannot be reached, else empty.

    An endpoint without a model takes the one that is served.
    """
    known, state = identified(endpoint, _PROBE_S)
    return SweepServer(known, state.max_model_len), "" if state.reachable else state.detail


def novel_for(plan: SweepPlan) -> tuple[str, str]:
    """Title and text of a synthetic novel that is long enough for the plan, the same each time."""
    book = synthetic_novel(
        text_tokens=max(_SHORTEST_NOVEL, round(_NOVEL_MARGIN * max(plan.lengths))), seed=plan.seed
    ).book
    return book.title, book.text


def check_same(found: Header, wanted: Header) -> None:
    """A journal goes on only with what it began with. Raises JournalUnusable, which names what differs."""
    differing = [
        words
        for words, one, other in (
            ("the book", found.source_sha256, wanted.source_sha256),
            ("the page settings", found.settings_key, wanted.settings_key),
            ("the plan", found.plan, wanted.plan),
            ("the servers or their models", found.servers, wanted.servers),
        )
        if one != other
    ]
    if differing:
        raise JournalUnusable(
            f"The journal of “{found.title}” was begun with something else: {', '.join(differing)} differ. Use the same "
            "again, or begin a new sweep."
        )
