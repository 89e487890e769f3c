"""Name the typed values of one conversation with one server: endpoints, prompts, settings, and what the stream says.

In: nothing. Out: frozen values. Knows nothing of HTTP, of JSON or of screens; wire forms live in chat_body.py and chunk_events.py.
Every event carries `at`, the `time.perf_counter()` of its arrival, taken in the thread that read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from app.outbound import api_base, is_this_machine, shown_address

# GLM-4.1V's own end tokens, as Glyph's published demo sends them. In Qwen's vocabulary (ranks 0 to 151,642 are words)
# the same numbers are ordinary words, so they must never reach the text side.
GLYPH_STOP_TOKEN_IDS = (151329, 151348, 151336)


class Role(StrEnum):
    """Which of the two answers: the model that reads text, or the one that reads page images."""

    TEXT = "text"
    PAGES = "pages"

    @property
    def called(self) -> str:
        """The one name that people see, standing alone: a heading, a legend, a column."""
        return "Text model" if self is Role.TEXT else "Glyph"

    @property
    def named(self) -> str:
        """The same name amid a sentence."""
        return "the text model" if self is Role.TEXT else "Glyph"

    @property
    def opening(self) -> str:
        """The same name as a sentence opens with it."""
        return "The text model" if self is Role.TEXT else "Glyph"


class Dialect(StrEnum):
    """What the server understands beyond OpenAI's own fields."""

    VLLM = "vllm"
    """top_k, repetition_penalty, chat_template_kwargs, cache_salt, image uuids, /tokenize, /version."""
    PLAIN = "plain"
    """OpenAI's fields only: hosted servers often answer 400 to a field they do not know."""


class Transport(StrEnum):
    """How page images travel."""

    AUTO = "auto"
    """file:// when the server is on this machine and may read the folder, data URLs otherwise."""
    FILE = "file"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """What one request may hold. 999 images is vLLM's default; the body limit is ours, for a clear message in time."""

    max_images: int = 999
    max_body_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One OpenAI-compatible server and the model to ask for. Holds the NAME of the key's variable, never the key.

    `base_url` may be the bare server ("http://127.0.0.1:8001") or end in its version ("https://host/v1"). It may hold a
    password: what is shown is `shown_address`.
    """

    role: Role
    name: str
    base_url: str = field(repr=False)
    model: str
    api_key_env: str | None = None
    simulated: bool = False
    dialect: Dialect = Dialect.VLLM
    media_path: Path | None = None
    """The folder whose files the server may open by file:// (its --allowed-local-media-path); None: none."""
    limits: EndpointLimits = field(default_factory=EndpointLimits)
    version: str | None = None
    """The server's own, as it said when it was asked."""
    simulated_gpu: str | None = None
    simulated_speedup: float | None = None
    """As the simulator said when it was asked, so that its times can be told for what they are."""
    behind_router: bool = False
    """Several servers answer at this address: what one of them says of itself is not true of the whole."""
    data_parallel_size: int = 1
    """Copies of the model inside one vLLM, each with caches of its own."""

    @property
    def has_one_cache(self) -> bool:
        """Whether two requests meet the same caches: else images cannot be named by id alone, nor all caches be emptied."""
        return not self.behind_router and self.data_parallel_size == 1

    @property
    def api_base(self) -> str:
        """Where /chat/completions and /models hang: the given path, or /v1 when none was given."""
        return api_base(self.base_url)

    @property
    def server_root(self) -> str:
        """Where vLLM's own routes hang: /health, /tokenize, /version, /reset_prefix_cache."""
        return self.api_base.removesuffix("/v1")

    @property
    def is_local(self) -> bool:
        return is_this_machine(self.base_url)

    @property
    def shown_address(self) -> str:
        """The address for people, without the password it may hold."""
        return shown_address(self.base_url)


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How a model is to answer: what it is told beforehand, and how it chooses its words.

    The same value goes to both sides unless the user asks for two.
    """

    max_tokens: int = 2048
    temperature: float = 0.6
    top_p: float = 0.95
    top_k: int = 20
    repetition_penalty: float = 1.0
    thinking: bool = True
    seed: int | None = None
    glyph_extras: bool = True
    """On the pages side only: GLM's stop tokens, and special tokens kept so that its answer tags can be seen."""
    system_prompt: str = ""
    """Sent as the conversation's first message; "": none is sent."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question already answered in this conversation, as this side answered it."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class PageFile:
    """One rendered page on disk. `sha256` is of the PNG's bytes, in hex; it is the image's uuid at the server."""

    path: Path
    sha256: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class TextPrompt:
    """A whole document and a question; the question comes last, earlier turns in between."""

    document: str
    question: str
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class PagesPrompt:
    """The same document as page images, in reading order, and the same question.

    `factsheet`: text that goes between the pages and the first question; empty: none.
    """

    pages: tuple[PageFile, ...]
    question: str
    history: tuple[Turn, ...] = ()
    transport: Transport = Transport.AUTO
    factsheet: str = ""


Prompt = TextPrompt | PagesPrompt


# --- what the stream says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RequestStarted:
    """The clock starts: the body is ready, the connection is about to be opened."""

    at: float


@dataclass(frozen=True, slots=True)
class RequestSent:
    """The last byte of the body has left."""

    at: float
    body_bytes: int


@dataclass(frozen=True, slots=True)
class Resent:
    """The server could not use the short form, so the request went out again in full; TTFT counts from the start."""

    at: float
    reason: str
    without_salt: bool = False
    """It was the salt that the server did not take: the request went out again without it."""


@dataclass(frozen=True, slots=True)
class HeadersArrived:
    """HTTP 200. On vLLM: images are fetched and preprocessed, the request is in the engine's queue."""

    at: float


