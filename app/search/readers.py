"""Who reads the pages: a setting in, how well it was read out. Stand-ins for the vision model on a laptop, and named as such.

ClarityReader: random codes, character by character (app/legibility's gauge); the cheap one. NeedleReader: numbers hidden in
the user's own documents, right only as a whole. Both draw at the very settings and read after the model's own resize.
ServerReader: the model itself.
"""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.clients import ClientError, SamplingSettings
from app.evaluation import Arm, EvaluationError, EvaluationServer, Given, Sources, graded, make_items, wilson
from app.evaluation.asking import ask
from app.evaluation.forms import ItemForms
from app.legibility import NoProbe, OcrUnavailable, read_spans, table_clarity, why_not
from app.legibility.gauge import read_probe, share_with_range
from app.paths import PAGES_OUT, make_private
from app.search.documents import Documents
from app.search.errors import SearchError
from app.search.values import ItemSet, Misread, ReaderChoice, ReaderKind, Reading
from renderer import RenderConfig

VALIDATION_ITEMS, HELD_OUT_ITEMS = 24, 72
SERVER_ITEMS = (8, 24)
_SAMPLING = SamplingSettings(max_tokens=512, temperature=0.0, repetition_penalty=1.1)
_PROBE_LINES = {ItemSet.VALIDATION: 18, ItemSet.HELD_OUT: 54}
_SEEDS = {ItemSet.VALIDATION: 101, ItemSet.HELD_OUT: 907}
_EXCERPT = 4_500  # characters around some needles: a page or two
_NEEDLES_AN_EXCERPT = 6
_MISREAD_TOLD = 6
_HOPELESS = 0.35  # of probe characters misread, by the stored table: no number of seven digits survives that
_ADJECTIVES = (
    "amber",
    "brisk",
    "calm",
    "dusty",
    "eager",
    "faint",
    "gentle",
    "hollow",
    "idle",
    "jolly",
    "keen",
    "lucid",
)
_NOUNS = ("anchor", "bridge", "candle", "drawer", "engine", "feather", "garden", "harbor", "island", "jacket", "kettle")


class Reader(Protocol):
    """`name` says what reads, for every place where an accuracy is shown."""

    @property
    def name(self) -> str: ...

    def read(self, config: RenderConfig, items: ItemSet) -> Reading:
        """Raises SearchError, RenderError."""
        ...

    def hopeless(self, config: RenderConfig) -> str:
        """Why these settings need not be read, in words, by what costs nothing; "" where they do."""
        ...


def _check_ocr() -> None:
    if reason := why_not():
        raise SearchError(f"Nothing can be read here: {reason}.")


def _hopeless(config: RenderConfig) -> str:
    share = table_clarity(config).share_wrong
    return f"{100 * share:.0f} % of probe characters misread by the stored table" if share >= _HOPELESS else ""


class ClarityReader:
    """Share of random characters read rightly."""

    name = "print clarity (an OCR program reads random codes)"

    def __init__(self) -> None:
        _check_ocr()

    def read(self, config: RenderConfig, items: ItemSet) -> Reading:
        try:
            reads, _ = read_probe(config, _PROBE_LINES[items], _SEEDS[items])
        except (NoProbe, OcrUnavailable) as error:
            raise SearchError(str(error)) from error
        share, low, high = share_with_range(reads)
        return Reading(1 - share, 1 - high, 1 - low, len(reads))

    def hopeless(self, config: RenderConfig) -> str:
        return _hopeless(config)


@dataclass(frozen=True, slots=True)
class _Needles:
    """An excerpt with needles in it: each one's span in the text, and the number that must be read."""

    text: str
    spans: tuple[tuple[int, int], ...]
    numbers: tuple[str, ...]


class NeedleReader:
    """Share of seven-digit numbers, hidden in the documents, that an OCR program read without a mistake."""

    name = "needles (an OCR program reads numbers hidden in the documents)"

    def __init__(
        self, documents: Documents, validation: int = VALIDATION_ITEMS, held_out: int = HELD_OUT_ITEMS, seed: int = 0
    ) -> None:
        _check_ocr()
        self._sets = {
            ItemSet.VALIDATION: _hidden(documents, validation, _SEEDS[ItemSet.VALIDATION] + 2_000 * seed),
            ItemSet.HELD_OUT: _hidden(documents, held_out, _SEEDS[ItemSet.HELD_OUT] + 2_000 * seed),
        }

    def read(self, config: RenderConfig, items: ItemSet) -> Reading:
        right, wrong, count = 0, [], 0
        for needles in self._sets[items]:
            try:
                found = read_spans(needles.text, config, needles.spans)
            except (NoProbe, OcrUnavailable) as error:
                raise SearchError(str(error)) from error
            for number, (start, end), read in zip(needles.numbers, needles.spans, found, strict=True):
                count += 1
                if number in read.replace(" ", ""):
                    right += 1
                else:
                    wrong.append(Misread(needles.text[start:end], read))
        share = wilson(right / count, count)
        return Reading(share.value, share.low, share.high, count, tuple(wrong[:_MISREAD_TOLD]))

    def hopeless(self, config: RenderConfig) -> str:
        return _hopeless(config)


