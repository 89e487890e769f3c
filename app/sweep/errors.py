"""Say why a sweep cannot be begun or gone on with, in words for people.

SweepError
├── SweepPlanError    a plan that cannot be carried out: what is wrong with which value
├── JournalUnusable   a journal that is no journal, is of another sweep, or cannot be written
└── SweepBusy         another sweep runs, here or in another process
"""

from __future__ import annotations


class SweepError(Exception):
    """Shown to the user as it is."""


class SweepPlanError(SweepError):
    """The message names the value and what is allowed."""


class JournalUnusable(SweepError):
    """The message names the file and the next step."""


class SweepBusy(SweepError):
    """Two sweeps at once would measure each other."""
