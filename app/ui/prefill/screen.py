"""The Prefill page: a projection for a chosen GPU and compression, and the times this conversation saw."""

from __future__ import annotations

import streamlit as st

from app.charts import ttft_chart
from app.endpoints.pair import ServerPair
from app.exports import figures_files, table_files
from app.preview.settings_query import settings_values
from app.projection import GPUS, OWN_GPU_ID, Gpu
from app.reading import BookFigures
from app.ui.book.sidebar import draw_sidebar
from app.ui.chart import SAVING, draw_chart
from app.ui.compare.conversation import times, turns
from app.ui.compare.reading import chosen_gpu, figures_of, page_tokens, text_reading
from app.ui.compare.time_table import simulated_caption, times_title
from app.ui.export_menu import draw_export
from app.ui.frame import servers_now
from app.ui.outside import plain
from app.ui.prefill.below import draw_below
from app.ui.prefill.one_reader import draw_lengths, draw_this_book, length_rows
from app.ui.prefill.own_gpu import draw_own_gpu
from app.ui.session import AppSession, session


def draw_prefill() -> None:
    now = session()
    draw_sidebar(now)
    st.title("Prefill", anchor=False)
    st.markdown(
        "Before its first word a model reads its whole prompt. Pages are fewer tokens, so Glyph reads sooner, but it "
        "must look at every page first. This is what a roofline of the two models' shapes makes of that."
    )
    servers, conversation = servers_now(), turns(now)
    left, right = st.columns(2)
    gpu = _draw_gpu(left, now, servers)
    figures = _figures(now, servers, gpu)
    own = round(figures.ratio, 2) if figures else None
    ratio = right.slider(
        "Compression ratio",
        1.0,
        6.0,
        min(6.0, max(1.0, own)) if own else 3.0,
        0.01,
        help="Text tokens / visual tokens, for the curves below. Starts at the open book's own.",
    )
    if figures is not None:
        draw_this_book(figures)
    draw_lengths(gpu, ratio, figures, servers, conversation)
    book_tokens = figures.text.tokens if figures else None
    draw_below(gpu, ratio, book_tokens)
    shown = times(conversation)
    if shown:
        st.subheader("This conversation", anchor=False)
        draw_chart(ttft_chart(shown), "prefill-conversation", times_title(shown))
        for words in dict.fromkeys(filter(None, map(simulated_caption, conversation))):
            st.caption(plain(words))
    title = now.book.title if now.book is not None else ""
    curves = table_files("The curves", "prefill-projected", length_rows(gpu, ratio, figures))
    book = figures_files(figures, title, settings_values(now.settings)) if figures is not None else ()
    note = f"{SAVING} A sweep's own files: in its section."
    draw_export(now, "prefill", [*curves, *book], note)


def _draw_gpu(place, now: AppSession, servers: ServerPair) -> Gpu:
    """One choice for every projection of this session, here and on Pages; a GPU of one's own is known here alone."""
    ids = [*GPUS, OWN_GPU_ID]
    chosen = place.selectbox(
        "GPU",
        ids,
        ids.index(chosen_gpu(now, servers).id),
        format_func=lambda one: GPUS[one].name if one in GPUS else "One of your own, by its datasheet",
        key="prefill-gpu",
    )
    if chosen == OWN_GPU_ID:
        return draw_own_gpu()
    if chosen != chosen_gpu(now, servers).id:
        now.gpu_id = chosen
    return GPUS[chosen]


def _figures(now: AppSession, servers: ServerPair, gpu: Gpu) -> BookFigures | None:
    """Of the open book at its present settings; None where there is no book, or only the slow engine draws it and has not."""
    if now.book is None:
        return None
    pages = page_tokens(now)
    return figures_of(now, text_reading(now, servers), pages, servers, gpu) if pages else None
