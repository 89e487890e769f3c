"""Forecasts made beside the screen: the newest plan's at a time, in a thread of its own. In: a plan and sources. Out: what is known now.

Debounce by cancellation: while a user turns knobs only the newest plan is reckoned, and the one before is given up between two items,
as is one at which nobody looks any more. Bounded: the newest MAX_KEPT forecasts. Imports no screen.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

from app.evaluation.errors import EvaluationError
from app.evaluation.forecast import Forecast, NotWanted, forecast
from app.evaluation.plan import EvaluationPlan
from app.evaluation.tasks import Sources
from renderer import RenderError

_log = logging.getLogger(__name__)
MAX_KEPT = 32
GIVEN_UP_AFTER_S = 30.0  # without a look: whoever wanted it has gone to another page
_Key = tuple[EvaluationPlan, Sources]


@dataclass(frozen=True, slots=True)
class Told:
    """`forecast` None: it could not be made, and `trouble` says why."""

    forecast: Forecast | None
    trouble: str = ""


class Forecasts:
    """Thread-safe; nothing here blocks."""

    def __init__(self, make: Callable[[EvaluationPlan, Sources, Callable[[], bool]], Forecast] = forecast) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._known: LRUCache[_Key, Told] = LRUCache(MAX_KEPT)
        self._wanted: _Key | None = None
        self._looked_at = 0.0
        self._thread: threading.Thread | None = None

    def look(self, plan: EvaluationPlan, sources: Sources) -> Told | None:
        """None: it is being reckoned."""
        key = (plan, sources)
        with self._lock:
            found = self._known.get(key)
            if found is not None:
                return found
            self._wanted, self._looked_at = key, time.monotonic()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="evaluation-forecast", daemon=True)
                self._thread.start()
            return None

    def _work(self) -> None:
        while True:
            with self._lock:
                key = self._wanted
                if key is None or key in self._known or not self._is_wanted(key):
                    self._thread = self._wanted = None
                    return
            told = self._told(key)
            with self._lock:
                if told is not None:
                    self._known[key] = told

    def _is_wanted(self, key: _Key) -> bool:
        return self._wanted == key and time.monotonic() - self._looked_at < GIVEN_UP_AFTER_S

    def _told(self, key: _Key) -> Told | None:
        try:
            return Told(self._make(*key, lambda: self._is_wanted(key)))
        except NotWanted:
            return None
        except (EvaluationError, RenderError) as error:
            return Told(None, str(error))
        except Exception as error:  # whatever a folder of the user's holds, the thread must answer
            _log.exception("A forecast could not be made")
            return Told(None, f"Something unexpected went wrong here: {type(error).__name__}.")


_shared = Forecasts()


def forecasts() -> Forecasts:
    """The one of this process."""
    return _shared
