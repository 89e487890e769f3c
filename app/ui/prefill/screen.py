"""The Prefill page: a projection for a chosen GPU and compression, and the times this conversation saw."""

from __future__ import annotations

import streamlit as st

from app.bookshelf.costs import book_cost
from app.charts import projection_chart, ttft_chart
from app.measurement import duration_words
from app.pagefiles.jobs import JobState
from app.projection import GLYPH, GPUS, PATCHES_PER_TOKEN, QWEN3_8B, TOKENS_PER_PAGE, project
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, compression_ratio
from app.ui.book.sidebar import draw_sidebar
from app.ui.compare.book_figures import text_tokens
from app.ui.compare.conversation import times, turns
from app.ui.compare.time_table import simulated_caption
from app.ui.guard import guarded
from app.ui.outside import plain
from app.ui.prefill.many_requests import draw_many_requests
from app.ui.prefill.sweep_section import draw_sweep
from app.ui.session import AppSession, session

LENGTHS = [4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 240_000]


def draw_prefill() -> None:
    now = session()
    draw_sidebar(now)
    st.title("Prefill", anchor=False)
    st.markdown(
        "Before its first word a model reads its whole prompt. Pages are fewer tokens, so Glyph reads sooner, but it "
        "must look at every page first. This is what a roofline of the two models' shapes makes of that."
    )
    ids = list(GPUS)
    left, right = st.columns(2)
    gpu = GPUS[left.selectbox("GPU", ids, format_func=lambda one: GPUS[one].name)]
    book_tokens, book_ratio = _book(now)
    ratio = right.slider(
        "Compression ratio",
        1.0,
        6.0,
        round(book_ratio, 2) if book_ratio else 3.0,
        0.01,
        help="Text tokens / visual tokens. Starts at the open book's own.",
    )
    text = [project(QWEN3_8B, gpu, tokens).time_to_first_token_seconds for tokens in LENGTHS]
    pages = [_pages_seconds(tokens, ratio, gpu) for tokens in LENGTHS]
    if book_tokens:
        alone, seen = (
            project(QWEN3_8B, gpu, book_tokens).time_to_first_token_seconds,
            _pages_seconds(book_tokens, ratio, gpu),
        )
        st.markdown(
            f"**This book**, {book_tokens:,} text tokens at {ratio:.2f}×: text {duration_words(1000 * alone, 2)}, pages "
            f"{duration_words(1000 * seen, 2)}, so pages {later_or_sooner(alone, seen)}."
        )
    st.plotly_chart(
        projection_chart(LENGTHS, text, pages, ratio, gpu.name, book_tokens), config={"displayModeBar": False}
    )
    rows = [
        {"Text tokens": f"{n:,}", "Text (s)": f"{a:.2f}", "Pages (s)": f"{b:.2f}", "Speedup": f"{a / b:.2f}×"}
        for n, a, b in zip(LENGTHS, text, pages, strict=True)
    ]
    st.table(rows)
    st.caption(
        "Everything above is a **projection**, not a measurement: FLOPs and bytes of Qwen3-8B and GLM-4.1V-9B over the "
        "GPU's datasheet peaks at assumed efficiencies. It leaves out queues, image decoding and the network."
    )
    with guarded("The projection for many readers could not be drawn"):
        draw_many_requests(gpu, ratio, book_tokens)
    with guarded("The sweep could not be shown"):
        draw_sweep(gpu)
    conversation = turns(now)
    shown = times(conversation)
    if shown:
        st.subheader("This conversation", anchor=False)
        st.plotly_chart(ttft_chart(shown), config={"displayModeBar": False})
        for words in dict.fromkeys(filter(None, map(simulated_caption, conversation))):
            st.caption(plain(words))


def later_or_sooner(text_s: float, pages_s: float) -> str:
    """Never a speedup below one: what is slower is said to be slower."""
    return f"{text_s / pages_s:.1f}× sooner" if text_s >= pages_s else f"{pages_s / text_s:.1f}× later"


def _pages_seconds(text_tokens_of_book: int, ratio: float, gpu) -> float:
    pages = max(1, round(text_tokens_of_book / ratio / TOKENS_PER_PAGE))
    tokens = pages * (TOKENS_PER_PAGE + VISUAL_OVERHEAD_PER_PAGE)
    return project(GLYPH, gpu, tokens, [TOKENS_PER_PAGE * PATCHES_PER_TOKEN] * pages).time_to_first_token_seconds


def _book(now: AppSession) -> tuple[int | None, float | None]:
    """The open book's text tokens, and its compression ratio once its pages are there."""
    if now.book is None:
        return None, None
    tokens = text_tokens(now.book.content_hash, now.book.text).value
    look = now.job.snapshot() if now.job is not None else None
    if look is None or look.state is not JobState.DONE:
        return tokens, book_cost(now.book, now.settings).ratio  # after a reload nobody has drawn them yet
    return tokens, compression_ratio(tokens, look.page_set.totals.visual_tokens)
