"""Keep the running comparisons of this process, and a bounded number of finished ones.

In: specs. Out: unguessable ids, through them snapshots. Survives reruns and closed tabs; knows nothing of streamlit.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from app.clients import Endpoint, ImageLedger, Role, Timeouts, image_ledger
from app.comparisons.comparison import Comparison
from app.comparisons.errors import NothingToAsk, TooManyRunning, UnknownComparison
from app.comparisons.played import PlayedComparison
from app.comparisons.steps import Observer
from app.comparisons.values import ComparisonSnapshot, ComparisonSpec, Cursor, Deltas
from app.unguessable import unguessable_key


class Registry:
    """Thread-safe. `max_kept` bounds running and finished ones together, `max_kept_characters` the books they hold
    on to for a retry; the oldest finished one goes first.
    """

    def __init__(
        self,
        max_kept: int = 256,
        max_running: int = 16,
        max_kept_characters: int = 100_000_000,
        ledger: ImageLedger | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._max_kept = max_kept
        self._max_running = max_running
        self._max_kept_characters = max_kept_characters
        self._ledger = ledger or image_ledger()
        self._timeouts = timeouts or Timeouts()
        self._observer: Observer | None = None
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Comparison | PlayedComparison] = OrderedDict()

    def observe(self, observer: Observer | None) -> None:
        """Have every comparison that starts from now on told to `observer`; None: to nobody, which costs nothing."""
        self._observer = observer

    def start(self, spec: ComparisonSpec) -> str:
        """Begin at once; give the id. Raises NothingToAsk, TooManyRunning."""
        if spec.text_endpoint is None and spec.pages_endpoint is None:
            raise NothingToAsk("No server is chosen for either side; choose one on the Servers screen.")
        if not spec.question.strip():
            raise NothingToAsk("Type a question first.")
        comparison = Comparison(unguessable_key(), spec, self._ledger, self._timeouts, self._observer)
        with self._lock:
            running = sum(other.running for other in self._kept.values())
            if running >= self._max_running:
                raise TooManyRunning(
                    f"{running} comparisons are running, and {self._max_running} is the most at once; "
                    "wait for one to finish or stop one."
                )
            self._kept[comparison.comparison_id] = comparison
            self._evict(comparison)
        comparison.start()
        return comparison.comparison_id

    def adopt(self, played: PlayedComparison) -> None:
        """Keep a recorded comparison among the others: it is looked at through the same id, streams and snapshots."""
        with self._lock:
            if played.comparison_id not in self._kept:
                self._kept[played.comparison_id] = played
                self._evict(played)

    def played(self, comparison_id: str) -> PlayedComparison | None:
        """The recorded comparison of this id; None where it is one that was run by this process."""
        found = self._get(comparison_id)
        return found if isinstance(found, PlayedComparison) else None

    def of_conversation(self, key: str) -> list[str]:
        """Ids of the comparisons of one conversation, oldest first."""
        with self._lock:
            return [one.comparison_id for one in self._kept.values() if key and one.spec.conversation == key]

    def watched(self, comparison_id: str) -> Comparison | PlayedComparison:
        """For who follows one for longer than a look. Raises UnknownComparison."""
        return self._get(comparison_id)

    def snapshot(self, comparison_id: str) -> ComparisonSnapshot:
        return self._get(comparison_id).snapshot()

    def deltas_since(self, comparison_id: str, role: Role, cursor: Cursor) -> Deltas:
        return self._get(comparison_id).deltas_since(role, cursor)

    def wait_changed(self, comparison_id: str, version: int, timeout_s: float) -> int:
        return self._get(comparison_id).wait_changed(version, timeout_s)

    def subscribe(self, comparison_id: str, callback: Callable[[], object]) -> Callable[[], None]:
        """For an event loop: `callback` wakes it (loop.call_soon_threadsafe); call what comes back to end it."""
        return self._get(comparison_id).subscribe(callback)

    def stop(self, comparison_id: str, role: Role | None = None) -> None:
        """Both sides, or one."""
        self._get(comparison_id).stop(role)

    def stop_all(self) -> None:
        """At shutdown: no server is left working for nobody."""
        with self._lock:
            comparisons = tuple(self._kept.values())
        for comparison in comparisons:
            comparison.stop()

    def retry(self, comparison_id: str, role: Role, found: Endpoint | None = None) -> None:
        """Ask one side again; `found`: where its server is now."""
        self._get(comparison_id).retry(role, found)

    def __contains__(self, comparison_id: object) -> bool:
        with self._lock:
            return comparison_id in self._kept

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    def _get(self, comparison_id: str) -> Comparison | PlayedComparison:
        with self._lock:
            comparison = self._kept.get(comparison_id)
        if comparison is None:
            raise UnknownComparison("This comparison is over and no longer kept; ask the question again.")
        return comparison

    def _evict(self, newest: Comparison | PlayedComparison) -> None:
        for comparison in tuple(self._kept.values()):
            # Several questions to one book share its text: it counts once.
            specs = [kept.spec for kept in self._kept.values()]
            texts = [text for spec in specs for text in (spec.document, spec.book.text if spec.book else "")]
            books = {id(text): len(text) for text in texts}
            if len(self._kept) <= self._max_kept and sum(books.values()) <= self._max_kept_characters:
                return
            if comparison is not newest and not comparison.running:
                del self._kept[comparison.comparison_id]


_shared = Registry()


def registry() -> Registry:
    """The one of this process."""
    return _shared