@dataclass(frozen=True, slots=True)
class FirstByte:
    """The first byte of the answer's body, whatever it says (a keep-alive line counts)."""

    at: float


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """A comment line: the server lives and has nothing to say yet."""

    at: float


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """The server's own word on how much of the prompt it has read (llama.cpp's `prompt_progress`).

    `read_tokens` of `total_tokens`, both with the `cached_tokens` that it did not have to read.
    """

    total_tokens: int
    cached_tokens: int
    read_tokens: int
    at: float


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class AnswerWasReasoning:
    """A closing </think> came without an opening one: all that was told as answer so far was reasoning."""

    at: float


@dataclass(frozen=True, slots=True)
class NotStreamed:
    """The answer comes whole, in one piece: no first token can be timed."""

    at: float


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The server's own count. None: it did not say. `image_tokens` leaves out each page's begin and end mark."""

    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    image_tokens: int | None
    reasoning_tokens: int | None
    at: float


@dataclass(frozen=True, slots=True)
class ServerTimings:
    """The server's own stopwatch (vLLM --enable-per-request-metrics). It starts at scheduling: no headline."""

    queue_ms: float | None
    time_to_first_token_ms: float | None
    generation_ms: float | None
    mean_inter_token_ms: float | None
    tokens_per_second: float | None
    at: float
    stand_in_waited_ms: float | None = None
    """The simulator's word alone: how long its stream stood still because its stand-in had not found its words yet."""
    stand_in_late_ms: float | None = None
    """And by how much its last token came after its simulated instant for that."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete. `reason` is the server's: "stop", or "length" when max_tokens cut it."""

    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Stopped:
    """We asked for the end: the connection is closed, the server drops the work."""

    at: float


Event = (
    RequestStarted
    | RequestSent
    | Resent
    | HeadersArrived
    | FirstByte
    | KeepAlive
    | PromptProgress
    | ReasoningDelta
    | AnswerDelta
    | AnswerWasReasoning
    | NotStreamed
    | UsageReport
    | ServerTimings
    | Finished
    | Stopped
)


# --- what a server says of itself -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServerState:
    """One look at a server. `detail` is a sentence for people; None: not told."""

    reachable: bool
    detail: str
    model: str | None = None
    max_model_len: int | None = None
    simulated: bool = False
    version: str | None = None
    asked_model_served: bool = False
    simulated_gpu: str | None = None
    """Whose times a simulator plays."""
    simulated_speedup: float | None = None
    """By what a simulator's waits are divided; 1 is the projected time."""


@dataclass(frozen=True, slots=True)
class CacheReset:
    """What was emptied. `complete`: prefix, processor and encoder caches all are; else `detail` says which is not."""

    complete: bool
    emptied: tuple[str, ...]
    detail: str
