"""Name the values of a running comparison: what is asked, and what each side looks like at one moment.

In: nothing. Out: frozen values that a page may hold, compare and draw. Knows nothing of threads, HTTP or streamlit.
Times called `..._at` and `..._since` are `time.perf_counter()` seconds of this process.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.clients.values import (
    Endpoint,
    PageFile,
    PromptProgress,
    Role,
    SamplingSettings,
    ServerTimings,
    Transport,
    Turn,
    UsageReport,
)
from app.measurement.values import CacheState, Latencies, Marks, Provenance, Speedup, Waterfall

PageSource = Callable[[Callable[[], bool], Callable[[int, int | None], None]], tuple[PageFile, ...]]
"""Called as source(cancelled, on_progress(done, total)) in the pages side's own thread; gives the rendered pages."""


class Phase(StrEnum):
    """What a side is doing now, in order of time; `label` is for people."""

    WAITING = "waiting"
    RENDERING = "rendering"
    SENDING = "sending"
    READING = "reading"
    REASONING = "reasoning"
    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def is_over(self) -> bool:
        return self in (Phase.DONE, Phase.STOPPED, Phase.FAILED)


_LABELS = {
    Phase.WAITING: "Waiting for its turn",
    Phase.RENDERING: "Rendering pages",
    Phase.SENDING: "Sending the book",
    Phase.READING: "Reading the book",
    Phase.REASONING: "Thinking",
    Phase.ANSWERING: "Answering",
    Phase.DONE: "Done",
    Phase.STOPPED: "Stopped",
    Phase.FAILED: "Failed",
}


class Order(StrEnum):
    """Both sides at once, or one after the other when they share a GPU."""

    TOGETHER = "together"
    TEXT_FIRST = "text_first"
    PAGES_FIRST = "pages_first"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class CutNote:
    """How the text side's document was shortened: from the middle, beginning and end kept."""

    kept_tokens: int
    removed_tokens: int
    removed_span: tuple[int, int]

    @property
    def read_share(self) -> float:
        """How much of the book the text side reads, in tokens."""
        return self.kept_tokens / max(1, self.kept_tokens + self.removed_tokens)


@dataclass(frozen=True, slots=True)
class Projected:
    """What a projection gives for a side's wait for the first token, cold, alone on the named GPU. Never a measurement.

    Divided by its simulator's speed where one answers (ComparisonSpec.simulated_speedup): what is to be waited for on the screen.
    """

    ttft_ms: float
    gpu: str


@dataclass(frozen=True, slots=True)
class BookCost:
    """What the whole book costs one side, before any cut. `tokens`: as the compression ratio counts them; `in_window`: with what
    stands around them; `window_told`: the server said how large its window is.
    """

    tokens: int
    in_window: int
    window_tokens: int
    window_told: bool = False


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What is known of a question that comes with its book: the answer for people, and what a right answer must hold.

    `place`: where in the book the fact stands, 0 to 1. `cut_away`: it stands in what was cut from the text side's document.
    """

    answer: str
    key: str
    place: float | None = None
    cut_away: bool = False


@dataclass(frozen=True, slots=True)
class Passages:
    """The book that the answers are held against, and where its pages begin: what a quotation is found by.

    `page_starts`: character at which each page begins. `query`: the settings of those pages, as the preview routes read them.
    """

    content_hash: str
    text: str = field(repr=False)
    page_starts: tuple[int, ...] = field(repr=False)
    query: str

    def page_at(self, character: int) -> int:
        """The number of the page that shows this character, from 1; 0 where there are no pages."""
        return bisect_right(self.page_starts, character)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The settings that a question was asked with, as far as its pages and answers depend on them."""

    dpi: int
    font: str
    font_size_pt: float
    leading_pt: float
    pages: int
    compression_ratio: float
    temperature: float
    settings_key: str
    """Of the rendering settings, all of them: another key, and the question can be asked again at the present ones."""
    factsheet_tokens: int = 0
    """Of the factsheet that went beside the pages; 0: none did."""

    @property
    def words(self) -> str:
        size = f"{self.font_size_pt:g}/{self.leading_pt:g}"
        pages = f"{self.pages:,} page{'' if self.pages == 1 else 's'}"
        sheet = f" · factsheet of {self.factsheet_tokens:,} tokens" if self.factsheet_tokens else ""
        return f"{self.dpi} dpi · {self.font} {size} · {pages} · {self.compression_ratio:.2f}× · T {self.temperature:g}{sheet}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a question's pages tell of themselves, once they are drawn.

    `page_starts`: character of the book at which each page begins. `cost`, `projected`: of the side that reads them.
    """

    stamp: Stamp
    page_starts: tuple[int, ...] = field(default=(), repr=False)
    cost: BookCost | None = None
    projected: Projected | None = None


@dataclass(frozen=True, slots=True)
class BookText:
    """The book that is asked about: its text, and the text's sha256 in hexadecimal."""

    text: str
    sha256: str
    card: str = ""
    """What else is known of it (title, chapters, questions), as whoever opened it writes that down."""


@dataclass(frozen=True, slots=True)
class Options:
    cold: bool = False
    """Empty the servers' caches before asking (or defeat them by salts where that is not allowed)."""
    include_preparation: bool = False
    """Count parsing, rendering and encoding into the headline figure."""
    order: Order = Order.TOGETHER


