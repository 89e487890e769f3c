"""Ask, stop and try again: from the session's book and settings to a running comparison, and its turns back to values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from app.charts import QuestionTimes
from app.clients import Endpoint, PageFile, Role, Turn, salt_of
from app.comparisons import (
    BookText,
    ComparisonSnapshot,
    ComparisonSpec,
    CutNote,
    Drawn,
    PageSource,
    Phase,
    UnknownComparison,
    registry,
)
from app.endpoints.pair import Server, ServerPair
from app.measurement import Provenance
from app.pagefiles.jobs import JobState, PageJob
from app.pagefiles.writer import PageSet
from app.recordings import card_of
from app.recordings.conversations import MOST_TURNS
from app.tokens import CountSource, MiddleCut, TokenCount, count_text_tokens, cut_middle
from app.ui.compare.circumstances import book_costs, drawn_with, factsheet, known_answer, passages, projected_for_text
from app.ui.frame import servers_now
from app.ui.kept_conversations import brought_back
from app.ui.link import MAX_LINKED_QUESTION_CHARACTERS
from app.ui.session import AppSession
from app.web.comparison_json import headline_ms
from renderer import RenderCancelled, RenderError


def ask(session: AppSession, servers: ServerPair, question: str, cut: MiddleCut | None) -> str:
    """Start both answers to `question`; the comparison's id. The pages side waits for the rendering that runs already."""
    book, job = session.opened, session.job
    # None of its seconds is lost when it was done before the question came.
    page_set = job.snapshot().page_set if job is not None else None
    text_tokens = count_text_tokens(book.text, book.content_hash).value
    note = CutNote(cut.kept_tokens, cut.removed_tokens, cut.removed_span) if cut and cut.removed_span else None
    past = [snapshot for snapshot in turns(session) if not snapshot.running]
    sheet = factsheet(session)
    text_cost, _ = book_costs(servers, text_tokens, page_set)
    told = drawn_with(session, servers, text_tokens)
    spec = ComparisonSpec(
        title=book.title,
        document=cut.text if cut else book.text,
        question=question,
        pages=_page_source(job),
        text_endpoint=_labelled(servers.text),
        pages_endpoint=_labelled(servers.pages),
        sampling=session.sampling,
        pages_sampling=session.pages_sampling,
        transport=session.transport,
        text_history=_history(past, Role.TEXT),
        pages_history=_history(past, Role.PAGES),
        cut=note,
        known=known_answer(session, question, note),
        passages=passages(session),
        text_projected=projected_for_text(servers.text, cut.kept_tokens if cut else text_tokens),
        text_cost=text_cost,
        drawn=_drawn_later(job, told),
        parse_ms=session.parse_ms,
        render_ms=1000 * page_set.seconds if page_set else None,
        options=session.options,
        salt=None if session.shared_caches else salt_of(session.conversation),
        salt_is_new=not session.salt_used,
        factsheet=sheet.text if sheet else "",
        book=BookText(book.text, book.content_hash, card_of(book, session.questions)),
        conversation=session.conversation,
    )
    if page_set is not None:
        spec = spec.with_drawn(told(page_set))
    comparison_id = registry().start(spec)
    session.turns.append(comparison_id)
    session.salt_used = session.salt_used or not (session.shared_caches or session.options.cold)
    return comparison_id


def start_over(comparison_id: str, role: Role) -> None:
    """Ask this side again, where its server is now; what it is still saying is stopped first. Raises LiveError."""
    registry().stop(comparison_id, role)
    registry().retry(comparison_id, role, _labelled(servers_now().side(role)))


def turns(session: AppSession) -> list[ComparisonSnapshot]:
    """The conversation, oldest first. What the registry has dropped comes back from its recording, of the newest ones; else it
    is dropped here too."""
    found = []
    for comparison_id in list(session.turns):
        try:
            found.append(registry().snapshot(comparison_id))
        except UnknownComparison:
            if comparison_id in session.turns[-MOST_TURNS:] and brought_back(session, comparison_id):
                found.append(registry().snapshot(comparison_id))
            else:
                session.turns.remove(comparison_id)
    return found


