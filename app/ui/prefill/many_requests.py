"""The part of the Prefill screen about many requests at once: batches, memory, users."""

from __future__ import annotations

import streamlit as st

from app.projection import (
    ASSUMED_SERVING,
    GLYPH,
    PUBLISHED_OUTPUT_TOKENS,
    QWEN3_8B,
    Gpu,
    ModelShape,
    ProjectionError,
    PromptSize,
    Serving,
    batch_speedup,
    kv_bytes_per_request,
    kv_saving,
    longest_prompt,
    most_users,
    pages_prompt,
    project_batch,
    text_prompt,
)
from app.ui.outside import plain

LENGTHS = (4_096, 8_192, 16_384, 32_768, 65_536, 131_072)
NOT_ONE = "not one fits"


def draw_many_requests(gpu: Gpu, ratio: float, book_tokens: int | None, serving: Serving = ASSUMED_SERVING) -> None:
    """For the page's GPU and compression, the open book's length where there is one, and the factors chosen."""
    st.subheader("Many readers at once", anchor=False)
    st.markdown(
        "Pages leave more room: each reader's keys and values take memory for as long as an answer is written, and the more "
        "readers fit, the more tokens come out each second."
    )
    left, middle, right = st.columns(3)
    lengths = {f"{n // 1024}K": n for n in LENGTHS} | ({"The open book": book_tokens} if book_tokens else {})
    names = list(lengths)
    default = names[-1] if book_tokens else "32K"
    tokens = lengths[left.selectbox("Length of the text", names, names.index(default), key="many-length")]
    answer = int(middle.number_input("Answer (tokens)", 1, 8192, PUBLISHED_OUTPUT_TOKENS, key="many-answer"))
    users = int(right.number_input("Readers at once", 1, 1024, 8, key="many-users"))
    sides = (
        ("Text model, Qwen3-8B", QWEN3_8B, text_prompt(tokens), 1.0),
        (f"Glyph at {ratio:.2f}×", GLYPH, pages_prompt(tokens, ratio), ratio),
    )
    st.table(
        [_row(name, shape, prompt, per_token, gpu, answer, users, serving) for name, shape, prompt, per_token in sides]
    )
    own = kv_saving(GLYPH, text_prompt(tokens), GLYPH, pages_prompt(tokens, ratio))
    st.caption(
        f"Over the text in the same model (Glyph's own backbone) the pages' keys and values take {100 * own:.0f} % less. A model's "
        "window may end before the memory does: 131,072 tokens for both as they are started here."
    )
    try:
        speedup = batch_speedup(tokens, ratio, output_tokens=answer, gpu=gpu, serving=serving)
    except ProjectionError as error:
        st.info(plain(str(error)))
        return
    st.markdown(
        f"At the largest batch that fits, {speedup.text.batch:,} texts or {speedup.pages.batch:,} books as pages, one answer "
        f"of {answer} tokens takes {_seconds(speedup.text.seconds_per_sample)} of the GPU as text and "
        f"{_seconds(speedup.pages.seconds_per_sample)} as pages: **{speedup.per_sample:.2f}×**, projected."
    )


def _row(
    name: str, shape: ModelShape, prompt: PromptSize, ratio: float, gpu: Gpu, answer: int, users: int, serving: Serving
) -> dict[str, str]:
    most = most_users(shape, gpu, prompt, answer, serving)
    longest = round(ratio * longest_prompt(shape, gpu, answer, users, serving))
    rates = NOT_ONE
    if most:
        at_once = min(users, most)
        rate = project_batch(shape, gpu, prompt, answer, at_once, serving).decode_tokens_per_second
        rates = f"{rate:,.0f} with {at_once}"
    return {
        "Projected": name,
        "Prompt tokens": f"{prompt.tokens:,}",
        "Keys and values a reader": f"{kv_bytes_per_request(shape, prompt.tokens + answer) / 1e9:.2f} GB",
        "Most readers at once": f"{most:,}" if most else NOT_ONE,
        "Tokens a second, decoding": rates,
        f"Longest text for {users} at once": f"{longest:,} tokens" if longest else NOT_ONE,
    }


def _seconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
