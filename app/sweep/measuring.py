"""Carry out one task: cut, render, ask, and say in a Record what became of it. Only AskingStopped leaves it.

Holds what tasks share: the excerpts of the book, and the pages drawn of them. Knows nothing of order, budgets or journals.
"""

from __future__ import annotations

import shutil
import statistics
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.clients import ClientError, ContextExceeded, PageFile, PagesPrompt, Prompt, TextPrompt
from app.long_runs import AskingStopped
from app.measurement import CacheState
from app.pagefiles.writer import PageSet, PagesUnwritable, write_pages
from app.sweep.asking import Asked, ask_cold, ask_together
from app.sweep.excerpts import Excerpt, excerpts
from app.sweep.fullness import LoadWatch
from app.sweep.subject import SweepSubject
from app.sweep.values import Arm, Kind, Outcome, Record, SweepPlan, Task
from app.tokens import count_text_tokens
from renderer import RenderCancelled, RenderError

QUESTION = "Retell all of this from the beginning, scene by scene, in as much detail as you can."
_TEMPLATE_TOKENS = 32  # the question's frame: some ten on either side
_NEARLY = 0.98  # of a length: so much of it is still called by its name
WARM_UP_TOKENS = 256  # a short request pays for connections, kernels and caches that grow on first use


class Measurer:
    """One task at a time. `close` deletes the pages that it drew."""

    def __init__(self, subject: SweepSubject, plan: SweepPlan, workspace: Path) -> None:
        self._subject = subject
        self._plan = plan
        self._workspace = workspace
        self._cut: dict[int, Excerpt] | None = None
        self._drawn: dict[tuple[int, int], PageSet] = {}
        self._book_tokens: int | None = None

    def warm_up(self, arm: Arm, cancel: threading.Event) -> None:
        """One short request whose times are thrown away. A failure is not told: the first measurement will tell it."""
        text = self._subject.text[: 8 * WARM_UP_TOKENS]
        try:
            ask_cold(self._subject.server(arm).endpoint, self._prompt(arm, text, -1), 4, cancel)
        except (ClientError, RenderError, PagesUnwritable):
            return

    def measure(self, task: Task, enough: str, cancel: threading.Event) -> Record:
        """`enough`: why it need not be measured any more, else empty. Raises AskingStopped."""
        server = self._subject.server(task.arm)
        record = Record(task, Outcome.FAILED, server.provenance)
        try:
            record = self._measured(task, enough, record, cancel)
        except ContextExceeded as error:
            record = replace(record, outcome=Outcome.LEFT_OUT, detail=error.what_happened)
        except ClientError as error:
            record = replace(record, outcome=Outcome.FAILED, detail=str(error))
        except RenderCancelled as error:
            raise AskingStopped from error
        except (RenderError, PagesUnwritable) as error:
            record = replace(record, outcome=Outcome.FAILED, detail=str(error))
        return replace(record, at=datetime.now(UTC).isoformat(timespec="milliseconds"))

    def close(self) -> None:
        shutil.rmtree(self._workspace, ignore_errors=True)

    def _measured(self, task: Task, enough: str, record: Record, cancel: threading.Event) -> Record:
        excerpt = self._excerpts().get(task.text_tokens)
        if excerpt is None:
            words = f"The book has {self._book_tokens:,} tokens, fewer than the {task.text_tokens:,} asked for."
            return replace(record, outcome=Outcome.LEFT_OUT, detail=words)
        record = replace(record, text_tokens=excerpt.tokens)
        if enough:
            return replace(record, outcome=Outcome.LEFT_OUT, detail=enough)
        prompt = self._prompt(task.arm, excerpt.text, task.text_tokens, cancel.is_set)
        tokens = excerpt.tokens
        if task.arm.dpi is not None:
            drawn = self._drawn[task.text_tokens, task.arm.dpi]
            pages, visual = len(drawn.pages), drawn.totals.visual_tokens
            record = replace(record, pages=pages, visual_tokens=visual, render_ms=1000 * drawn.seconds)
            tokens = visual + 2 * pages
        answer_tokens = self._plan.prefill_answer_tokens if task.kind is Kind.PREFILL else self._plan.answer_tokens
        server = self._subject.server(task.arm)
        needed = tokens + _TEMPLATE_TOKENS + count_text_tokens(QUESTION).value + answer_tokens
        if server.window_tokens is not None and needed > server.window_tokens:
            words = f"It needs {needed:,} tokens with its answer; {server.endpoint.name}'s window has {server.window_tokens:,}."
            return replace(record, outcome=Outcome.LEFT_OUT, detail=words)
        if task.kind is Kind.LOAD:
            with LoadWatch(server.endpoint) as watch:
                answered, errors = ask_together(server.endpoint, prompt, answer_tokens, task.at_once, cancel)
            record = replace(record, kv_cache_peak=watch.kv_cache_peak, waiting_peak=watch.waiting_peak)
            return _together(record, answered, errors)
        return _alone(record, ask_cold(server.endpoint, prompt, answer_tokens, cancel))

    def _excerpts(self) -> dict[int, Excerpt]:
        if self._cut is None:
            self._book_tokens = count_text_tokens(self._subject.text).value
            targets = {length: self._target(length) for length in self._plan.lengths}
            cut = excerpts(self._subject.text, tuple(sorted(set(targets.values()))))
            self._cut = {length: cut[target] for length, target in targets.items() if target in cut}
        return self._cut

    def _target(self, length: int) -> int:
        """The length, or a little less where the text's window is just that large: 128K of text beside an answer of it."""
        window = self._subject.text_server.window_tokens
        if window is None:
            return length
        answers = (self._plan.prefill_answer_tokens, self._plan.answer_tokens)
        longest = max(answers) if self._plan.decode or self._plan.at_once else answers[0]
        room = window - longest - _TEMPLATE_TOKENS - count_text_tokens(QUESTION).value
        return room if _NEARLY * length <= room < length else length

    def _prompt(self, arm: Arm, text: str, length: int, cancelled: Callable[[], bool] | None = None) -> Prompt:
        if arm.dpi is None:
            return TextPrompt(text, QUESTION)
        drawn = self._drawn.get((length, arm.dpi))
        if drawn is None:
            config = replace(self._subject.config, dpi=arm.dpi)
            folder = self._workspace / f"{length}-{arm.dpi}"
            drawn = write_pages(text, self._subject.title, config, folder, cancelled=cancelled)
            self._drawn[length, arm.dpi] = drawn
        files = tuple(PageFile(page.path, page.png_sha256, page.width_px, page.height_px) for page in drawn.pages)
        return PagesPrompt(files, QUESTION)


