"""Several servers behind one address: a real nginx that hashes X-Session-ID, with two simulators of each side behind it."""

import contextlib
import hashlib
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image

from app.clients import (
    AnswerDelta,
    Endpoint,
    Finished,
    ImageForm,
    ImageLedger,
    PageFile,
    PagesPrompt,
    ReasoningDelta,
    Role,
    SamplingSettings,
    Stopped,
    TextPrompt,
    UsageReport,
    build_chat_request,
    errors,
    probe,
    stream_chat,
)
from app.serving.ports import free_port
from tests.clients.simulators import requests_running, simulator_process
from tests.nginx import nginx

SAMPLING = SamplingSettings(max_tokens=40)
# As docs/routers.md tells: the header decides, nothing is held back, and one that refuses the connection is passed over.
SITE = """
log_format asked '$request_uri $http_x_session_id $upstream_addr $status';
upstream replicas {{ hash $http_x_session_id consistent; {servers} }}
server {{
  listen 127.0.0.1:{port};
  access_log {folder}/asked.log asked;
  location / {{ proxy_pass http://replicas; proxy_http_version 1.1; proxy_buffering off; proxy_read_timeout 1800s; }}
}}
"""


@dataclass(frozen=True)
class Behind:
    """The router's endpoint, the replicas' own, their processes, and where nginx writes down who was asked."""

    endpoint: Endpoint
    replicas: tuple
    processes: tuple
    log: Path

    def chats(self) -> list[list[str]]:
        """Session, replica and status of every chat so far, as nginx wrote them down."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.split()[1:] for line in lines if "/chat/completions" in line]

    def replicas_by_session(self) -> dict[str, set[str]]:
        found = defaultdict(set)
        for session, replica, _ in self.chats():
            found[session].add(replica)
        return found


@contextlib.contextmanager
def router(role: Role, folder: Path, *options: str):
    with contextlib.ExitStack() as stack:
        started = [stack.enter_context(simulator_process(role, *options)) for _ in range(2)]
        replicas, processes = zip(*started, strict=True)
        port = free_port()
        servers = " ".join(f"server {one.base_url.removeprefix('http://')};" for one in replicas)
        url = f"http://127.0.0.1:{port}"
        site = SITE.format(servers=servers, port=port, folder=folder)
        stack.enter_context(nginx(folder, site, f"{url}/v1/models"))
        endpoint = Endpoint(role, "the router", url, replicas[0].model, behind_router=True)
        yield Behind(endpoint, replicas, processes, folder / "asked.log")


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    with router(Role.TEXT, tmp_path_factory.mktemp("text"), "--speedup", "50", "--max-model-len", "4000") as behind:
        yield behind


@pytest.fixture(scope="module")
def glyph(tmp_path_factory):
    with router(Role.PAGES, tmp_path_factory.mktemp("pages"), "--speedup", "50", "--max-model-len", "4000") as behind:
        yield behind


def book(number):
    return f"Book {number}. The lighthouse keeper was called Marta Venn. She kept a grey cat. " * 20


def page(folder, number, shade):
    path = folder / f"page_{number}.png"
    Image.new("L", (588, 840), shade).save(path)
    return PageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), 588, 840)


def ask(endpoint, prompt, ledger=None, sampling=SAMPLING):
    ledger = ledger or ImageLedger()
    request = build_chat_request(endpoint, prompt, sampling, ledger=ledger)
    return request, list(stream_chat(endpoint, request, threading.Event(), ledger=ledger))


def until(truth, within_s=30.0):
    """A log and a gauge follow what the client saw by a moment."""
    deadline = time.monotonic() + within_s
    while not truth():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def last(events, kind):
    return [event for event in events if isinstance(event, kind)][-1]


def test_every_question_about_a_book_reaches_the_server_that_has_read_it(text):
    books, before = [book(number) for number in range(8)], len(text.chats())
    for question in ("Who kept the lighthouse?", "Which animal did she keep?"):
        for document in books:
            _, events = ask(text.endpoint, TextPrompt(document, question))
            cached = last(events, UsageReport).cached_tokens
            # Its prefix is found again although half of the questions went to another server in between.
            assert (cached > 100) is (question != "Who kept the lighthouse?")
    until(lambda: len(text.chats()) == before + 16)
    asked = text.replicas_by_session()
    assert len(asked) == len(books)
    assert {len(replicas) for replicas in asked.values()} == {1}
    assert len(set.union(*asked.values())) == 2  # the eight books are spread over both


def test_pages_travel_whole_each_time_and_meet_the_same_server(glyph, tmp_path):
    ledger = ImageLedger()
    for number in range(4):
        prompt = PagesPrompt((page(tmp_path, number, 40 * number), page(tmp_path, number + 9, 250)), "Who?")
        for turn in range(2):
            request, events = ask(glyph.endpoint, replace(prompt, question=f"Question {turn}?"), ledger)
            assert request.image_form is ImageForm.DATA
            assert last(events, UsageReport).image_tokens == 2 * 21 * 30
    until(lambda: len(glyph.chats()) == 8)
    assert sorted(len(replicas) for replicas in glyph.replicas_by_session().values()) == [1, 1, 1, 1]


def test_a_question_about_no_book_names_none(text):
    request, events = ask(text.endpoint, TextPrompt("", "Who are you?"))
    assert request.document_id is None
    assert isinstance(events[-1], Finished)
    until(lambda: text.chats()[-1][0] == "-")


def test_one_servers_refusal_comes_through_with_its_figures(text):
    with pytest.raises(errors.ContextExceeded) as caught:
        ask(text.endpoint, TextPrompt("A long story. " * 4000, "Who?"))
    assert caught.value.window_tokens == 4000


def test_what_one_server_says_of_itself_is_not_taken_for_all(text):
    state = probe(text.endpoint, 5.0)
    assert (state.reachable, state.asked_model_served, state.max_model_len) == (True, True, 4000)
    assert state.version is None  # one replica's; a server that stands alone tells it
    assert probe(text.replicas[0], 5.0).version is not None
    nobody = probe(replace(text.endpoint, model="someone/else"), 5.0)
    assert not nobody.reachable
    assert "no server of someone/else is up behind it" in nobody.detail


def test_words_arrive_as_they_are_spoken_and_a_stop_reaches_the_server_and_one_that_dies_is_passed_over(tmp_path):
    """One story, since it kills the servers that it starts."""
    with router(Role.TEXT, tmp_path, "--speedup", "0.2") as behind:
        first, cancel = TextPrompt(book(1), "Who?"), threading.Event()
        stream = stream_chat(behind.endpoint, build_chat_request(behind.endpoint, first, SAMPLING), cancel)
        next(event for event in stream if isinstance(event, ReasoningDelta | AnswerDelta))
        running = [requests_running(one) for one in behind.replicas]
        assert sorted(running) == [0, 1]  # a word is here, and the server still speaks: nothing was held back
        cancel.set()
        assert isinstance(list(stream)[-1], Stopped)
        until(lambda: sum(requests_running(one) for one in behind.replicas) == 0)

        stream = stream_chat(behind.endpoint, build_chat_request(behind.endpoint, first, SAMPLING), threading.Event())
        next(event for event in stream if isinstance(event, ReasoningDelta | AnswerDelta))
        dies = running.index(1)
        behind.processes[dies].kill()
        with pytest.raises(errors.StreamEnded):
            list(stream)
        behind.processes[dies].wait(10)  # its port is closed only now: what it had accepted would be lost with it

        # The same book again: its server refuses the connection, and the router takes the other.
        _, events = ask(behind.endpoint, replace(first, question="And then?"), sampling=replace(SAMPLING, max_tokens=3))
        assert isinstance(events[-1], Finished)
        until(lambda: behind.chats()[-1][-1] == "200")
        other = behind.replicas[1 - dies].base_url.removeprefix("http://")
        assert behind.chats()[-1][-2] == other

        behind.processes[1 - dies].kill()
        behind.processes[1 - dies].wait(10)
        with pytest.raises(errors.ServerNotReady):
            ask(behind.endpoint, first)
        assert not probe(behind.endpoint, 5.0).reachable
