"""A comparison as the answer panes show it: one snapshot in, plain JSON values out. Knows nothing of streamlit or HTTP.

Every figure carries its definition as help; what a simulator made up says so in its badge and in the figure's help.
"""

from __future__ import annotations

from typing import Any

from app.clients import Role
from app.clients.pace import pace_words
from app.comparisons import (
    BookCost,
    ComparisonSnapshot,
    KnownAnswer,
    Phase,
    SideSnapshot,
    answering_words,
    reading_line,
    system_prompts,
    verdict_line,
)
from app.markdown.stream import whole
from app.measurement import CacheState, Provenance, duration_words
from app.reading.words import unbroken, window_share
from app.tokens import share_of_book
from app.verdict import Judgement, judge
from app.verdict.known_answers import RULE
from app.web.checked_view import checked_view

_SLOW_FACTOR, _SLOW_MORE_MS = 1.5, 2000  # beyond its projection by this much, a side is called slow
_SEEN_MS = 100  # a stream that stands still for less is not seen to

_CACHE_HELP = {
    CacheState.COLD: "No part of this prompt was in the server's prefix cache.",
    CacheState.SALTED: "No request before had this one's cache salt, so no cache that heeds it held any of this prompt; the server "
    "did not report.",
    CacheState.WARM: "Part of this prompt was in the server's cache, so the time to first token is shorter than for a first reading.",
}


def turn_view(
    snapshot: ComparisonSnapshot, stream_url: str | None, texts: bool = True, number: int | None = None
) -> dict[str, Any]:
    """`texts=False` leaves out the answers themselves while they run: the stream sends those as deltas."""
    known = snapshot.spec.known
    return {
        "id": snapshot.comparison_id,
        "version": snapshot.version,
        "number": number,
        "question": snapshot.spec.question,
        "stream_url": stream_url if snapshot.running else None,
        "sentence": verdict_line(snapshot) or reading_line(snapshot),
        "stamp": turn_stamp(snapshot),
        "stamp_help": system_prompts(snapshot.spec),
        "known": known.answer if known is not None and not snapshot.running else "",
        "place": _place(known) if known is not None else "",
        "recorded": snapshot.recorded.sentence if snapshot.recorded is not None else "",
        "ratio": ratio_view(snapshot.spec.stamp.compression_ratio) if snapshot.spec.stamp else None,
        "replay": _replay(snapshot, stream_url),
        "sides": {side.role.value: side_view(side, snapshot, texts) for side in snapshot.sides},
    }


def turn_stamp(snapshot: ComparisonSnapshot) -> str:
    """What the question was asked with: the pages' settings, and how the models were told to answer."""
    stamp = snapshot.spec.stamp
    return " · ".join(filter(None, (stamp.words if stamp else "", answering_words(snapshot.spec))))


def _replay(snapshot: ComparisonSnapshot, stream_url: str | None) -> dict[str, Any] | None:
    """What a player needs; None for what is run now. `url` is told by the page; the streams themselves leave it out."""
    told = snapshot.recorded
    if told is None:
        return None
    return {
        "url": stream_url,
        "length_s": told.length_s,
        "at_s": snapshot.now,
        "speed": told.speed,
        "firsts": {role.value: at for role, at in told.first_tokens_s},
    }


def _place(known: KnownAnswer) -> str:
    """Where in the book the fact that is asked for stands."""
    if known.place is None:
        return ""
    where = "beginning" if known.place < 1 / 3 else "middle" if known.place < 2 / 3 else "end"
    told = f"Fact {round(100 * known.place)} % into the book"
    return f"{told}, cut from the text model's part." if known.cut_away else f"{told}, {where}."


def side_view(side: SideSnapshot, snapshot: ComparisonSnapshot, texts: bool) -> dict[str, Any]:
    projected, cost = snapshot.spec.projected(side.role), snapshot.spec.cost(side.role)
    paced = pace_words(snapshot.spec.simulated_speedup(side.role))
    pace = f", from a simulator that runs {paced}" if paced else ""
    view: dict[str, Any] = {
        "title": side.role.called,
        "model": side.model,
        "simulated": side.provenance is Provenance.SIMULATED,
        "kind": kind_label(side, snapshot),
        "kind_help": kind_help(side, snapshot),
        "attempt": side.attempt,
        "phase": side.phase.value,
        "phase_label": phase_label(side),
        "phase_elapsed_ms": 1000 * max(0.0, snapshot.now - side.phase_since),
        "waited_ms": 1000 * max(0.0, snapshot.now - side.marks.sent) if side.marks.sent is not None else None,
        "over": side.phase.is_over,
        "reading": _reading(side),
        "ttft_ms": headline_ms(side, snapshot),
        "read": _read(side, snapshot),
        "cost": cost_view(side.role, cost) if cost else None,
        "projected_ms": projected.ttft_ms if projected else None,
        "projected_word": "expected" if pace else "projected",
        "projected_help": f"Projected for {projected.gpu}, cold and alone{pace}: not a measurement."
        if projected
        else "",
        "slow_after_ms": _SLOW_FACTOR * projected.ttft_ms + _SLOW_MORE_MS if projected else None,
        "cache": "" if side.cache is CacheState.UNKNOWN else side.cache.value,
        "cache_help": " ".join(part for part in (_CACHE_HELP.get(side.cache, ""), side.cache_note) if part),
        "verdict": _verdict(side, snapshot),
        "recorded": snapshot.recorded is not None,
        "pace": snapshot.recorded.speed if snapshot.recorded is not None else 1.0,
        "figures": [(label, value, f"{_recorded(snapshot)}{help}") for label, value, help in figures(side, snapshot)],
        "error": _error(side, snapshot),
        "note": _note(side, snapshot),
    }
    if side.phase.is_over:
        view["checked"] = checked_view(side, snapshot)
    if texts or side.phase.is_over:
        grown = whole(side.answer)
        view |= {"reasoning": side.reasoning, "answer": side.answer, "blocks": grown.done, "tail": grown.tail}
    return view


