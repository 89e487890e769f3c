"""What a question is asked with, beside its words: the known answer, what its pages tell, both sides' projected waits.

In: the session and the servers. Out: values that the comparison carries, so that a turn can still be told when the settings
have moved on. Draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlencode

from app.comparisons import BookCost, CutNote, Drawn, KnownAnswer, Passages, Projected, Stamp
from app.endpoints.pair import Server, ServerPair
from app.factsheet import Factsheet, make_factsheet
from app.pagefiles.writer import PageSet
from app.preview.settings_query import settings_query
from app.projection import DEFAULT_GPU, GPUS, Gpu
from app.reading import PagesReading, Window, pages_seconds, text_seconds
from app.tokens import compression_ratio
from app.ui.session import AppSession
from renderer.fonts.font_file import check_font_file


def known_answer(session: AppSession, question: str, cut: CutNote | None) -> KnownAnswer | None:
    """What the sample says of this question; None for a question of somebody's own."""
    found = next((one for one in session.questions if one.question.strip() == question.strip()), None)
    if found is None:
        return None
    place, cut_away = None, False
    if found.fact_span is not None:
        place = found.fact_span[0] / max(1, len(session.opened.text))
        if cut is not None:  # a fact that is cut in two is gone too
            cut_away = found.fact_span[0] < cut.removed_span[1] and cut.removed_span[0] < found.fact_span[1]
    return KnownAnswer(found.answer, found.key, place, cut_away)


@lru_cache(maxsize=8)
def _factsheet(content_hash: str, text: str) -> Factsheet:
    return make_factsheet(text)


def factsheet(session: AppSession) -> Factsheet | None:
    """The open book's exact strings, where the switch is on; extracted once a book."""
    if not session.factsheet or session.book is None:
        return None
    return _factsheet(session.book.content_hash, session.book.text)


def drawn_with(session: AppSession, servers: ServerPair, text_tokens: int) -> Callable[[PageSet], Drawn]:
    """What pages tell of a question that is asked now: with the settings and the servers of this moment, whenever they are drawn."""
    config, temperature, sheet = session.settings, session.sampling.temperature, factsheet(session)
    sheet_tokens = sheet.tokens if sheet else 0

    def drawn(page_set: PageSet) -> Drawn:
        totals = page_set.totals
        stamp = Stamp(
            dpi=config.dpi,
            font=check_font_file(config.font_path).family,
            font_size_pt=config.font_size_pt,
            leading_pt=config.leading_pt,
            pages=totals.pages,
            compression_ratio=compression_ratio(text_tokens, totals.visual_tokens),
            temperature=temperature,
            settings_key=config.key,
            factsheet_tokens=sheet_tokens,
        )
        starts = tuple(page.text_span[0] for page in page_set.pages)
        _, cost = book_costs(servers, text_tokens, page_set, sheet_tokens)
        return Drawn(stamp, starts, cost, projected_for_pages(servers.pages, page_set))

    return drawn


def passages(session: AppSession) -> Passages:
    """The whole book, whatever was cut from the text model's document: answers are held against all of it."""
    book = session.opened
    return Passages(book.content_hash, book.text, (), urlencode(settings_query(session.settings)))


def book_costs(
    servers: ServerPair, text_tokens: int, page_set: PageSet | None, factsheet_tokens: int = 0
) -> tuple[BookCost | None, BookCost | None]:
    """What the whole book costs the text side and the pages side; None for a side that is not there or not known yet."""
    text = pages = None
    if servers.text is not None:
        text = BookCost(text_tokens, text_tokens, servers.text.window_tokens, servers.text.window_is_told)
    if servers.pages is not None and page_set is not None:
        window = Window(servers.pages.window_tokens, servers.pages.window_is_told)
        read = PagesReading(page_set.totals.pages, page_set.totals.visual_tokens, window)
        pages = BookCost(read.visual_tokens, read.prompt_tokens + factsheet_tokens, window.tokens, window.is_told)
    return text, pages


def projected_for_text(server: Server | None, text_tokens: int) -> Projected | None:
    if server is None:
        return None
    gpu, pace = _gpu_and_pace(server)
    return Projected(1000 * text_seconds(text_tokens, gpu) / pace, gpu.name)


def projected_for_pages(server: Server | None, page_set: PageSet) -> Projected | None:
    if server is None:
        return None
    gpu, pace = _gpu_and_pace(server)
    return Projected(1000 * pages_seconds([page.visual_tokens for page in page_set.pages], gpu) / pace, gpu.name)


def _gpu_and_pace(server: Server) -> tuple[Gpu, float]:
    """The GPU that a simulator plays and how much faster than real time it runs; for a real server the default GPU."""
    state = server.state
    if state is None or not server.simulated:
        return DEFAULT_GPU, 1.0
    gpu = next((gpu for gpu in GPUS.values() if state.simulated_gpu in (gpu.id, gpu.name)), DEFAULT_GPU)
    return gpu, state.simulated_speedup or 1.0
