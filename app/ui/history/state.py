"""What the History screen remembers of a browser session."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

_KEY = "history_state"


@dataclass(slots=True)
class HistoryState:
    picked: list[str] = field(default_factory=list)
    """Ids of the runs that are compared, in the order in which they were picked."""
    deleted: tuple[str, ...] = ()
    """What was deleted last: it can be put back."""
    imported: str = ""
    """The file that was read last: an upload is there again at each rerun."""
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


def history_state() -> HistoryState:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = HistoryState()
    return st.session_state[_KEY]
