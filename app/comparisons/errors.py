"""Say what is wrong with a call to the registry.

LiveError
├── UnknownComparison    never started here, or evicted: shown as "this comparison is over"
├── TooManyRunning       shown to the user: wait, or stop one
├── NothingToAsk         no endpoint on either side, or an empty question
└── StillRunning         a side cannot be retried before it has ended
"""

from __future__ import annotations


class LiveError(Exception):
    """Shown to the user as it is."""


class UnknownComparison(LiveError):
    pass


class TooManyRunning(LiveError):
    pass


class NothingToAsk(LiveError):
    pass


class StillRunning(LiveError):
    pass
