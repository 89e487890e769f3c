"""What if: a text of any length, a window, a price. Which settings reach it, how clear their print is, what it costs.

In: counts, a text to count over, settings to begin from. Out: frozen values. Nothing is measured here; counts of pages are
exact, of the text given. Knows nothing of servers or screens.
"""

from app.whatif.costs import Cost, Price, cost_of
from app.whatif.errors import WhatIfError
from app.whatif.presets import PRESETS, Preset
from app.whatif.reaching import Reaching, reaching_settings
from app.whatif.windows import Need, need_of

__all__ = [
    "PRESETS",
    "Cost",
    "Need",
    "Preset",
    "Price",
    "Reaching",
    "WhatIfError",
    "cost_of",
    "need_of",
    "reaching_settings",
]
