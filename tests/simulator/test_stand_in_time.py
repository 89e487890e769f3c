"""What the stand-in needs of real time is no time of the simulated GPU: a first token never waits for it, and no figure counts it."""

import asyncio
import json
import selectors
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from app.simulator import Reader, ServerRole, SimulatorSettings
from app.simulator.answer_events import Channel, Output, OutputToken
from app.simulator.answers import answer_from_pages, answer_from_text, opening_on_pages, opening_on_text
from app.simulator.chat_template import Prompt
from app.simulator.engine import Engine
from app.simulator.failures import Failure, Kind
from app.simulator.generation import Job, generate
from app.simulator.images import fetch
from app.simulator.manifests import ManifestIndex, PageText
from app.simulator.page_reading import PageReader, Piece, ReadingLeft
from app.simulator.server import SimulatedServer
from app.simulator.timing import request_timing
from tests.simulator.harness import image, text, write_pages

FACTS = ["The heron of Brill is grey and old. ", "The otter of Brill is brown and young. "]
QUESTION = "Which colour is the otter of Brill?"
PROMPT_TOKENS, BEGUN, REST = 4000, 10, 90


def in_a_thread(run, coroutine):
    """A browser test's own loop may be running in this thread."""
    with ThreadPoolExecutor(1) as hand:
        return hand.submit(run, coroutine).result()


# --- by a clock of its own ------------------------------------------------------------------------------------------


class VirtualTime(asyncio.SelectorEventLoop):
    """Whoever sleeps is woken at once, and the clock says that the time has passed (fake clock)."""

    def __init__(self) -> None:
        loop = self

        class Instant(selectors.SelectSelector):
            def select(self, timeout=None):
                loop.now += timeout or 0.0
                return super().select(0)

        self.now = 100.0
        super().__init__(Instant())

    def time(self) -> float:
        return self.now


def some(count: int) -> tuple[OutputToken, ...]:
    return tuple(OutputToken(Channel.CONTENT, "x") for _ in range(count))


def _played(words_after_s: float, *failures: Failure):
    """A job whose words are there after so many seconds; when each token came, its metrics, and the projection."""
    with asyncio.Runner(loop_factory=VirtualTime) as runner:
        loop = runner.get_loop()
        engine = Engine(SimulatorSettings(ServerRole.TEXT, 0), clock=loop.time)

        async def write() -> Output:
            await asyncio.sleep(words_after_s)
            return Output(some(BEGUN + REST), "stop")

        async def run():
            prompt = Prompt(np.arange(PROMPT_TOKENS), ())
            job = Job(prompt, [], Output(some(BEGUN), None), asyncio.ensure_future(write()), loop.time(), failures)
            came = [loop.time() async for batch in generate(engine, job) for _ in batch]
            return came, job.marks.metrics(job.generated)

        came, metrics = runner.run(run())
        timing = request_timing(engine.settings.shape, engine.settings.gpu, PROMPT_TOKENS, 0, (), 256)
        return [at - 100.0 for at in came], metrics, timing


def played(*args, **more):
    return in_a_thread(lambda told: _played(*told, **more), args)


@pytest.mark.parametrize("words_after_s", [0.0, 0.5, 1.0, 60.0])
def test_first_token_and_pace_are_the_projections_however_long_the_stand_in_needs(words_after_s):
    came, metrics, timing = played(words_after_s)
    step = timing.seconds_per_token
    assert len(came) == BEGUN + REST
    for index in range(BEGUN):
        assert came[index] == pytest.approx(timing.prefill_seconds + step * (1 + index))
    assert metrics["time_to_first_token_ms"] == pytest.approx(1e3 * (timing.prefill_seconds + step))
    assert metrics["mean_itl_ms"] == pytest.approx(1e3 * step)
    late_s = metrics.get("stand_in_late_ms", 0.0) / 1e3
    assert came[-1] - late_s == pytest.approx(timing.prefill_seconds + step * (BEGUN + REST))


def test_a_stream_that_stood_still_catches_up_and_tells_that_it_stood():
    timing = played(0.0)[2]
    begun_until = timing.prefill_seconds + timing.seconds_per_token * (BEGUN + 1)
    came, metrics, _ = played(begun_until + 0.2)
    assert metrics["stand_in_waited_ms"] == pytest.approx(200, abs=2e3 * timing.seconds_per_token)
    assert metrics["stand_in_late_ms"] == pytest.approx(0, abs=1e-3)
    assert came == sorted(came)


