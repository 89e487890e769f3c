"""Real vLLM in our launcher's hands: it comes up by its phases, its engine is killed in mid-answer, it is interrupted while it
loads, and nothing of it is left."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import replace

import psutil
import pytest

from app.clients import AnswerDelta, SamplingSettings, TextPrompt, build_chat_request, probe, stream_chat
from app.clients.errors import StreamBroken
from app.serving import Phase
from app.serving.process import session_members
from tests.vllm.pairs import READY_WITHIN_S, launch, need_vllm

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]

LONG = SamplingSettings(max_tokens=20_000, temperature=0.0, thinking=False, seed=1)


def test_the_launcher_told_every_phase_of_real_servers(vllm_pair):
    terminal = vllm_pair.launched.terminal
    for phase in (Phase.STARTING, Phase.RESOLVING, Phase.SERVING):
        assert f"text (tiny-qwen3): {phase.label}" in terminal
    state = vllm_pair.launched.state
    assert all(server.ready_after_s > 1 for server in state.servers)
    assert state.server("text").max_model_len == 131_072
    assert state.server("pages").media_path == str(vllm_pair.folder)


def test_keep_alive_lines_come_while_pages_are_read(vllm_pair):
    from app.clients import KeepAlive, PagesPrompt, reset_caches
    from tests.vllm.pairs import draw_pages

    reset_caches(vllm_pair.pages)
    pages = draw_pages(vllm_pair.folder, "slow", [(590, 842)] * 20)
    request = build_chat_request(vllm_pair.pages, PagesPrompt(pages, "?"), replace(LONG, max_tokens=4))
    events = list(stream_chat(vllm_pair.pages, request, threading.Event()))
    assert any(isinstance(event, KeepAlive) for event in events)


def test_a_killed_engine_is_told_to_the_reader_and_started_once_more(vllm_pair):
    """SIGKILL of the engine in mid-stream: the client says what happened, the launcher starts the server again."""
    before = vllm_pair.launched.state.server("text")
    engine = engine_of(before.process.session_id)
    request = build_chat_request(vllm_pair.text, TextPrompt("", "Tell all."), LONG)
    words = 0

    def read():
        nonlocal words
        for event in stream_chat(vllm_pair.text, request, threading.Event()):
            if isinstance(event, AnswerDelta):
                words += 1
                if words == 5:
                    os.kill(engine, signal.SIGKILL)

    with pytest.raises(StreamBroken) as caught:
        read()
    assert words >= 5
    assert "text" in caught.value.what_happened or vllm_pair.text.name in caught.value.what_happened
    again = vllm_pair.launched.wait(
        lambda state: (server := state.server("text")).restarts == 1 and server.is_serving and server,
        READY_WITHIN_S,
        "the restart",
    )
    assert again.process.pid != before.process.pid
    assert session_members(before.process.session_id) == ()
    assert "engine" in again.cause
    assert probe(vllm_pair.text, 5.0).reachable
    assert vllm_pair.launched.state.server("pages").restarts == 0


def engine_of(session_id: int) -> int:
    (engine,) = [
        pid
        for pid in session_members(session_id)
        if any(part.startswith("VLLM::EngineCore") for part in psutil.Process(pid).cmdline())
    ]
    return engine


@pytest.mark.parametrize("workers", [1, 3])
def test_ctrl_c_while_it_loads_leaves_nothing(tmp_path, workers):
    """Once while it has only begun (1), once when its engine process is there (3: resource tracker and engine too)."""
    need_vllm()
    with launch("tiny-text-only", tmp_path) as launched:
        launched.wait(lambda state: members(state) >= workers, 300, f"{workers} processes")
        assert launched.state.server("text").phase.is_loading
        began = time.monotonic()
        assert launched.end(signal.SIGINT) == 0
        assert time.monotonic() - began < 12
        assert launched.left_running() == []


def members(state) -> int:
    process = state.server("text").process
    return len(session_members(process.session_id)) if process else 0


def test_a_killed_launcher_leaves_nothing_for_long(tmp_path):
    """SIGKILL of the launcher while real vLLM loads with its engine: the kernel tells the server, the next start the rest."""
    need_vllm()
    with launch("tiny-text-only", tmp_path) as launched:
        launched.wait(lambda state: members(state) >= 3, 300, "its engine")
        launched.process.kill()
        launched.process.wait()
        deadline = time.monotonic() + 20
        while launched.left_running() and time.monotonic() < deadline:
            time.sleep(0.5)
        # vLLM's engine may outlive its parent while it loads: the next launcher finds it and proves it is ours.
        with launch("tiny-text-only", tmp_path) as following:
            deadline = time.monotonic() + 30
            while launched.left_running() and time.monotonic() < deadline:
                time.sleep(0.2)
            following.wait(lambda state: state.launcher_alive, 60, "the next launcher")
            sessions_before = launched.sessions - following.sessions
            assert [pid for session in sessions_before for pid in session_members(session)] == []


@pytest.mark.ends_the_pair
def test_the_end_leaves_nothing(vllm_pair):
    """Last of all: Ctrl-C ends both real servers in seconds."""
    began = time.monotonic()
    assert vllm_pair.launched.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 15
    assert vllm_pair.launched.left_running() == []
    assert not probe(vllm_pair.text, 1.0).reachable
