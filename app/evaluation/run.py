"""Carry an evaluation out: every item on every arm into the journal, several items at once; stop, resume, and a look at any time.

In: a subject (servers), a plan's journal, its items, a folder for pages. Out: results in the journal; RunLook values. Knows nothing
of screens. An item's arms are asked one after the other in the same thread, so that its pages are drawn once.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from app.clients import ClientError, Endpoint, Role, SamplingSettings, identified
from app.evaluation.asking import Asked, ask
from app.evaluation.errors import EvaluationError, PlanError
from app.evaluation.forms import Form, ItemForms
from app.evaluation.journal import Journal, ServerNote
from app.evaluation.plan import MOST_AT_ONCE
from app.evaluation.scoring import graded, likeness
from app.evaluation.values import Arm, Item, Outcome, Result
from app.long_runs import AskingStopped, BackgroundRun, RunState
from app.pagefiles.writer import PagesUnwritable
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, TokensError
from renderer import RenderError

_log = logging.getLogger(__name__)
_PROBE_S = 5.0
REPETITION_PENALTY = 1.1  # of Glyph's own runs
_TEMPLATE_TOKENS = 64


@dataclass(frozen=True, slots=True)
class RunLook:
    """`seconds_left` None: nothing was asked yet that it could be told by."""

    state: RunState
    done: int
    total: int
    now: str
    seconds_left: float | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationServer:
    """One side's server. `window_tokens`: prompt and answer together; None: it did not say."""

    endpoint: Endpoint
    window_tokens: int | None = None

    @property
    def note(self) -> ServerNote:
        return ServerNote(self.endpoint.role, self.endpoint.model, self.endpoint.simulated)


def looked_at(endpoint: Endpoint) -> tuple[EvaluationServer, str]:
    """Ask the server what it is. Also: why it cannot be reached, else empty."""
    known, state = identified(endpoint, _PROBE_S)
    return EvaluationServer(known, state.max_model_len), "" if state.reachable else state.detail