class ServerReader:
    """A model behind a server, asked items of a task of app/evaluation on pages of each setting: slow, and the real thing."""

    def __init__(
        self,
        server: EvaluationServer,
        choice: ReaderChoice,
        validation: int = SERVER_ITEMS[0],
        held_out: int = SERVER_ITEMS[1],
    ) -> None:
        self._server, self._cancel = server, threading.Event()
        simulated = ", simulated" if server.endpoint.simulated else ""
        self.name = f"{server.endpoint.model}{simulated}: {choice.task} at {choice.length:,} tokens"
        try:
            self._sets = {
                items: make_items(choice.task, length=choice.length, count=count, seed=_SEEDS[items], sources=Sources())
                for items, count in ((ItemSet.VALIDATION, validation), (ItemSet.HELD_OUT, held_out))
            }
        except EvaluationError as error:
            raise SearchError(str(error)) from error

    def read(self, config: RenderConfig, items: ItemSet) -> Reading:
        scores: list[float] = []
        wrong: list[Misread] = []
        arm = Arm(Given.PAGES, config)
        for item in self._sets[items]:
            with tempfile.TemporaryDirectory(prefix="search-", dir=make_private(PAGES_OUT)) as folder:
                try:
                    form = ItemForms(item, Path(folder), 0).form(arm)
                    asked = ask(self._server.endpoint, form.prompt, _SAMPLING, self._cancel)
                except (ClientError, OSError) as error:
                    raise SearchError(f"The reader's server gave no answer: {error}") from error
            if asked.error:
                raise SearchError(f"The reader's server gave no answer: {asked.error}")
            scores.append(graded(item, asked.answer)[0])
            if scores[-1] < 1:
                wrong.append(Misread(", ".join(item.references)[:200], asked.answer[:200]))
        share = wilson(sum(scores) / len(scores), len(scores))
        return Reading(share.value, share.low, share.high, share.count, tuple(wrong[:_MISREAD_TOLD]))

    def hopeless(self, config: RenderConfig) -> str:
        return _hopeless(config)


def make_reader(choice: ReaderChoice, documents: Documents, server: EvaluationServer | None = None) -> Reader:
    """Raises SearchError where it cannot read here, or where a server is needed and none is given."""
    if choice.kind is ReaderKind.CLARITY:
        return ClarityReader()
    if choice.kind is ReaderKind.NEEDLES:
        return NeedleReader(documents)
    if server is None:
        raise SearchError("Glyph has no server that answers; the Servers screen says why.")
    return ServerReader(server, choice)


def _hidden(documents: Documents, count: int, seed: int) -> tuple[_Needles, ...]:
    """Seeded: excerpts of the documents in turn, from different places, some needles in each."""
    rng = random.Random(seed)
    found: list[_Needles] = []
    left = count
    while left > 0:
        text = documents.texts[len(found) % len(documents.texts)]
        start = rng.randrange(max(1, len(text) - _EXCERPT))
        found.append(_with_needles(text[start : start + _EXCERPT], min(left, _NEEDLES_AN_EXCERPT), rng))
        left -= len(found[-1].numbers)
    return tuple(found)


def _with_needles(excerpt: str, count: int, rng: random.Random) -> _Needles:
    places = sorted(rng.sample(_breaks(excerpt, count), count))
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    numbers: list[str] = []
    length = previous = 0
    for place in places:
        number = str(rng.randrange(1_000_000, 10_000_000))
        key = f"{rng.choice(_ADJECTIVES)}-{rng.choice(_NOUNS)}"
        needle = f"One of the special magic numbers for {key} is: {number}."
        before = excerpt[previous:place]
        pieces += [before, f" {needle} "]
        start = length + len(before) + 1
        # What is read is the number and a word beside it: the rest of the sentence says nothing about digits.
        spans.append((start + needle.index(" is: ") + 1, start + len(needle)))
        numbers.append(number)
        length += len(before) + len(needle) + 2
        previous = place
    return _Needles("".join([*pieces, excerpt[previous:]]), tuple(spans), tuple(numbers))


def _breaks(text: str, least: int) -> Sequence[int]:
    """Where a sentence may be put in: behind sentence ends, else behind blanks, else anywhere."""
    for marks in (".!?。！？\n", " \n", None):
        found = [i + 1 for i, letter in enumerate(text) if marks is None or letter in marks]
        if len(found) >= least:
            return found
    raise SearchError("The documents are too short to hide numbers in.")