def _alone(record: Record, asked: Asked) -> Record:
    found = asked.latencies
    if found.ttft_ms is None:
        words = "The server does not stream: its answer came whole, so no first token could be timed."
        return replace(record, outcome=Outcome.FAILED, detail=words)
    return replace(
        record,
        outcome=Outcome.MEASURED,
        prompt_tokens=asked.usage.prompt_tokens if asked.usage else None,
        cache=asked.cache,
        ttft_ms=(found.ttft_ms,),
        headers_ms=() if found.headers_ms is None else (found.headers_ms,),
        tokens_per_second=found.decode_tokens_per_second if record.task.kind is Kind.DECODE else None,
        answer_tokens=asked.answer_tokens,
        seconds=(found.total_ms or 0.0) / 1000,
    )


def _together(record: Record, answered: list[Asked], errors: list[ClientError]) -> Record:
    words = ""
    if errors:
        words = f"{len(errors)} of {record.task.at_once} requests failed: {errors[0].what_happened}"
    timed = [one for one in answered if one.latencies.ttft_ms is not None]
    if errors or not timed:
        # Tokens a second of the others would be those of fewer requests at once.
        if any(isinstance(error, ContextExceeded) for error in errors):
            return replace(record, outcome=Outcome.LEFT_OUT, detail=words)
        return replace(record, outcome=Outcome.FAILED, detail=words or "No answer could be timed.")
    sent = min(one.marks.sent for one in timed if one.marks.sent is not None)
    lasts = (one.marks.last_counted(one.latencies.provenance) for one in timed)
    last = max(at for at in lasts if at is not None)
    tokens = sum(one.answer_tokens for one in timed)
    states = {one.cache for one in timed}
    prompts = [one.usage.prompt_tokens for one in timed if one.usage and one.usage.prompt_tokens is not None]
    return replace(
        record,
        outcome=Outcome.MEASURED,
        prompt_tokens=round(statistics.median(prompts)) if prompts else None,
        cache=CacheState.WARM
        if CacheState.WARM in states
        else states.pop()
        if len(states) == 1
        else CacheState.UNKNOWN,
        ttft_ms=tuple(one.latencies.ttft_ms for one in timed if one.latencies.ttft_ms is not None),
        headers_ms=tuple(one.latencies.headers_ms for one in timed if one.latencies.headers_ms is not None),
        tokens_per_second=tokens / (last - sent) if last > sent else None,
        answer_tokens=tokens,
        seconds=last - sent,
    )