def ratio_view(ratio: float) -> dict[str, str]:
    """The compression ratio, as a figure and in words."""
    fewer = "fewer" if ratio >= 1 else "more"
    return {"figure": f"{ratio if ratio >= 1 else 1 / ratio:.2f}×", "words": f"{fewer} tokens as pages"}


def cost_view(role: Role, cost: BookCost) -> dict[str, Any]:
    """What the book costs a side, beside its window."""
    share = cost.in_window / max(1, cost.window_tokens)
    told = "as its server says" if cost.window_told else "assumed until its server says"
    return {
        "tokens": cost.tokens,
        "label": "text tokens" if role is Role.TEXT else "visual tokens",
        "share": share,
        "words": f"{window_share(share)} {'of ' if share <= 1 else ''}its window",
        "help": f"The whole book. Window: {cost.window_tokens:,} tokens, {told}.",
    }


def _reading(side: SideSnapshot) -> dict[str, Any] | None:
    """How far the prompt is read, as the server tells it, and its pace since it first did (ms since the request was ready)."""
    told, first, sent = side.prompt_progress, side.first_progress, side.marks.sent
    if told is None or first is None or sent is None:
        return None
    teller = "simulator" if side.provenance is Provenance.SIMULATED else "server"
    fresh, read = told.total_tokens - told.cached_tokens, told.read_tokens - told.cached_tokens
    read_since, took_s = told.read_tokens - first.read_tokens, told.at - first.at
    left_s = took_s * (told.total_tokens - told.read_tokens) / read_since if read_since > 0 else None
    return {
        "share": read / fresh if fresh > 0 else 1.0,
        "finish_ms": None if left_s is None else 1000 * (told.at - sent + left_s),
        "words": f"{told.read_tokens:,} of {told.total_tokens:,} tokens read, says the {teller}",
    }


def _read(side: SideSnapshot, snapshot: ComparisonSnapshot) -> str:
    """How much of the book this side was given."""
    cut = snapshot.spec.cut
    return (
        "reads the whole book"
        if side.role is Role.PAGES or cut is None
        else f"reads {share_of_book(cut.read_share)} of the book"
    )


def judgement(side: SideSnapshot, snapshot: ComparisonSnapshot) -> Judgement | None:
    """Held against the known answer, once the side is done; None where none is known."""
    known = snapshot.spec.known
    if known is None or side.phase is not Phase.DONE:
        return None
    return judge(side.answer, known.key)


def _verdict(side: SideSnapshot, snapshot: ComparisonSnapshot) -> dict[str, str] | None:
    found, known = judgement(side, snapshot), snapshot.spec.known
    if found is None or known is None:
        return None
    lacks = f" Not in this answer: {', '.join(found.missing)}." if found.missing else ""
    return {
        "kind": found.verdict.value.replace(" ", "-"),
        "label": f"{found.verdict.mark} {found.verdict.value}",
        "help": f"Known answer: {known.answer}.{lacks} {RULE}",
    }


def headline_ms(side: SideSnapshot, snapshot: ComparisonSnapshot) -> float | None:
    """Time to first token as the user chose to count it: from sending, or from the start of rendering."""
    if snapshot.spec.options.include_preparation:
        return side.latencies.ttft_with_preparation_ms
    return side.latencies.ttft_ms


def kind_label(side: SideSnapshot, snapshot: ComparisonSnapshot) -> str:
    """The badge: measured or simulated, and how a simulator's times were sped up."""
    recorded = f" · recording of {snapshot.recorded.day}" if snapshot.recorded is not None else ""
    if side.provenance is not Provenance.SIMULATED:
        return "measured" + recorded
    pace = pace_words(snapshot.spec.simulated_speedup(side.role))
    return f"simulated{f' · {pace}' if pace else ''}{recorded}"


def kind_help(side: SideSnapshot, snapshot: ComparisonSnapshot) -> str:
    """What the badge means: whose times these are, and when and where they were recorded."""
    told = simulated_times(snapshot, side) or "Measured on a real server by the app's clock."
    return f"{_recorded(snapshot)}{told}"