def test_what_cannot_be_caught_up_with_is_told_and_counted_nowhere():
    quick, slow = played(0.0), played(60.0)
    assert "stand_in_waited_ms" not in quick[1]
    assert slow[1]["stand_in_late_ms"] == pytest.approx(1e3 * (60.0 - quick[0][-1]))
    for name, value in quick[1].items():
        assert slow[1][name] == pytest.approx(value), name


def test_an_ordered_silence_is_still_a_silence_of_the_server():
    pause = Failure(Kind.STALL_MID, after_tokens=BEGUN + 5, seconds=3.0)
    plain, silent, late = played(0.0), played(0.0, pause), played(60.0, pause)
    assert silent[0][-1] - plain[0][-1] == pytest.approx(3.0)
    assert late[1]["generation_time_ms"] == pytest.approx(silent[1]["generation_time_ms"])


# --- over the wire, with a reader that reads only when it is let ------------------------------------------------------


class Gate:
    """In the OCR program's place: reads nothing before it is opened."""

    def __init__(self, monkeypatch) -> None:
        self.opened, self.read = threading.Event(), 0
        monkeypatch.setattr("app.simulator.page_reading.read_passages", self._read_passages)
        monkeypatch.setattr("app.simulator.preparation.why_not", lambda: "")

    def _read_passages(self, passages):
        assert self.opened.wait(30), "nothing of the answer came before its words were read"
        self.read += 1
        return [one.text for one in passages]


@pytest.fixture
def gate(monkeypatch):
    found = Gate(monkeypatch)
    yield found
    found.opened.set()


@pytest.fixture
def server(tmp_path):
    settings = SimulatorSettings(ServerRole.PAGES, 0, speedup=500, pages_dir=tmp_path, reader=Reader.OCR)
    return SimulatedServer(settings)


