"""Retry with exponential backoff: one whole chat completion, asked for again while its failure may pass by itself.

In: an exchange with an OpenAI-compatible server, and what reads the text of its answer. Out: what was read, or AskedInVain
with the last reason. Knows nothing of what is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from app.outbound.addresses import api_base
from app.outbound.exchange import Answer, ask
from app.outbound.keys import auth_headers
from app.outbound.plain_json import parse_json
from app.outbound.trouble import Trouble

# A server that is busy, starting or behind a proxy; with any other status it will refuse again.
PASSING = (408, 409, 429, 500, 502, 503, 504)
T = TypeVar("T")


class AskedInVain(Exception):
    """A few words about the last attempt, for the caller's own sentence."""


class Unreadable(Exception):
    """The answer came and says nothing that can be used: a few words. Models say something else when asked again."""


def post_chat(base_url: str, asked: dict[str, Any], *, key_variable: str | None, timeout_s: float) -> Answer:
    """One exchange; `asked` is the body. Raises Trouble, and KeyUnusable before anything is sent."""
    headers = {"Content-Type": "application/json", **auth_headers(key_variable, base_url)}
    url = f"{api_base(base_url)}/chat/completions"
    return ask("POST", url, headers, json.dumps(asked).encode(), timeout_s=timeout_s)


def ask_until_read(
    exchange: Callable[[], Answer],
    read: Callable[[str], T],
    *,
    attempts: int,
    wait_s: float,
    sleep: Callable[[float], None],
) -> T:
    """What `read` makes of the first text that it can use; it raises Unreadable for others.

    Waits `wait_s`, then twice as long each time. Raises AskedInVain after `attempts`, or at once on a status that stays;
    whatever else `exchange` raises passes through.
    """
    said = "not asked"
    for attempt in range(attempts):
        if attempt:
            sleep(wait_s * 2 ** (attempt - 1))
        try:
            answer = exchange()
            if answer.status == 200:
                return read(_text(answer))
        except Trouble as trouble:
            said = str(trouble.fault)
            continue
        except Unreadable as error:
            said = str(error)
            continue
        said = f"status {answer.status}"
        if answer.status not in PASSING:
            break
    raise AskedInVain(said)


def _text(answer: Answer) -> str:
    try:
        said = parse_json(answer.body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        raise Unreadable("no chat completion") from None
    return said if isinstance(said, str) else ""
