"""A recording's figures as a list shows them: played to its end, then read off; and what is said of a side's answer. Raises nothing of its own."""

from __future__ import annotations

from app.checking import LookedUp, looked_up
from app.clients import Role
from app.comparisons import ComparisonSnapshot, KnownAnswer, Phase, SideSnapshot
from app.measurement import Provenance
from app.recordings.playing import played
from app.recordings.values import Recording, RunSummary, SideSummary
from app.verdict import Verdict, judge


def verdict_of(side: SideSnapshot, known: KnownAnswer | None) -> Verdict | None:
    """None where nothing is known, or the answer did not come to its end."""
    return judge(side.answer, known.key).verdict if known is not None and side.phase is Phase.DONE else None


def looked_up_on(side: SideSnapshot, snapshot: ComparisonSnapshot) -> LookedUp | None:
    """What of a side's answer stands in the book; None where the book is not at hand or there is nothing to look up."""
    spec = snapshot.spec
    if spec.passages is None:
        return None
    unread = spec.cut.removed_span if spec.cut and side.role is Role.TEXT else None
    is_simulated = side.provenance is Provenance.SIMULATED
    book = spec.passages
    return looked_up(side.answer, book.content_hash, book.text, unread, spec.question, is_simulated=is_simulated)


def summary_of(recording: Recording) -> RunSummary:
    shot, known = played(recording).snapshot(), recording.header.known
    simulated = {side.role: side.simulated for side in recording.header.sides}

    def side_summary(side: SideSnapshot) -> SideSummary:
        return SideSummary(
            side.role,
            side.model,
            simulated[side.role],
            side.phase,
            side.latencies.ttft_ms,
            side.prompt_tokens,
            verdict_of(side, known),
        )

    ratio = shot.speedup.ratio if shot.speedup is not None else None
    return RunSummary(tuple(side_summary(side) for side in shot.sides), ratio, recording.header.stamp)
