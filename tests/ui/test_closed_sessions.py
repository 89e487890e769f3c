"""Streamlit lets go of the sessions of closed tabs once it is asked to."""

import gc
import weakref
from types import SimpleNamespace

import pytest
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from app.ui import closed_sessions


@pytest.fixture
def storage(monkeypatch):
    kept = MemorySessionStorage(ttl_seconds=0)
    runtime = SimpleNamespace(_session_mgr=SimpleNamespace(_session_storage=kept))
    monkeypatch.setattr(closed_sessions, "exists", lambda: True)
    monkeypatch.setattr(closed_sessions, "get_instance", lambda: runtime)
    return kept


class Session:
    id = "one"


def test_what_has_expired_is_held_until_it_is_asked_to_go(storage):
    session = Session()
    held = weakref.ref(session)
    storage.save(SimpleNamespace(session=session))
    del session
    gc.collect()
    assert held() is not None
    closed_sessions.let_closed_sessions_go()
    gc.collect()
    assert held() is None


def test_a_streamlit_that_is_built_otherwise_is_left_alone(monkeypatch):
    monkeypatch.setattr(closed_sessions, "exists", lambda: True)
    monkeypatch.setattr(closed_sessions, "get_instance", object)
    closed_sessions.let_closed_sessions_go()
