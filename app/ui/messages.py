"""Sentences that are to be seen once: said at any time, shown by the browser once each, however reruns fall.

A rerun may be cut off by the next one, and what it drew never reaches the screen: a message that one rerun shows and clears
can vanish unseen (idempotent delivery instead of at-most-once). So the newest messages stay in the session with a serial
number, every rerun hands them all to the browser, and the browser shows each number once. Imports no streamlit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from app.ui.outside import one_line
from app.unguessable import unguessable_key

MAX_KEPT = 8


@dataclass(frozen=True, slots=True)
class Message:
    """`serial` is unique among all sessions: a browser's tab outlives the server's session. `grave` ones stay until closed."""

    serial: str
    text: str
    grave: bool = False


def new_message(text: str, grave: bool = False) -> Message:
    """A message that no browser has seen."""
    return Message(unguessable_key(), one_line(text), grave)


@dataclass(slots=True)
class Messages:
    """The newest messages of one browser session, oldest first."""

    kept: deque[Message] = field(default_factory=lambda: deque(maxlen=MAX_KEPT))

    def say(self, text: str, grave: bool = False) -> Message:
        """Show one sentence, once. It may hold text from outside: the browser takes it as text."""
        message = new_message(text, grave)
        self.kept.append(message)
        return message
