"""Ask, stop and try again: from the session's book and settings to a running comparison, and its turns back to values."""

from __future__ import annotations

from app.charts import QuestionTimes
from app.clients import PageFile, Role, Turn
from app.live import ComparisonGone, ComparisonSnapshot, ComparisonSpec, CutNote, PagesNotRendered, Phase, registry
from app.measurement import Provenance
from app.pagefiles.jobs import JobState, PageJob
from app.tokens import MiddleCut, TokenCount, cut_middle
from app.ui.figures import RESERVED_TOKENS
from app.ui.servers import ServerPair
from app.ui.session import AppSession
from app.ui.turn_view import headline_ms


def ask(session: AppSession, servers: ServerPair, question: str, cut: MiddleCut | None) -> str:
    """Start both answers to `question`; the comparison's id. The pages side waits for the rendering that runs already."""
    book, job = session.book, session.job
    past = [snapshot for snapshot in turns(session) if not snapshot.running]
    spec = ComparisonSpec(
        title=book.title,
        document=cut.text if cut else book.text,
        question=question,
        pages=_page_source(job),
        text_endpoint=servers.text.endpoint if servers.text else None,
        pages_endpoint=servers.pages.endpoint if servers.pages else None,
        sampling=session.sampling,
        text_history=_history(past, Role.TEXT),
        pages_history=_history(past, Role.PAGES),
        cut=CutNote(cut.kept_tokens, cut.removed_tokens, cut.removed_span) if cut else None,
        parse_ms=session.parse_ms,
        options=session.options,
    )
    comparison_id = registry().start(spec)
    session.turns.append(comparison_id)
    return comparison_id


def turns(session: AppSession) -> list[ComparisonSnapshot]:
    """The conversation, oldest first; what the registry has dropped is dropped here too."""
    found = []
    for comparison_id in list(session.turns):
        try:
            found.append(registry().snapshot(comparison_id))
        except ComparisonGone:
            session.turns.remove(comparison_id)
    return found


def needed_cut(text: str, count: TokenCount, servers: ServerPair, max_tokens: int) -> MiddleCut | None:
    """The text side's document cut in the middle, where it does not fit beside question and answer; None where it does."""
    if servers.text is None:
        return None
    room = servers.text.window_tokens - RESERVED_TOKENS - max_tokens
    if count.value <= room:
        return None
    return cut_middle(text, max(256, room))


def times(snapshots: list[ComparisonSnapshot]) -> list[QuestionTimes]:
    """What the chart shows: every question that at least one side has begun to answer."""
    shown = []
    for number, snapshot in enumerate(snapshots, 1):
        sides = {side.role: side for side in snapshot.sides}
        values = {role: headline_ms(side, snapshot) for role, side in sides.items()}
        if any(value is not None for value in values.values()):
            simulated = {role: side.provenance is Provenance.SIMULATED for role, side in sides.items()}
            shown.append(QuestionTimes(f"Question {number}", values.get(Role.TEXT), values.get(Role.PAGES),
                                       simulated.get(Role.TEXT, False), simulated.get(Role.PAGES, False)))  # fmt: skip
    return shown


def _history(past: list[ComparisonSnapshot], role: Role) -> tuple[Turn, ...]:
    """What this side answered itself; a side that failed or was stopped has no turn to remember."""
    sides = [(snapshot.spec.question, snapshot.side(role)) for snapshot in past]
    return tuple(Turn(question, side.answer) for question, side in sides if side and side.phase is Phase.DONE and side.answer)


def _page_source(job: PageJob):
    def pages(cancelled, on_progress) -> tuple[PageFile, ...]:
        while True:
            look = job.wait(0.05)
            if look.state is JobState.DONE:
                return tuple(PageFile(page.path, page.png_sha256, page.width_px, page.height_px) for page in look.page_set.pages)
            if look.state in (JobState.FAILED, JobState.CANCELLED):
                raise PagesNotRendered(look.error or "Rendering was stopped.")
            if cancelled():
                raise PagesNotRendered("Rendering was stopped.")
            on_progress(look.pages_done, look.pages_total)

    return pages