class EvaluationRun(BackgroundRun):
    """Every method but `run` from any thread."""

    def __init__(
        self,
        journal: Journal,
        items: Sequence[Item],
        servers: dict[Role, EvaluationServer],
        workspace: Path,
        *,
        at_once: int = 1,
        on_result: Callable[[Result, RunLook], None] | None = None,
        waits_s: tuple[float, ...] | None = None,
    ) -> None:
        """Raises PlanError."""
        if not 1 <= at_once <= MOST_AT_ONCE:
            raise PlanError(f"{at_once} calls at once; choose from 1 to {MOST_AT_ONCE}.")
        super().__init__("evaluation")
        plan = journal.header.plan
        if missing := [arm.role for arm in plan.arms if arm.role not in servers]:
            raise PlanError(f"{missing[0].opening} has no server, and an arm needs it.")
        self._journal, self._plan, self._servers = journal, plan, servers
        self._workspace, self._at_once, self._on_result = workspace, at_once, on_result
        self._waits = {} if waits_s is None else {"waits_s": waits_s}
        settled = journal.settled
        # Spread: what is there after a while speaks of every task.
        self._waiting: list[tuple[Item, tuple[Arm, ...]]] = []
        for item in _spread(items):
            arms = tuple(arm for arm in plan.arms if f"{item.id}|{arm.key}" not in settled)
            if arms:
                self._waiting.append((item, arms))
        self._left = sum(len(arms) for _, arms in self._waiting)
        self._total = len(items) * len(plan.arms)
        self._done_now = 0
        self._began = time.monotonic()
        self._ended: float | None = None
        self._now: dict[int, str] = {}

    def stop(self) -> None:
        """Calls under way are given up and asked again on resuming; every answer that came stays in the journal."""
        self._cancel.set()

    def look(self) -> RunLook:
        with self._changed:
            spent = (self._ended or time.monotonic()) - self._began
            left = self._left * spent / self._done_now if self._done_now else None
            now = next(iter(self._now.values()), "")
            done = self._total - self._left
            return RunLook(self._state, done, self._total, now, left if self._left else 0.0, self._detail)

    def run(self) -> RunLook:
        """Every call that the journal has not settled. Never raises for what servers or the disk do: the look tells."""
        state, detail = RunState.DONE, ""
        try:
            with ThreadPoolExecutor(self._at_once, thread_name_prefix="evaluation") as pool:
                for worker in [pool.submit(self._work) for _ in range(self._at_once)]:
                    worker.result()
            if self._cancel.is_set():
                state = RunState.STOPPED
        except EvaluationError as error:
            state, detail = RunState.BROKEN, str(error)
        except Exception as error:  # a bug of ours must show, not leave it running for ever
            _log.exception("An evaluation failed unexpectedly")
            state, detail = RunState.BROKEN, f"Something unexpected went wrong here: {type(error).__name__}."
        finally:
            shutil.rmtree(self._workspace, ignore_errors=True)
            self._journal.close()
            with self._changed:
                self._ended = time.monotonic()
                self._state, self._detail = state, detail
                self._now.clear()
                self._changed.notify_all()
        return self.look()

    def _work(self) -> None:
        me = threading.get_ident()
        try:
            while not self._cancel.is_set():
                with self._changed:
                    if not self._waiting:
                        return
                    item, arms = self._waiting.pop(0)
                folder = self._workspace / item.id.replace("/", "-")
                try:
                    forms = ItemForms(item, folder, self._plan.factsheet_tokens)
                    for arm in arms:
                        with self._changed:
                            self._now[me] = f"{item.id}, {arm.label}"
                        self._keep(self._result(item, arm, forms))
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
        except AskingStopped:
            return
        except BaseException:
            self._cancel.set()  # the others end too: a disk that is full is full for all
            raise

    def _keep(self, result: Result) -> None:
        with self._changed:
            self._journal.append(result)
            self._left -= 1
            self._done_now += 1
        if self._on_result is not None:
            self._on_result(result, self.look())

    def _result(self, item: Item, arm: Arm, forms: ItemForms) -> Result:
        if self._cancel.is_set():
            raise AskingStopped
        server = self._servers[arm.role]
        empty = replace(_unanswered(item, arm), simulated=server.endpoint.simulated)
        if server.endpoint.simulated:
            gpu, speedup = server.endpoint.simulated_gpu, server.endpoint.simulated_speedup
            empty = replace(empty, simulated_gpu=gpu, simulated_speedup=speedup)
        try:
            form = forms.form(arm)
        except (RenderError, PagesUnwritable, TokensError, OSError) as error:
            return _at_now(replace(empty, detail=str(error)))
        result = replace(
            empty,
            context_tokens=form.context_tokens,
            visual_tokens=form.visual_tokens,
            factsheet_tokens=form.factsheet_tokens,
            pages=form.pages,
        )
        if words := self._does_not_fit(form, server):
            return _at_now(replace(result, detail=words))
        try:
            asked = ask(server.endpoint, form.prompt, self._sampling(form, server), self._cancel, **self._waits)
        except ClientError as error:  # found before anything is sent
            return _at_now(replace(result, detail=str(error)))
        return _at_now(_scored(result, item, asked))

    def _does_not_fit(self, form: Form, server: EvaluationServer) -> str:
        needed = _prompt_tokens(form)
        if server.window_tokens is None or needed < server.window_tokens:
            return ""
        return f"It needs some {needed:,} tokens; {server.endpoint.name}'s window has {server.window_tokens:,}."

    def _sampling(self, form: Form, server: EvaluationServer) -> SamplingSettings:
        """Temperature 0 and Glyph's repetition penalty; the answer's share is cut to what the window leaves."""
        tokens = self._plan.answer_tokens
        if server.window_tokens is not None:
            tokens = max(16, min(tokens, server.window_tokens - _prompt_tokens(form)))
        return SamplingSettings(
            max_tokens=tokens,
            temperature=0.0,
            repetition_penalty=REPETITION_PENALTY,
            thinking=self._plan.thinking,
            seed=self._plan.seed,
        )


def _prompt_tokens(form: Form) -> int:
    """Reckoned, template and question included."""
    prompt = form.prompt
    document = form.context_tokens if getattr(prompt, "document", "") else 0
    if form.visual_tokens is not None:
        document = form.visual_tokens + VISUAL_OVERHEAD_PER_PAGE * (form.pages or 0) + (form.factsheet_tokens or 0)
    return document + len(prompt.question) // 2 + _TEMPLATE_TOKENS


def _unanswered(item: Item, arm: Arm) -> Result:
    return Result(item.id, item.task, arm.key, Outcome.NO_ANSWER, 0.0, likeness=likeness(item, ""))


def _scored(result: Result, item: Item, asked: Asked) -> Result:
    if asked.error:
        return replace(result, detail=asked.error, attempts=asked.attempts, retryable=asked.retryable)
    score, outcome = graded(item, asked.answer)
    usage = asked.usage
    detail = ""
    if outcome is Outcome.NO_ANSWER:
        detail = f"The answer is empty (it ended with “{asked.finish_reason or 'nothing'}”)."
    elif asked.finish_reason == "length":
        detail = "Cut at the maximum of answer tokens."
    return replace(
        result,
        outcome=outcome,
        score=score,
        answer=asked.answer,
        detail=detail,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        ttft_ms=asked.ttft_ms,
        seconds=asked.seconds,
        attempts=asked.attempts,
        likeness=likeness(item, asked.answer),
    )


def _at_now(result: Result) -> Result:
    return replace(result, at=datetime.now(UTC).isoformat(timespec="milliseconds"))


def _spread(items: Sequence[Item]) -> list[Item]:
    """The tasks' first items first, then their second ones, and so on."""
    seen: Counter[str] = Counter()
    ranked = []
    for at, item in enumerate(items):
        ranked.append((seen[item.task], at))
        seen[item.task] += 1
    return [items[at] for _, at in sorted(ranked)]
