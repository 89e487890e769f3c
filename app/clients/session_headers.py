"""Session affinity: every request about the same document names it, so that a router sends it where its prefix is cached.

In: a prompt, an endpoint. Out: headers. The name is a hash of what the server is sent anyway, the same after a restart; it
says nothing of the user. Sent to every server: one without a router before it ignores the header.
"""

from __future__ import annotations

import hashlib

from app.clients.values import Endpoint, PagesPrompt, Prompt

SESSION_HEADER = "X-Session-ID"
"""vLLM's router hashes it before anything else; production-stack takes it as --session-key; nginx as $http_x_session_id."""
RANK_HEADER = "X-data-parallel-rank"
"""vLLM's own, by its documentation: which of its copies of the model is to answer."""
_DIGITS = 32


def document_id(prompt: Prompt) -> str | None:
    """32 hex digits; None where the prompt holds no document."""
    if isinstance(prompt, PagesPrompt):
        return text_id("".join(page.sha256 for page in prompt.pages))
    return text_id(prompt.document)


def text_id(text: str) -> str | None:
    if not text:
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def session_headers(endpoint: Endpoint, document: str | None) -> dict[str, str]:
    """For one request about `document`, as document_id names it; none for a request about no document."""
    if document is None:
        return {}
    headers = {SESSION_HEADER: document}
    if endpoint.data_parallel_size > 1:
        # vLLM's own balancer looks at queues alone, and each copy has a prefix cache of its own.
        headers[RANK_HEADER] = str(int(document, 16) % endpoint.data_parallel_size)
    return headers
