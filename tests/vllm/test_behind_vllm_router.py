"""vLLM's own router, as .venv-vllm has it, before two simulators of each side: books stay with the server that has read them."""

from __future__ import annotations

import contextlib
import subprocess
import time

import pytest

from app.clients import Endpoint, PagesPrompt, Role, TextPrompt, UsageReport, errors, probe, server_metrics
from app.serving.ports import free_port
from tests.clients.simulators import simulator_process
from tests.clients.test_behind_a_router import ask, book, last, page
from tests.vllm.pairs import VLLM_VENV

ROUTER = VLLM_VENV / "bin" / "vllm-router"
READY_WITHIN_S = 60
BOOKS = 8

pytestmark = pytest.mark.vllm


@contextlib.contextmanager
def vllm_router(role: Role, folder):
    if not ROUTER.exists():
        pytest.skip(f"needs {ROUTER} (bash scripts/setup-vllm --cpu)")
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(simulator_process(role, "--speedup", "20")) for _ in range(2)]
        replicas = [endpoint for endpoint, _ in started]
        port, told = free_port(), folder / "router.log"
        command = [str(ROUTER), "--host", "127.0.0.1", "--port", str(port), "--prometheus-port", str(free_port())]
        command += ["--policy", "consistent_hash", "--worker-urls", *(one.base_url for one in replicas)]
        with told.open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        endpoint = Endpoint(role, "vLLM's router", f"http://127.0.0.1:{port}", replicas[0].model, behind_router=True)
        deadline = time.monotonic() + READY_WITHIN_S
        while not probe(endpoint, 5.0).reachable:
            assert process.poll() is None, told.read_text()[-3000:]
            assert time.monotonic() < deadline, told.read_text()[-3000:]
            time.sleep(0.2)
        yield endpoint, started


def answered(endpoint: Endpoint) -> int:
    """By the server's own counter; a simulator has vLLM's names."""
    told = server_metrics(endpoint, 10.0)
    return (told.requests_done if told else None) or 0


@pytest.mark.parametrize("role", list(Role))
def test_a_books_questions_meet_its_prefix_and_both_servers_are_used(role, tmp_path):
    with vllm_router(role, tmp_path) as (endpoint, started):
        for turn in range(2):
            for number in range(BOOKS):
                question = f"Question {turn}?"
                text, pages = (
                    TextPrompt(book(number), question),
                    PagesPrompt((page(tmp_path, number, 30 * number),), question),
                )
                _, events = ask(endpoint, text if role is Role.TEXT else pages)
                usage = last(events, UsageReport)
                assert (usage.cached_tokens > 0.8 * usage.prompt_tokens) is (turn == 1)
        done = [answered(replica) for replica, _ in started]
        assert sum(done) == 2 * BOOKS
        assert min(done) > 0

        for _, process in started:
            process.kill()
            process.wait(10)
        assert not probe(endpoint, 10.0).reachable  # the router itself still answers
        with pytest.raises(errors.ClientError):
            ask(endpoint, TextPrompt("A book.", "Who?"))
