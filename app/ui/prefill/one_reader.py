"""The part of the Prefill screen about one request alone: this book's wait on paper, and both sides against the book's length."""

from __future__ import annotations

import streamlit as st

from app.charts import ProjectedWait, SeenTime, projection_chart, waits_chart
from app.clients import Role
from app.clients.pace import is_hurried
from app.comparisons import ComparisonSnapshot
from app.endpoints.pair import ServerPair
from app.exports.files import Cell
from app.measurement import Provenance
from app.projection import GLYPH, PATCHES_PER_TOKEN, QWEN3_8B, TOKENS_PER_PAGE, Gpu, project
from app.reading import QUESTION_TOKENS, BookFigures, pages_seconds, text_seconds
from app.reading.words import reading_sentence, window_share
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, count_text_tokens
from app.ui.chart import draw_chart
from app.ui.compare.reading import window_of
from app.ui.outside import plain

LENGTHS = [4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 240_000]
_LOG, _LINEAR = "Logarithmic", "Linear"


def draw_this_book(figures: BookFigures) -> None:
    """The figures of Compare and Pages, in their words, and the wait stage by stage."""
    pages = figures.pages
    st.markdown(
        f"**This book**: {figures.text.tokens:,} text tokens ({window_share(figures.text.share_of_window)} of the text "
        f"model's window), {pages.visual_tokens:,} visual tokens on {pages.pages:,} page{'' if pages.pages == 1 else 's'} "
        f"({window_share(pages.share_of_window)} of Glyph's): **{figures.ratio:.2f}×**. {plain(reading_sentence(figures))}"
    )
    draw_chart(
        waits_chart(_waits(figures)),
        "prefill-this-book",
        f"One book's wait, stage by stage, projected on {figures.gpu.name}",
    )


def _waits(figures: BookFigures) -> list[ProjectedWait]:
    text = project(QWEN3_8B, figures.gpu, figures.text.sent + QUESTION_TOKENS, output_tokens=1)
    step = 1 / text.decode_tokens_per_second
    read = f"{Role.TEXT.called}, what is sent" if figures.text.is_cut else Role.TEXT.called
    waits = [ProjectedWait(read, 0.0, text.prefill_seconds, step)]
    tokens = figures.pages.prompt_tokens + QUESTION_TOKENS
    pages = project(
        GLYPH, figures.gpu, tokens, [PATCHES_PER_TOKEN * one for one in figures.page_tokens], output_tokens=1
    )
    step = 1 / pages.decode_tokens_per_second
    return [*waits, ProjectedWait(Role.PAGES.called, pages.vision_seconds, pages.prefill_seconds, step)]


def draw_lengths(
    gpu: Gpu, ratio: float, figures: BookFigures | None, servers: ServerPair, conversation: list[ComparisonSnapshot]
) -> None:
    """Both sides over a range of lengths, pages as large as the open book's own; `ratio` may be another than the book's."""
    a_page = figures.tokens_a_page if figures else TOKENS_PER_PAGE
    text = [text_seconds(tokens, gpu) for tokens in LENGTHS]
    pages = [pages_seconds(_pages_of(tokens, ratio, a_page), gpu) for tokens in LENGTHS]
    scale = st.segmented_control("Time axis", [_LOG, _LINEAR], default=_LOG, required=True, key="prefill-scale")
    a_cell = ratio * a_page / (a_page + VISUAL_OVERHEAD_PER_PAGE)  # text tokens that one token of the prompt stands for
    windows = (
        ("text model's window", window_of(servers.text).tokens),
        ("Glyph's window", round(a_cell * window_of(servers.pages).tokens)),
    )
    chart = projection_chart(
        LENGTHS,
        text,
        pages,
        ratio,
        gpu.name,
        figures.text.tokens if figures else None,
        windows=windows,
        seen=seen_times(conversation),
        logarithmic=scale == _LOG,
    )
    draw_chart(chart, "prefill-lengths", f"Time to first token against length, projected on {gpu.name}")
    rows = [
        {"Text tokens": f"{n:,}", "Text model (s)": f"{a:.2f}", "Glyph (s)": f"{b:.2f}", "Speedup": f"{a / b:.2f}×"}
        for n, a, b in zip(LENGTHS, text, pages, strict=True)
    ]
    st.table(rows)
    told = "this book's own" if figures else "Glyph's A4 at 72 dpi"
    st.caption(
        "Everything dotted or hatched above is a **projection**, not a measurement: FLOPs and bytes of Qwen3-8B and "
        "GLM-4.1V-9B over the GPU's datasheet peaks at assumed efficiencies. It leaves out queues, image decoding and the "
        f"network. Pages of {a_page:,} visual tokens ({told}). Beyond the end of a window a book does not fit; shown for "
        "comparison. Diamonds are cold first tokens of this conversation: full measured, hollow simulated "
        "at the GPU's own pace. Like Compare and Pages, these charts have the assumed efficiencies, whichever factors are chosen "
        "below: a calibration changes what stands under that choice."
    )


def length_rows(gpu: Gpu, ratio: float, figures: BookFigures | None) -> list[dict[str, Cell]]:
    """The curves as a table, for a file."""
    a_page = figures.tokens_a_page if figures else TOKENS_PER_PAGE
    return [
        {
            "text_tokens": tokens,
            "compression_ratio": ratio,
            "visual_tokens_a_page": a_page,
            "projected_on": gpu.name,
            "projected_text_first_token_s": round(text_seconds(tokens, gpu), 4),
            "projected_pages_first_token_s": round(pages_seconds(_pages_of(tokens, ratio, a_page), gpu), 4),
        }
        for tokens in LENGTHS
    ]


def _pages_of(text_tokens: int, ratio: float, a_page: int) -> list[int]:
    whole, rest = divmod(max(1, round(text_tokens / ratio)), a_page)
    return [a_page] * whole + ([rest] if rest else [])


def seen_times(conversation: list[ComparisonSnapshot]) -> list[SeenTime]:
    """Cold first tokens of this conversation: the text's at what was sent of it, the pages' at the whole book."""
    seen = []
    for snapshot in conversation:
        for side in snapshot.sides:
            ttft, tokens = side.latencies.ttft_ms, _text_tokens(snapshot, side.role)
            # A simulator that is faster or slower than the GPU it plays: its times stand beside no projection.
            cold = side.cache.is_cold and not is_hurried(snapshot.spec.simulated_speedup(side.role))
            if ttft is not None and tokens and cold:
                simulated = side.provenance is Provenance.SIMULATED
                seen.append(SeenTime(tokens, ttft / 1000, side.role is Role.PAGES, simulated))
    return seen


def _text_tokens(snapshot: ComparisonSnapshot, role: Role) -> int:
    cut = snapshot.spec.cut
    if cut is not None:
        return cut.kept_tokens if role is Role.TEXT else cut.kept_tokens + cut.removed_tokens
    book = snapshot.spec.book
    return count_text_tokens(book.text, book.sha256).value if book is not None else 0
