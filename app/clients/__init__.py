"""Talk to OpenAI-compatible model servers: what to send, one stream of events back, errors that people can read.

In: endpoints, prompts (a document, or its page images, and a question), sampling settings.
Out: events with their arrival times; server states; counts. Knows nothing of screens, of charts, or of the other side.
"""

from app.clients.answer_tags import AnswerDecoder
from app.clients.chat_body import ChatRequest, ImageForm, build_chat_request, with_turn
from app.clients.connection import Timeouts
from app.clients.errors import ClientError, ContextExceeded
from app.clients.sdk import Completion, complete_chat, list_models
from app.clients.sent_images import ImageLedger, image_ledger
from app.clients.servers import (
    ModelInfo,
    count_request_on_server,
    count_tokens_on_server,
    probe,
    reset_caches,
    server_models,
)
from app.clients.streaming import stream_chat
from app.clients.values import (
    GLYPH_STOP_TOKEN_IDS,
    AnswerDelta,
    CacheReset,
    Dialect,
    Endpoint,
    EndpointLimits,
    Event,
    Finished,
    FirstByte,
    HeadersArrived,
    KeepAlive,
    PageFile,
    PagesPrompt,
    Prompt,
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
    "CacheReset",
    "ChatRequest",
    "ClientError",
    "Completion",
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
    "ModelInfo",
    "PageFile",
    "PagesPrompt",
    "Prompt",
    "ReasoningDelta",
    "RequestSent",
    "RequestStarted",
    "Resent",
    "Role",
    "SamplingSettings",
    "ServerState",
    "ServerTimings",
    "Stopped",
    "TextPrompt",
    "Timeouts",
    "Transport",
    "Turn",
    "UsageReport",
    "build_chat_request",
    "complete_chat",
    "count_request_on_server",
    "count_tokens_on_server",
    "image_ledger",
    "list_models",
    "probe",
    "reset_caches",
    "server_models",
    "stream_chat",
    "with_turn",
]
