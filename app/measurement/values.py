"""Name what is measured: raw marks, figures derived from them, the pipeline's stages, and the comparison of two sides.

In: nothing. Out: frozen values. Units are in the names. A missing mark gives None in every figure that needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Provenance(StrEnum):
    """Whether a figure was measured on a real server or came out of the simulator's projection."""

    MEASURED = "measured"
    SIMULATED = "simulated"

    @classmethod
    def of(cls, simulated: bool) -> Provenance:
        return cls.SIMULATED if simulated else cls.MEASURED


class CacheState(StrEnum):
    """Whether the server had part of this prompt in its caches already."""

    COLD = "cold"
    SALTED = "cold by its salt"
    """The server did not report; the request carried a cache salt that none before it had, so a server that heeds salts was cold."""
    WARM = "warm"
    UNKNOWN = "unknown"

    @property
    def is_cold(self) -> bool:
        return self in (CacheState.COLD, CacheState.SALTED)


@dataclass(frozen=True, slots=True)
class Marks:
    """Raw `time.perf_counter()` seconds of one request, taken in the stream's own thread. None: it did not happen."""

    sent: float | None = None
    """The body was ready and the connection about to be opened: every client-side figure counts from here."""
    body_sent: float | None = None
    headers: float | None = None
    first_byte: float | None = None
    first_reasoning: float | None = None
    first_answer: float | None = None
    last: float | None = None
    """The last reasoning or answer token."""
    ended: float | None = None
    """The stream's end, after usage."""
    resent: float | None = None
    """When the request had to go out a second time in full; None: it did not."""
    told_decode_s: float = 0.0
    """Seconds from the first token to the last by the server's own clock; 0: it did not tell."""
    late_s: float = 0.0
    """Seconds by which `last` came after its simulated instant, by a simulator's word: its stand-in had not found its words yet."""

    def last_counted(self, provenance: Provenance) -> float | None:
        """The last token's instant as figures count it: a simulated one's is the projection's, not the stand-in's; never before the
        last instant that was seen before it, nor nearer to the first token than the simulated decode is long: under load that came
        late itself. A measured one's is what was seen, whatever its server says."""
        if self.last is None or provenance is Provenance.MEASURED:
            return self.last
        first = self.first_token
        earliest = self.last if first is None else max(first + self.told_decode_s, self.first_answer or 0.0)
        return max(min(earliest, self.last), self.last - max(0.0, self.late_s))

    @property
    def first_token(self) -> float | None:
        """The first token of any kind, reasoning or answer."""
        seen = [mark for mark in (self.first_reasoning, self.first_answer) if mark is not None]
        return min(seen) if seen else None


@dataclass(frozen=True, slots=True)
class Preparation:
    """What our side did before sending, in milliseconds. None: not done, or not measured."""

    parse_ms: float | None = None
    render_ms: float | None = None
    encode_ms: float | None = None

    @property
    def total_ms(self) -> float:
        return sum(part for part in (self.parse_ms, self.render_ms, self.encode_ms) if part is not None)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Figures derived from marks, by the client's clock. Definitions in latencies.py."""

    provenance: Provenance
    ttft_ms: float | None = None
    ttft_with_preparation_ms: float | None = None
    time_to_first_answer_ms: float | None = None
    send_ms: float | None = None
    headers_ms: float | None = None
    queue_and_prefill_ms: float | None = None
    reasoning_ms: float | None = None
    decode_tokens_per_second: float | None = None
    time_per_output_token_ms: float | None = None
    total_ms: float | None = None


class StageName(StrEnum):
    PARSE = "parse"
    RENDER = "render"
    ENCODE = "encode"
    SEND = "send"
    PREPROCESS = "preprocess"
    QUEUE = "queue"
    PREFILL = "prefill"
    REASON = "reason"
    ANSWER = "answer"

    @property
    def label(self) -> str:
        return _STAGE_LABELS[self]


_STAGE_LABELS = {
    StageName.PARSE: "Parse the file",
    StageName.RENDER: "Render pages",
    StageName.ENCODE: "Encode the request",
    StageName.SEND: "Send",
    StageName.PREPROCESS: "Server preprocessing",
    StageName.QUEUE: "Queue",
    StageName.PREFILL: "Prefill",
    StageName.REASON: "Think",
    StageName.ANSWER: "Answer",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One bar of the waterfall. Milliseconds from the waterfall's own zero, where the first known stage begins."""

    name: StageName
    start_ms: float
    duration_ms: float
    provenance: Provenance
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Where the time went, stage after stage without gaps or overlap. The two instants are on the same scale."""

    stages: tuple[Stage, ...] = ()
    first_token_ms: float | None = None
    done_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Speedup:
    """Pages against text. `ratio` above 1: the pages' first token came sooner."""

    ratio: float
    text_ms: float
    pages_ms: float
    provenance: Provenance | None
    """None: one side measured, the other simulated; then the sentence says so."""
    sentence: str
