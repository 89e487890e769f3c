"""A prepared request in, its tokens out one after the other, each when the simulated GPU would have made it.

Queue, prefill with vision encoder, decode; failures that were ordered happen here. Knows nothing of HTTP.

What an answer says is looked up in real time, by an OCR program on pages: seconds, where the simulated prefill of a cached prompt
takes a fraction of one. None of it may pass for a time of the projection. So an answer's beginning, which is known at once, is sent
when the projection says; where the rest is not there yet, the stream stands still, then catches up with its schedule, which never
moves. What even then comes after its simulated instant is told (`late`), to be taken off whatever is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from app.simulator.answer_events import Output, OutputToken
from app.simulator.chat_template import Prompt
from app.simulator.engine import Engine
from app.simulator.errors import EngineDead, ServerFault
from app.simulator.failures import Failure, Kind
from app.simulator.timing import Timing, request_timing

_EXPECTED_OUTPUT_TOKENS = 256  # for the mean decoding rate; the answer may not be written yet
_MAX_BATCH = 64
_REPORT_TOKENS, _MOST_REPORTS = (
    2048,
    40,
)  # as many tokens as are read between two words on how far it is, and how many of those

OnProgress = Callable[[int, int, int, float], Awaitable[None]]
"""Told (all tokens, cached ones, those read so far with the cached ones, milliseconds since the reading began)."""


class ConnectionDropped(Exception):
    """Ordered by a failure: the TCP connection ends here."""


@dataclass(slots=True)
class Marks:
    """Raw perf_counter stamps; None for what did not happen."""

    queued: float | None = None
    scheduled: float | None = None
    first_token: float | None = None
    last_token: float | None = None
    waited_seconds: float = 0.0
    """How long the stream stood still because the stand-in had not found its words yet."""
    late_seconds: float = 0.0
    """By how much the last token came after its simulated instant for that: the part of it that could not be caught up with."""

    def metrics(self, tokens: int) -> dict[str, float]:
        """vLLM's per-request metrics, by its definitions: the first token counts from scheduling. `stand_in_*` are this
        simulator's own, where it has had to wait for its own words; no other figure counts that."""
        found: dict[str, float] = {}
        if self.queued is not None and self.scheduled is not None:
            found["queue_time_ms"] = (self.scheduled - self.queued) * 1e3
        if self.scheduled is None or self.first_token is None or self.last_token is None:
            return found
        found["time_to_first_token_ms"] = (self.first_token - self.scheduled) * 1e3
        last_token = self.last_token - self.late_seconds
        found["generation_time_ms"] = (last_token - self.first_token) * 1e3
        if tokens > 1:
            found["mean_itl_ms"] = found["generation_time_ms"] / (tokens - 1)
        inference = last_token - self.scheduled
        if inference > 0:
            found["tokens_per_second"] = tokens / inference
        if self.waited_seconds:
            found["stand_in_waited_ms"] = self.waited_seconds * 1e3
            found["stand_in_late_ms"] = self.late_seconds * 1e3
        return found


@dataclass(slots=True)
class Job:
    prompt: Prompt
    blocks: Sequence[bytes]  # of the prompt, as the prefix cache knows them
    begun: Output  # known at once
    output: asyncio.Future[Output]  # goes on from there; written meanwhile, in real time
    received: float  # by the engine's clock
    failures: tuple[Failure, ...] = ()
    marks: Marks = field(default_factory=Marks)
    cached_tokens: int = 0
    generated: int = 0
    on_progress: OnProgress | None = None
    crash_exits: bool = False  # the process shall end after this answer, as vLLM's does when its engine has died

    @property
    def known(self) -> Output:
        """What is written by now. Raises what went wrong with writing it."""
        return self.output.result() if self.output.done() else self.begun

    def failure(self, kind: Kind) -> Failure | None:
        return next((failure for failure in self.failures if failure.kind is kind), None)


async def generate(engine: Engine, job: Job) -> AsyncGenerator[list[OutputToken]]:
    """Yields tokens in small lists: one at a time, more when the receiver or this machine is late."""
    reason = "abort"
    with ExitStack() as stack:
        stack.callback(lambda: _count_finished(engine, job, reason))
        try:
            timing = await _read_prompt(engine, job, stack)
            async for batch in _decode(engine, job, timing):
                yield batch
            reason = job.known.finish_reason or reason
        except (EngineDead, ServerFault):
            reason = "error"
            raise


