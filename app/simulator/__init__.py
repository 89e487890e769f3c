"""A server that speaks vLLM's wire without a GPU: HTTP requests in, streams of stand-in answers out.

Two roles: `text` (Qwen3-8B) and `pages` (Glyph). Times come from app.projection; answers are quotes from what was
received, said to be simulated in their first line. Shares nothing with app.clients but the wire, so that the two cannot
agree on the same mistake. The command is scripts/simulate.py.

    request.py    JSON -> ChatRequest            retrieval.py  text + question -> passages
    prompt.py     messages -> token numbers      answers.py    passages -> reasoning and answer
    images.py     image parts -> page images     timing.py     tokens, pages -> seconds (app.projection)
    manifests.py  page images -> their text      caches.py     prefix, processor and encoder caches
    engine.py     one GPU: queue, counters       stream.py     answer -> server-sent events
    server.py     routes                         serve.py      sockets, signals, processes
"""

from app.simulator.errors import SimulatorOptionError
from app.simulator.settings import ServerRole, SimulatorSettings

__all__ = ["ServerRole", "SimulatorOptionError", "SimulatorSettings"]
