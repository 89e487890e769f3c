"""Lay one answer's time out as stages: parse, render, encode, send, preprocess, queue, prefill, reason, answer.

In: Marks, preparation times, the server's own timings where it gives them. Out: a Waterfall, stage after stage without
gap or overlap, in milliseconds from its own zero. Draws nothing. A stage whose marks are missing is left out.
"""

from __future__ import annotations

from app.clients import ServerTimings
from app.measurement.values import Marks, Preparation, Provenance, Stage, StageName, Waterfall

SERVER_QUEUE_NOTE = "queue time as the server tells it"
NO_QUEUE_NOTE = "queue included: the server does not tell it apart"
NOT_SPLIT_NOTE = "preprocessing and queue included: this server does not tell them apart"
RESENT_NOTE = "sent twice: the server had forgotten the images"


def waterfall(
    marks: Marks,
    preparation: Preparation = Preparation(),  # noqa: B008 - frozen
    timings: ServerTimings | None = None,
    provenance: Provenance = Provenance.MEASURED,
    headers_end_preprocessing: bool = True,
) -> Waterfall:
    """`headers_end_preprocessing`: true of vLLM; a hosted server may send its headers at any time."""
    builder = _Builder(provenance)
    # Our own work is measured on either kind of server.
    builder.add(StageName.PARSE, preparation.parse_ms, provenance=Provenance.MEASURED)
    builder.add(StageName.RENDER, preparation.render_ms, provenance=Provenance.MEASURED)
    builder.add(StageName.ENCODE, preparation.encode_ms, provenance=Provenance.MEASURED)
    zero_ms = builder.at_ms
    _server_stages(builder, marks, timings, headers_end_preprocessing)
    last = marks.last_counted(provenance)
    _words(builder, marks, last)
    return Waterfall(
        stages=tuple(builder.stages),
        first_token_ms=_offset(marks.sent, marks.first_token, zero_ms),
        done_ms=_offset(marks.sent, last, zero_ms),
    )


def _server_stages(
    builder: _Builder, marks: Marks, timings: ServerTimings | None, headers_end_preprocessing: bool
) -> None:
    send_note = RESENT_NOTE if marks.resent is not None else ""
    builder.add(StageName.SEND, _ms(marks.sent, marks.body_sent), send_note)
    if not headers_end_preprocessing:
        builder.add(StageName.PREFILL, _ms(marks.body_sent, marks.first_token), NOT_SPLIT_NOTE)
        return
    builder.add(StageName.PREPROCESS, _ms(marks.body_sent, marks.headers))
    wait_ms = _ms(marks.headers, marks.first_token)
    if wait_ms is None:
        return
    queue_ms = timings.queue_ms if timings is not None else None
    if queue_ms is None:
        builder.add(StageName.PREFILL, wait_ms, NO_QUEUE_NOTE)
        return
    # The server's stopwatch and ours are two clocks: its queue can never be longer than the wait that we saw.
    queue_ms = min(max(queue_ms, 0.0), wait_ms)
    builder.add(StageName.QUEUE, queue_ms, SERVER_QUEUE_NOTE)
    builder.add(StageName.PREFILL, wait_ms - queue_ms)


def _words(builder: _Builder, marks: Marks, last: float | None) -> None:
    if marks.first_reasoning is not None:
        end = marks.first_answer if marks.first_answer is not None else last
        builder.add(StageName.REASON, _ms(marks.first_reasoning, end))
    builder.add(StageName.ANSWER, _ms(marks.first_answer, last))


class _Builder:
    """Sets one stage behind the other."""

    def __init__(self, provenance: Provenance) -> None:
        self.stages: list[Stage] = []
        self.at_ms = 0.0
        self._provenance = provenance

    def add(
        self, name: StageName, duration_ms: float | None, note: str = "", provenance: Provenance | None = None
    ) -> None:
        if duration_ms is None:
            return
        self.stages.append(Stage(name, self.at_ms, duration_ms, provenance or self._provenance, note))
        self.at_ms += duration_ms


def _ms(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else max(0.0, (end - start) * 1000)


def _offset(start: float | None, end: float | None, zero_ms: float) -> float | None:
    distance = _ms(start, end)
    return None if distance is None else zero_ms + distance