async def _read_prompt(engine: Engine, job: Job, stack: ExitStack) -> Timing:
    settings = engine.settings
    job.marks.queued = engine.clock()
    await engine.acquire_gpu()
    try:
        engine.check_alive()
        scheduled = job.marks.scheduled = engine.clock()
        engine.queue_seconds.observe(scheduled - job.marks.queued)
        length = len(job.prompt.tokens)
        stack.enter_context(engine.held(length))
        job.cached_tokens = engine.prefix.cached_tokens(job.blocks, length)
        engine.counters.prompt_tokens += length
        engine.counters.prefix_queries += length
        engine.counters.prefix_hits += job.cached_tokens
        # A page whose tokens all lie in the cached beginning is not looked at; nor is one whose encoding is kept.
        unread = [span.page for span in job.prompt.images if span.end > job.cached_tokens]
        patches = [page.patches for page in engine.encoder.encode(unread)]
        timing = request_timing(
            settings.shape, settings.gpu, length, job.cached_tokens, patches, _EXPECTED_OUTPUT_TOKENS
        )
        if job.on_progress is not None:
            await _tell_progress(engine, job, patches, job.on_progress)
        await _sleep_until(engine, scheduled + timing.prefill_seconds / settings.speedup)
        engine.prefix.add(job.blocks)
    finally:
        engine.release_gpu()
    stall = job.failure(Kind.STALL)
    if stall:
        await asyncio.sleep(stall.seconds)
    await _sleep_until(engine, engine.clock() + timing.seconds_per_token / settings.speedup)
    return timing


async def _tell_progress(engine: Engine, job: Job, patches: list[int], tell: OnProgress) -> None:
    """Say how far the prompt is read, each time when a prompt of that length would have been read whole."""
    settings, length, scheduled = engine.settings, len(job.prompt.tokens), job.marks.scheduled or engine.clock()
    step = max(_REPORT_TOKENS, -(-(length - job.cached_tokens) // _MOST_REPORTS))
    for read in range(job.cached_tokens + step, length, step):
        so_far = request_timing(settings.shape, settings.gpu, read, job.cached_tokens, patches, _EXPECTED_OUTPUT_TOKENS)
        await _sleep_until(engine, scheduled + so_far.prefill_seconds / settings.speedup)
        await tell(length, job.cached_tokens, read, 1e3 * (engine.clock() - scheduled))


async def _decode(engine: Engine, job: Job, timing: Timing) -> AsyncGenerator[list[OutputToken]]:
    step = timing.seconds_per_token / engine.settings.speedup
    started = last = job.marks.first_token = engine.clock()
    engine.first_token_seconds.observe(started - job.received)
    engine.prefill_seconds.observe(started - (job.marks.scheduled or started))
    breaks = sorted(
        {
            f.after_tokens
            for f in job.failures
            if f.kind in (Kind.STALL_MID, Kind.DISCONNECT, Kind.ENGINE_CRASH, Kind.STREAM_ERROR)
        }
    )
    while True:
        waited = await _wait_for_words(engine, job)
        output = job.known
        total = len(output.tokens)
        if job.generated == total:
            return
        paused = await _fail_if_ordered(engine, job)
        started += paused
        await _sleep_until(engine, started + job.generated * step)
        engine.check_alive()
        now = engine.clock()
        due = int((now - started) / step) + 1 - job.generated if step > 0 else _MAX_BATCH
        end = min(total, job.generated + max(1, min(due, _MAX_BATCH)))
        end = min([end, *(place for place in breaks if place > job.generated)])
        batch = list(output.tokens[job.generated : end])
        last = now - len(batch) * step if waited else last  # no gap between two tokens of the simulated GPU
        for _ in batch:
            engine.between_tokens_seconds.observe((now - last) / len(batch))
        job.generated = end
        engine.counters.generation_tokens += len(batch)
        last = job.marks.last_token = now
        if job.marks.waited_seconds:
            job.marks.late_seconds = max(0.0, now - (started + (end - 1) * step))
        yield batch


async def _wait_for_words(engine: Engine, job: Job) -> float:
    """Seconds that the stream stands still because all that is known is sent and more is still being looked up."""
    if job.known.is_whole or job.generated < len(job.begun.tokens):
        return 0.0
    before = engine.clock()
    await job.output
    waited = engine.clock() - before
    job.marks.waited_seconds += waited
    return waited


async def _fail_if_ordered(engine: Engine, job: Job) -> float:
    """Seconds of an ordered silence, when one happened here; other failures raise."""
    paused = 0.0
    for failure in job.failures:
        if failure.after_tokens != job.generated:
            continue
        if failure.kind is Kind.STALL_MID:
            before = engine.clock()
            await asyncio.sleep(failure.seconds)
            paused += engine.clock() - before
        elif failure.kind is Kind.DISCONNECT:
            raise ConnectionDropped
        elif failure.kind is Kind.STREAM_ERROR:
            raise ServerFault("Internal server error")
        elif failure.kind is Kind.ENGINE_CRASH:
            engine.crash(failure.seconds if not failure.exits else 60.0)
            job.crash_exits = failure.exits
            raise EngineDead
    return paused


async def _sleep_until(engine: Engine, moment: float) -> None:
    left = moment - engine.clock()
    # Also when late: others must have their turn.
    await asyncio.sleep(max(0.0, left))


def _count_finished(engine: Engine, job: Job, reason: str) -> None:
    engine.counters.finished[reason] += 1
