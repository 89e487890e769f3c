"""Talk to OpenAI-compatible model servers: what to send, one stream of events back, errors that people can read.

In: endpoints, prompts (a document, or its page images, and a question), sampling settings.
Out: events with their arrival times; server states; counts. Knows nothing of screens, of charts, or of the other side.
"""

from app.clients.answer_tags import AnswerDecoder
from app.clients.chat_body import ChatRequest, ImageForm, build_chat_request
from app.clients.cold import ColdStart, fresh_salt, make_cold, salt_of, salted
from app.clients.errors import ClientError, ContextExceeded
from app.clients.load import ServerLoad, server_load
from app.clients.metrics import ServerMetrics, server_metrics
from app.clients.sent_images import ImageLedger, image_ledger
from app.clients.servers import count_tokens_on_server, identified, probe, reset_caches
from app.clients.streaming import Timeouts, stream_chat
from app.clients.values import (
    GLYPH_STOP_TOKEN_IDS,
    AnswerDelta,
    AnswerWasReasoning,
    CacheReset,
    Dialect,
    Endpoint,
    EndpointLimits,
    Event,
    Finished,
    FirstByte,
    HeadersArrived,
    KeepAlive,
    NotStreamed,
    PageFile,
    PagesPrompt,
    Prompt,
    PromptProgress,
    ReasoningDelta,
    RequestSent,
    RequestStarted,
    Resent,
    Role,
    SamplingSettings,
    ServerState,
    ServerTimings,
    Stopped,
    TextPrompt,
    Transport,
    Turn,
    UsageReport,
)

__all__ = [
    "GLYPH_STOP_TOKEN_IDS",
    "AnswerDecoder",
    "AnswerDelta",
    "AnswerWasReasoning",
    "CacheReset",
    "ChatRequest",
    "ClientError",
    "ColdStart",
    "ContextExceeded",
    "Dialect",
    "Endpoint",
    "EndpointLimits",
    "Event",
    "Finished",
    "FirstByte",
    "HeadersArrived",
    "ImageForm",
    "ImageLedger",
    "KeepAlive",
    "NotStreamed",
    "PageFile",
    "PagesPrompt",
    "Prompt",
    "PromptProgress",
    "ReasoningDelta",
    "RequestSent",
    "RequestStarted",
    "Resent",
    "Role",
    "SamplingSettings",
    "ServerLoad",
    "ServerMetrics",
    "ServerState",
    "ServerTimings",
    "Stopped",
    "TextPrompt",
    "Timeouts",
    "Transport",
    "Turn",
    "UsageReport",
    "build_chat_request",
    "count_tokens_on_server",
    "fresh_salt",
    "identified",
    "image_ledger",
    "make_cold",
    "probe",
    "reset_caches",
    "salt_of",
    "salted",
    "server_load",
    "server_metrics",
    "stream_chat",
]