def newest_question(session: AppSession) -> str:
    """What was asked last, as a link takes it; "" for nothing, and for a question too long for an address."""
    last = turns(session)[-1:]
    question = last[0].spec.question if last else session.draft
    return question if len(question) <= MAX_LINKED_QUESTION_CHARACTERS else ""


def history_tokens(session: AppSession, role: Role) -> int:
    """What the system prompt and the conversation so far add to this side's next prompt."""
    past = [snapshot for snapshot in turns(session) if not snapshot.running]
    asked = (session.pages_sampling if role is Role.PAGES else None) or session.sampling
    return _tokens(asked.system_prompt) + sum(
        _tokens(turn.question) + _tokens(turn.answer) for turn in _history(past, role)
    )


@lru_cache(maxsize=256)
def _tokens(text: str) -> int:
    return count_text_tokens(text).value


def needed_cut(text: str, count: TokenCount, room: int) -> MiddleCut | None:
    """The text side's document cut in the middle to `room` tokens, where it has more; None where it fits."""
    if count.value <= room:
        return None
    if count.source is CountSource.SERVER:  # its tokens are not the ones we cut by
        room = int(0.98 * room * count_text_tokens(text).value / count.value)
    return cut_middle(text, max(256, room))


def times(snapshots: list[ComparisonSnapshot]) -> list[QuestionTimes]:
    """What the chart shows: every question that at least one side has begun to answer."""
    shown = []
    for number, snapshot in enumerate(snapshots, 1):
        sides = {side.role: side for side in snapshot.sides}
        values = {role: headline_ms(side, snapshot) for role, side in sides.items()}
        if any(value is not None for value in values.values()):
            simulated = {role: side.provenance is Provenance.SIMULATED for role, side in sides.items()}
            shown.append(
                QuestionTimes(
                    f"Question {number}",
                    values.get(Role.TEXT),
                    values.get(Role.PAGES),
                    simulated.get(Role.TEXT, False),
                    simulated.get(Role.PAGES, False),
                )
            )
    return shown


def _labelled(server: Server | None) -> Endpoint | None:
    """The endpoint as it is asked: whatever said it is the simulator is labelled so, also when somebody else started it."""
    if server is None:
        return None
    gpu, speedup = (server.state.simulated_gpu, server.state.simulated_speedup) if server.state else (None, None)
    version = server.state.version if server.state else None
    return replace(
        server.endpoint, simulated=server.simulated, version=version, simulated_gpu=gpu, simulated_speedup=speedup
    )


def _history(past: list[ComparisonSnapshot], role: Role) -> tuple[Turn, ...]:
    """What this side answered itself; a side that failed or was stopped has no turn to remember."""
    sides = [(snapshot.spec.question, snapshot.side(role)) for snapshot in past]
    return tuple(
        Turn(question, side.answer) for question, side in sides if side and side.phase is Phase.DONE and side.answer
    )


def _drawn_later(job: PageJob | None, told: Callable[[PageSet], Drawn]) -> Callable[[], Drawn | None]:
    def drawn() -> Drawn | None:
        page_set = job.snapshot().page_set if job is not None else None
        return told(page_set) if page_set is not None else None

    return drawn


def _page_source(job: PageJob | None) -> PageSource:
    def pages(cancelled, on_progress) -> tuple[PageFile, ...]:
        if job is None:
            raise RenderError("The book's pages could not be begun; the message above says why.")
        while True:
            look = job.wait(0.05)
            if look.page_set is not None:
                return tuple(
                    PageFile(page.path, page.png_sha256, page.width_px, page.height_px) for page in look.page_set.pages
                )
            if look.state in (JobState.FAILED, JobState.CANCELLED):
                raise RenderError(look.error or "Rendering was stopped.")
            if cancelled():
                raise RenderCancelled("Rendering was stopped.")
            on_progress(look.pages_done, look.pages_total)

    return pages