@dataclass(frozen=True, slots=True)
class ComparisonSpec:
    """One question to both sides. An endpoint of None leaves that side out (the "Glyph only" profile)."""

    title: str
    document: str = field(repr=False)
    question: str
    pages: PageSource = field(repr=False, compare=False)
    text_endpoint: Endpoint | None
    pages_endpoint: Endpoint | None
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    pages_sampling: SamplingSettings | None = None
    """None: the same as `sampling`, which is the fair default."""
    text_history: tuple[Turn, ...] = field(default=(), repr=False)
    pages_history: tuple[Turn, ...] = field(default=(), repr=False)
    cut: CutNote | None = None
    parse_ms: float | None = None
    """How long reading the uploaded file took; both sides share it."""
    render_ms: float | None = None
    """What rendering took when it was done before the question; None: `pages` renders now and is timed."""
    known: KnownAnswer | None = None
    stamp: Stamp | None = None
    passages: Passages | None = None
    text_projected: Projected | None = None
    pages_projected: Projected | None = None
    text_cost: BookCost | None = None
    pages_cost: BookCost | None = None
    drawn: Callable[[], Drawn | None] | None = field(default=None, repr=False, compare=False)
    """Asked once `pages` has given them, where they were not drawn when the question was asked; None: all that is known is here."""
    transport: Transport = Transport.AUTO
    salt: str | None = None
    """What the servers' caches hold of requests with another salt is no part of these; None: everybody's is."""
    salt_is_new: bool = False
    """Nothing was asked with `salt` before: the first try can only be cold."""
    options: Options = field(default_factory=Options)
    book: BookText | None = field(default=None, repr=False)
    """The whole book, before any cut; None: nobody said."""
    factsheet: str = field(default="", repr=False)
    """Text that goes between the pages and the first question; "": none."""
    conversation: str = ""
    """The key of the conversation that this question belongs to; "": none."""
    extra_headers: tuple[tuple[str, str], ...] = ()
    """Sent with both requests: the simulator's failure injection."""

    def with_drawn(self, drawn: Drawn) -> ComparisonSpec:
        """The same question, now that its pages are there."""
        passages = replace(self.passages, page_starts=drawn.page_starts) if self.passages is not None else None
        return replace(
            self,
            stamp=drawn.stamp,
            passages=passages,
            pages_cost=drawn.cost,
            pages_projected=drawn.projected,
            drawn=None,
        )

    def endpoint(self, role: Role) -> Endpoint | None:
        return self.text_endpoint if role is Role.TEXT else self.pages_endpoint

    def simulated_speedup(self, role: Role) -> float | None:
        """By what this side's simulator divides its waits; None: it is no simulator, or did not tell."""
        endpoint = self.endpoint(role)
        return endpoint.simulated_speedup if endpoint is not None and endpoint.simulated else None

    def projected(self, role: Role) -> Projected | None:
        return self.text_projected if role is Role.TEXT else self.pages_projected

    def cost(self, role: Role) -> BookCost | None:
        return self.text_cost if role is Role.TEXT else self.pages_cost


@dataclass(frozen=True, slots=True)
class SideError:
    """A failure in two sentences, without the side's name."""

    what_happened: str
    what_to_do: str
    kind: str
    """The error's class name, for tests and for icons."""


@dataclass(frozen=True, slots=True)
class SideSnapshot:
    """One side at one moment."""

    role: Role
    model: str
    provenance: Provenance
    phase: Phase
    phase_since: float
    started_at: float
    attempt: int
    """1, and one more for each retry."""
    reasoning: str
    answer: str
    marks: Marks
    usage: UsageReport | None
    server_timings: ServerTimings | None
    """The server's own stopwatch, to stand beside ours; None: it does not tell."""
    body_bytes: int | None
    """What the request weighed; known once the server has answered it."""
    first_progress: PromptProgress | None
    """The first word on it: the pace is reckoned from there, because pictures are encoded before anything is read."""
    prompt_progress: PromptProgress | None
    """How much of the prompt is read, as the server says itself; None: it does not tell."""
    prompt_tokens: int | None
    latencies: Latencies
    waterfall: Waterfall
    cache: CacheState
    cache_note: str
    """How cold was made, or why it could not be; "" where cold was neither asked nor refused."""
    pages_done: int
    pages_total: int | None
    finish_reason: str | None
    resent_reason: str | None
    error: SideError | None

    @property
    def running(self) -> bool:
        return not self.phase.is_over


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """What says that a comparison is played from a recording: the day, and a sentence with hardware and models.

    `length_s`: from its start to its last step. `first_tokens_s`: where each side's first token lies. `speed`: how many times
    as fast as it was it plays now; 0 stands still.
    """

    day: str
    sentence: str
    length_s: float = 0.0
    first_tokens_s: tuple[tuple[Role, float], ...] = ()
    speed: float = 0.0


@dataclass(frozen=True, slots=True)
class ComparisonSnapshot:
    """Both sides at one moment. `now` is the perf_counter at which it was taken, for running clocks."""

    comparison_id: str
    version: int
    now: float
    spec: ComparisonSpec
    text: SideSnapshot | None
    pages: SideSnapshot | None
    speedup: Speedup | None
    order: Order
    """As it was run: RANDOM has been decided."""
    recorded: RecordedRun | None = None
    """None: it is run now."""

    @property
    def sides(self) -> tuple[SideSnapshot, ...]:
        return tuple(side for side in (self.text, self.pages) if side is not None)

    @property
    def running(self) -> bool:
        return any(side.running for side in self.sides)

    def side(self, role: Role) -> SideSnapshot | None:
        return self.text if role is Role.TEXT else self.pages


@dataclass(frozen=True, slots=True)
class Cursor:
    """How much of one side's text a browser already has."""

    attempt: int = 0
    reasoning_chars: int = 0
    answer_chars: int = 0


@dataclass(frozen=True, slots=True)
class Deltas:
    """What came after a cursor. `restart`: a new attempt began, throw the old text away first."""

    reasoning: str
    answer: str
    restart: bool
    cursor: Cursor
    phase: Phase
