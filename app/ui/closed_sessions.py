"""Sessions of closed tabs: Streamlit keeps each for two minutes, in case its tab comes back, and some of them for ever.

It keeps them in a TTL cache, which drops what has expired only when it is touched; an app that rests touches nothing, and so
goes on holding the books of everybody who was last there. Source: streamlit 1.67, runtime/memory_session_storage.py (private; where it is built otherwise, nothing is done).
"""

from __future__ import annotations

from streamlit.runtime import exists, get_instance


def let_closed_sessions_go() -> None:
    if not exists():
        return
    manager = getattr(get_instance(), "_session_mgr", None)
    cache = getattr(getattr(manager, "_session_storage", None), "_cache", None)
    expire = getattr(cache, "expire", None)
    if callable(expire):
        expire()
