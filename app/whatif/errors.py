"""Say why a question of "what if" has no answer, in words for people.

WhatIfError   the message names the value and what is allowed
"""

from __future__ import annotations


class WhatIfError(ValueError):
    """Shown to the user as it is."""