async def ask(server: SimulatedServer, files, question: str, on_words=None, **more) -> list[dict]:
    """The events of one answer. `on_words` is called with the first words; what it returns true for, leaves."""
    content = [*(image(file.as_uri()) for file in files), text(question)]
    asked = {
        "model": server.settings.model,
        "messages": [{"role": "user", "content": content}],
        "stream": True,
        "stream_options": {"include_usage": True},
        **more,
    }
    messages = [{"type": "http.request", "body": json.dumps(asked).encode(), "more_body": False}]
    left, sent = asyncio.Event(), b""

    async def receive():
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        nonlocal sent, on_words
        sent += message.get("body", b"")
        if on_words is not None and b'"reasoning":' in sent:
            told, on_words = on_words, None
            if told():
                left.set()

    scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": [], "query_string": b""}
    await server.app(scope, receive, send)
    lines = [line[6:] for line in sent.decode().split("\n") if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def said(events: list[dict], field: str = "content") -> str:
    return "".join(c["delta"].get(field) or "" for event in events for c in event.get("choices", []))


def test_the_first_token_does_not_wait_for_the_ocr_program(server, gate, tmp_path):
    files = write_pages(tmp_path / "a", FACTS)
    events = in_a_thread(asyncio.run, ask(server, files, QUESTION, gate.opened.set))
    assert FACTS[1].strip() in said(events)
    assert gate.read


def test_answers_that_wait_for_it_hold_up_nobody_elses_first_token(server, gate, tmp_path):
    files = write_pages(tmp_path / "a", FACTS, 50)

    async def one_after_the_other():
        waiting = []
        for number in range(40):  # more than the loop's own pool has threads
            begun = asyncio.Event()
            question = f"Is the otter of Brill {number} years old?"
            waiting.append(asyncio.ensure_future(ask(server, files, question, begun.set)))
            await begun.wait()
        held = not gate.read
        gate.opened.set()
        return held, await asyncio.gather(*waiting)

    held, answers = in_a_thread(asyncio.run, one_after_the_other())
    assert held
    assert all(FACTS[1].strip() in said(events) for events in answers)


def test_an_answer_that_ends_before_its_words_needs_no_reading(server, gate, tmp_path):
    events = in_a_thread(asyncio.run, ask(server, write_pages(tmp_path / "a", FACTS, 100), QUESTION, max_tokens=16))
    assert events[-1]["usage"]["completion_tokens"] == 16
    assert events[-2]["choices"][0]["finish_reason"] == "length"
    assert not gate.read
    assert "stand_in_waited_ms" not in events[-1]["metrics"]


def test_who_leaves_is_not_read_for_any_more(server, gate, tmp_path, monkeypatch):
    pages = ["The otter of Brill is brown. " + "Rain fell on the roofs. " * 60 for _ in range(3)]
    files = write_pages(tmp_path / "a", pages, 150)

    async def leave() -> None:
        await ask(server, files, QUESTION, lambda: True)
        gate.opened.set()
        # Whatever was begun ends, and what was to come after it begins and finds that nobody waits.
        server.preparation.close()

    in_a_thread(asyncio.run, leave())
    assert gate.read <= 1


# --- what is known at once --------------------------------------------------------------------------------------------

QUESTIONS = (
    QUESTION,
    "Who was Zanthor the unheard of?",
    "Hm?",
    "",
    "水獭是什么颜色的？",
    "What is the special magic number for heron mentioned in the provided text?",
    "What are the 3 most common words in the above list?",
    f"{QUESTION} If you cannot tell, answer only: unknown",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_goes_on_from_its_opening(question):
    document = "\n\n".join(FACTS)
    for received in (document, ""):
        whole, opening = (f(received, question, 99) for f in (answer_from_text, opening_on_text))
        assert whole.reasoning == opening.reasoning
        assert whole.content.startswith(opening.content)
        assert whole.content != opening.content
    known = [PageText(number, words, None, "book") for number, words in enumerate(FACTS, 1)]
    for pages, beside in ((known, ""), ([None, None], ""), ([known[0], None], ""), ([], ""), ([], document)):
        whole = answer_from_pages(pages, beside, question, 99)
        opening = opening_on_pages(len(pages), beside, question, 99)
        assert whole.reasoning == opening.reasoning
        assert whole.content.startswith(opening.content)
        assert whole.content != opening.content


# --- what was read is kept --------------------------------------------------------------------------------------------


def reading(folder, first_shade):
    files = write_pages(folder, FACTS, first_shade)
    pages = [fetch(file.as_uri(), None, folder)[0] for file in files]
    return pages, ManifestIndex(folder).look_up(pages)


def test_a_passage_of_a_picture_is_read_once(gate, tmp_path):
    gate.opened.set()
    reader, (pages, texts) = PageReader(), reading(tmp_path / "a", 200)
    pieces = [Piece(1, 0, 20)]
    first, again = (reader.read_back(pages, texts, pieces) for _ in range(2))
    assert first == again
    assert first is not None
    assert gate.read == 1
    reader.read_back(pages, texts, [Piece(1, 0, 25)])
    reader.read_back(pages, texts, [Piece(0, 0, 20)])
    assert gate.read == 3


def test_what_was_read_is_kept_within_a_bound(gate, tmp_path, monkeypatch):
    gate.opened.set()
    monkeypatch.setattr("app.simulator.page_reading.MAX_PASSAGES", 2)
    reader, (pages, texts) = PageReader(), reading(tmp_path / "a", 250)
    for end in (10, 12, 14, 14, 10):
        reader.read_back(pages, texts, [Piece(0, 0, end)])
    assert gate.read == 4  # the second 14 was there; the first 10 had been forgotten


def test_no_new_picture_is_begun_for_who_has_left_but_what_is_known_is_told(gate, tmp_path):
    gate.opened.set()
    reader, (pages, texts), left = PageReader(), reading(tmp_path / "a", 300), threading.Event()
    known = reader.read_back(pages, texts, [Piece(0, 0, 20)], left)
    left.set()
    assert reader.read_back(pages, texts, [Piece(0, 0, 20)], left) == known
    for read in (
        lambda: reader.read_back(pages, texts, [Piece(1, 0, 20)], left),
        lambda: reader.read_all(pages, left),
        lambda: reader.read_missing(pages, [None, None], left),
    ):
        with pytest.raises(ReadingLeft):
            read()
    assert gate.read == 1