def _recorded(snapshot: ComparisonSnapshot) -> str:
    """ "" for what is run now, which needs no word."""
    return f"{snapshot.recorded.sentence} " if snapshot.recorded is not None else ""


def simulated_times(snapshot: ComparisonSnapshot, side: SideSnapshot) -> str:
    """Whose times a simulated side plays, in a sentence; "" for a measured one."""
    if side.provenance is not Provenance.SIMULATED:
        return ""
    endpoint = snapshot.spec.endpoint(side.role)
    gpu = endpoint.simulated_gpu if endpoint else None
    said = f"A simulator's times: projected for {gpu}." if gpu else "A simulator's times: projected, not measured."
    faster = pace_words(snapshot.spec.simulated_speedup(side.role))
    if faster:
        said = f"{said} This simulator runs {faster}: the times shown are not the projection's."
    return " ".join(filter(None, (said, stand_in_words(side))))


def stand_in_words(side: SideSnapshot) -> str:
    """That a simulator stood still for its own words, which no figure counts; "" where nobody could have seen it."""
    told = side.server_timings
    if side.provenance is not Provenance.SIMULATED or told is None or (told.stand_in_waited_ms or 0.0) < _SEEN_MS:
        return ""
    ended = ""
    if (told.stand_in_late_ms or 0.0) >= _SEEN_MS:
        ended = f" and it ended {duration_words(told.stand_in_late_ms or 0.0)} after its simulated end"
    return (
        f"{side.role.called}: the stand-in that reads for the simulated model needed longer than the projection, so the answer "
        f"stood still for {duration_words(told.stand_in_waited_ms or 0.0)} after its first line{ended}; no figure counts that."
    )


def phase_label(side: SideSnapshot) -> str:
    if side.phase is Phase.RENDERING and side.pages_total:
        return f"Rendering page {min(side.pages_done + 1, side.pages_total)} of {side.pages_total}"
    if side.phase is Phase.READING:
        return "Reading the pages" if side.role is Role.PAGES else "Reading the text"
    if side.phase is Phase.SENDING:
        return "Sending the pages" if side.role is Role.PAGES else "Sending the text"
    return side.phase.label


def figures(side: SideSnapshot, snapshot: ComparisonSnapshot) -> list[tuple[str, str, str]]:
    """(label, value, definition) of what is known so far."""
    latencies, how, shown = side.latencies, "", []
    if side.provenance is Provenance.SIMULATED:
        pace = pace_words(snapshot.spec.simulated_speedup(side.role))
        how = f"Simulated: projected from the model's shape and the named GPU{f', here {pace}' if pace else ''}. "
    if side.prompt_tokens is not None:
        counted = "Reported with the answer (usage): the whole prompt with template, question and earlier turns, as the server counted it."
        shown.append(("Prompt tokens", f"{side.prompt_tokens:,}", counted))
    if side.usage is not None and side.usage.cached_tokens:
        shown.append(
            ("From cache", f"{side.usage.cached_tokens:,}", "Prompt tokens the server had in its prefix cache.")
        )
    if latencies.decode_tokens_per_second is not None:
        shown.append(
            (
                "Decode",
                f"{latencies.decode_tokens_per_second:.1f} tokens/s",
                f"{how}(completion tokens - 1) / (last token - first token).",
            )
        )
    if side.usage is not None and side.usage.completion_tokens is not None:
        thought = f" ({side.usage.reasoning_tokens:,} reasoning)" if side.usage.reasoning_tokens else ""
        shown.append(
            (
                "Generated",
                f"{side.usage.completion_tokens:,} tokens{thought}",
                "Completion tokens as the server counted them, reasoning included.",
            )
        )
    if latencies.total_ms is not None and side.phase.is_over:
        shown.append(("Total", f"{latencies.total_ms / 1000:.1f} s", f"{how}From sending to the end of the answer."))
    return [(label, unbroken(value), help) for label, value, help in shown]


def _error(side: SideSnapshot, snapshot: ComparisonSnapshot) -> dict[str, Any] | None:
    if side.error is None:
        return None
    what = f"{side.role.called}: {side.error.what_happened}"
    return {"what_happened": what, "what_to_do": side.error.what_to_do, "can_retry": snapshot.recorded is None}


def _note(side: SideSnapshot, snapshot: ComparisonSnapshot) -> str:
    notes = []
    cut = snapshot.spec.cut
    if side.role is Role.TEXT and cut is not None:
        notes.append(
            f"Read {share_of_book(cut.read_share)} of the book, {cut.kept_tokens:,} of {cut.kept_tokens + cut.removed_tokens:,} "
            "text tokens: the middle did not fit its window and was cut."
        )
    if side.finish_reason == "length":
        notes.append("The answer was cut at the maximum number of answer tokens.")
    if side.resent_reason:
        notes.append(side.resent_reason)
    if ((side.server_timings and side.server_timings.stand_in_late_ms) or 0.0) >= _SEEN_MS:
        notes.append(stand_in_words(side))
    return " ".join(filter(None, notes))
