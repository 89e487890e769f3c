"""A conversation as one Markdown text, to be copied or kept: every question with both answers and their figures.

In: snapshots, oldest first. Out: Markdown. Answers stand in quotation blocks, so that nothing a model wrote (a heading, a code
fence that it never closed) can pass for a part of the text around it. Says of each side whether it was measured or simulated.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.comparisons import ComparisonSnapshot, Phase, SideSnapshot, system_prompts, verdict_line
from app.measurement.speedup import duration_words
from app.web.comparison_json import figures, headline_ms, judgement, kind_label, turn_stamp


def conversation_markdown(conversation: Sequence[ComparisonSnapshot]) -> str:
    """The whole conversation; "" where nothing was asked. Runs that go on are told as far as they have come."""
    if not conversation:
        return ""
    titles = dict.fromkeys(snapshot.spec.title for snapshot in conversation)
    turns = (turn_markdown(snapshot, number) for number, snapshot in enumerate(conversation, 1))
    return "\n\n".join([f"# {_one_line(' · '.join(titles))}", *turns]) + "\n"


def turn_markdown(snapshot: ComparisonSnapshot, number: int | None = None) -> str:
    """One question and its answers, without a line end at the end."""
    known, stamp = snapshot.spec.known, turn_stamp(snapshot)
    parts = [f"## {f'{number}. ' if number else ''}{_one_line(snapshot.spec.question)}"]
    if stamp:
        parts.append(f"*{_one_line(stamp)}*")
    if prompts := system_prompts(snapshot.spec):
        parts.append(_quoted(prompts))
    if said := verdict_line(snapshot):
        parts.append(_one_line(said))
    if known is not None and not snapshot.running:
        parts.append(f"Known answer: {_one_line(known.answer)}")
    parts += [_side(side, snapshot) for side in snapshot.sides]
    return "\n\n".join(parts)


def _side(side: SideSnapshot, snapshot: ComparisonSnapshot) -> str:
    first, judged = headline_ms(side, snapshot), judgement(side, snapshot)
    told = [f"first token after {duration_words(first, 2)}"] if first is not None else []
    told += [f"{label.lower()} {value}" for label, value, _ in figures(side, snapshot)]
    if judged is not None:
        told.append(judged.verdict.value)
    if side.phase is not Phase.DONE:
        told.insert(0, side.phase.label.lower())
    parts = [f"### {side.role.called} · {_one_line(side.model)} · {kind_label(side, snapshot)}"]
    if told:
        parts.append("; ".join(told))
    if side.error is not None:
        parts.append(_one_line(f"{side.error.what_happened} {side.error.what_to_do}"))
    if side.answer.strip():
        parts.append(_quoted(side.answer))
    return "\n\n".join(parts)


def _quoted(text: str) -> str:
    # str.splitlines would cut at U+2028 and its like, which are characters of a line here.
    lines = text.strip().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())
