"""What the History screen remembers of a browser session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import streamlit as st

from app.recordings import Entry

_KEY = "history_state"


@dataclass(slots=True)
class HistoryState:
    picked: list[str] = field(default_factory=list)
    """Ids of the runs that are compared, in the order in which they were picked."""
    deleted: tuple[str, ...] = ()
    """What was deleted last: it can be put back."""
    imported: str = ""
    """The file that was read last: an upload is there again at each rerun."""
    refused: str = ""
    """Why it was not taken."""
    blind: str = ""
    """The run that is voted on; "": none."""
    pages_first: bool = False
    """How its two answers stand: drawn by lot."""

    def pick(self, run_id: str) -> None:
        """Or not any more."""
        if run_id in self.picked:
            self.picked.remove(run_id)
        else:
            self.picked.append(run_id)

    def picked_of(self, entries: Iterable[Entry]) -> list[Entry]:
        """The picked runs, in the order in which they were picked."""
        known = {entry.run_id: entry for entry in entries}
        return [known[run_id] for run_id in self.picked if run_id in known]


def history_state() -> HistoryState:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = HistoryState()
    return st.session_state[_KEY]
