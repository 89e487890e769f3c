"""A server that speaks vLLM's wire without a GPU: HTTP requests in, streams of stand-in answers out.

Two roles: `text` (Qwen3-8B) and `pages` (Glyph). Times come from app.projection; answers are quotes from what was
received, said to be simulated in their first line. Shares nothing with app.clients but the wire, so that the two cannot
agree on the same mistake. The command is scripts/simulate.py.

In the order of a request:

    server.py       routes                                   connection.py   one HTTP exchange, the client's leaving
    request.py      JSON -> ChatRequest                      preparation.py  what happens before HTTP headers are sent
    images.py       image parts -> page images               chat_template.py messages -> token numbers; document, question
    tokenizer.py    text <-> Qwen's token numbers            caches.py       prefix, processor and encoder caches
    generation.py   queue, prefill, decode, failures         timing.py       tokens, pages -> seconds (app.projection)
    engine.py       one GPU, and the counters of /metrics    failures.py     what can be ordered to go wrong
    manifests.py    page images -> their text                retrieval.py    text, question -> passages
    page_reading.py pictures -> what an OCR program reads on them
    answers.py      passages -> reasoning and answer         answer_events.py answer -> tokens -> server-sent events
    serve.py        sockets, signals, the process's life     settings.py     what a server is told at its start
"""

from app.simulator.errors import SimulatorOptionError
from app.simulator.settings import Reader, ServerRole, SimulatorSettings

__all__ = ["Reader", "ServerRole", "SimulatorOptionError", "SimulatorSettings"]
