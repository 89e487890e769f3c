"""What if: a text of any length in a window; the settings that reach it, with their clarity; what a question costs."""

from __future__ import annotations

import streamlit as st

from app.books.book import text_hash
from app.books.samples import synthetic_novel
from app.legibility import MEANING, percent
from app.measurement import duration_words
from app.projection import (
    ASSUMED_SERVING,
    GLYPH,
    QWEN3_8B,
    Gpu,
    ModelShape,
    PromptSize,
    Serving,
    kv_bytes_per_request,
    most_users,
    pages_prompt,
    project_alone,
    project_batch,
    text_prompt,
)
from app.tokens import count_text_tokens
from app.ui.outside import one_line, plain
from app.ui.session import session
from app.whatif import PRESETS, Need, Preset, Price, Reaching, WhatIfError, cost_of, need_of, reaching_settings
from renderer import RenderConfig

NOVEL_TOKENS = 120_000
_OWN = "The open book"


def draw_what_if(gpu: Gpu, serving: Serving | None) -> None:
    st.subheader("What if", anchor=False)
    preset = _preset()
    length, window, answer, readers = st.columns(4)
    try:
        need = need_of(
            int(length.number_input("Text tokens", 1, 100_000_000, preset.text_tokens, key=f"if-length-{preset.name}")),
            int(
                window.number_input(
                    "Window (tokens)", 512, 10_000_000, preset.window_tokens, key=f"if-window-{preset.name}"
                )
            ),
            int(
                answer.number_input("Answer (tokens)", 1, 65_536, preset.answer_tokens, key=f"if-answer-{preset.name}")
            ),
        )
        at_once = int(readers.number_input("Readers at once", 1, 1_024, 1, key="if-readers"))
    except WhatIfError as error:
        st.warning(plain(str(error)))
        return
    ratio = max(1.0, need.compression)
    st.markdown(_need_words(need))
    if preset.published:
        scores = ", ".join(f"{name} {score:.2f}" for name, score in preset.published)
        st.caption(
            f"Published there: {scores}. {plain(preset.source)} Nothing here says how well Glyph reads at such a setting."
        )
    pages = pages_prompt(need.text_tokens, ratio, need.question_tokens)
    text = text_prompt(need.text_tokens, need.question_tokens)
    st.table(
        [
            _row("Text model, Qwen3-8B", QWEN3_8B, text, need, gpu, at_once, serving),
            _row(f"Glyph at {ratio:.2f}×", GLYPH, pages, need, gpu, at_once, serving),
        ]
    )
    _draw_reaching(need)
    _draw_costs(need, text.tokens, pages.tokens)


def _preset() -> Preset:
    now = session()
    own = []
    if now.book is not None:
        tokens = count_text_tokens(now.book.text, now.book.content_hash).value
        own = [Preset(_OWN, tokens, PRESETS[0].window_tokens, PRESETS[0].answer_tokens)]
    by_name = {one.name: one for one in (*PRESETS, *own)}
    return by_name[st.selectbox("Question", list(by_name), key="if-preset")]


def _need_words(need: Need) -> str:
    where = (
        f"{need.text_tokens:,} tokens in a window of {need.window_tokens:,}, beside an answer of {need.answer_tokens:,}"
    )
    if need.fits_as_text:
        return f"{where}: fit **as text**; pages need no compression to fit."
    return f"{where}: need **{need.compression:.2f}×**, {need.visual_tokens:,} visual tokens at most."


def _row(
    name: str, shape: ModelShape, prompt: PromptSize, need: Need, gpu: Gpu, at_once: int, serving: Serving | None
) -> dict[str, str]:
    used = serving or ASSUMED_SERVING
    alone = project_alone(shape, gpu, prompt, serving) if serving else project_alone(shape, gpu, prompt)
    most = most_users(shape, gpu, prompt, need.answer_tokens, used)
    rate = "none fits the memory"
    if most:
        batch = project_batch(shape, gpu, prompt, need.answer_tokens, min(at_once, most), used)
        rate = f"{batch.decode_tokens_per_second:,.0f} with {batch.batch}"
    over = prompt.tokens + need.answer_tokens - need.window_tokens
    return {
        "Projected": name,
        "Prompt tokens": f"{prompt.tokens:,}",
        "In the window": "fits" if over <= 0 else f"{over:,} too many",
        "Time to first token, alone": duration_words(1000 * alone.ttft_seconds, 2),
        "Keys and values": f"{kv_bytes_per_request(shape, prompt.tokens + need.answer_tokens) / 1e9:.1f} GB",
        "Most readers": f"{most:,}",
        "Tokens a second, decoding": rate,
    }


# --- settings that reach it -------------------------------------------------------------------------------------------


def _draw_reaching(need: Need) -> None:
    look = st.expander("The settings that reach it, and how clear their print is", on_change="rerun", key="if-settings")
    if not look.open:
        return
    now = session()
    title, text = (now.book.title, now.book.text) if now.book is not None else _novel()
    with look:
        try:
            with st.spinner("Laying out the whole text at each of them …"):
                found = _found(
                    text_hash(text), now.settings.key, round(max(1.0, need.compression), 4), text, now.settings
                )
        except WhatIfError as error:
            st.info(plain(str(error)))
            return
        st.table([_setting_row(one, need) for one in found])
        st.caption(
            f"Counted over all of “{plain(one_line(title, 60))}” ({found[0].text_tokens:,} tokens) by the fast engine, with the "
            "settings of the Pages screen but for the type's size, the resolution and the cells. For each size the highest "
            "resolution that reaches it; the clearest print first. Misread: from a stored table, by an OCR stand-in. "
            f"{MEANING}"
        )


def _setting_row(one: Reaching, need: Need) -> dict[str, str]:
    config = one.config
    prompt = pages_prompt(need.text_tokens, one.compression, need.question_tokens, one.tokens_per_page)
    room = need.window_tokens - need.answer_tokens - prompt.tokens
    return {
        "Type": f"{config.font_size_pt:g} pt",
        "Resolution": f"{config.dpi} dpi" + (", whole cells" if config.snap_to_28 else ""),
        "Compression": f"{one.compression:.2f}×",
        "Pages of such a text": f"{len(prompt.patches_per_page):,}",
        "Its prompt": f"{prompt.tokens:,} tokens" if room >= 0 else f"{prompt.tokens:,} tokens, {-room:,} too many",
        "Misread (OCR stand-in)": f"{percent(one.clarity.share_wrong)} ({percent(one.clarity.low)} to {percent(one.clarity.high)})",
        "Outside of Glyph's training": "; ".join(one.untrained) or "–",
    }


@st.cache_data(show_spinner=False, max_entries=16)
def _found(
    content_hash: str, settings_key: str, compression: float, _text: str, _config: RenderConfig
) -> tuple[Reaching, ...]:
    return reaching_settings(_text, count_text_tokens(_text, content_hash).value, _config, compression)


@st.cache_data(show_spinner=False, max_entries=1)
def _novel() -> tuple[str, str]:
    book = synthetic_novel(text_tokens=NOVEL_TOKENS, seed=0).book
    return book.title, book.text


# --- costs ------------------------------------------------------------------------------------------------------------


def _draw_costs(need: Need, text_tokens: int, page_tokens: int) -> None:
    with st.expander("What it costs, by prices you enter"):
        st.caption(
            "For a million tokens, in any currency. No price is known here, and caches' discounts are not reckoned."
        )
        columns = st.columns(5)
        labels = ("Text model: prompt", "Text model: answer", "Glyph: prompt", "Glyph: answer")
        prices = [
            column.number_input(label, 0.0, 1e6, 0.0, 0.05, key=f"if-price-{label}")
            for column, label in zip(columns, labels, strict=False)
        ]
        questions = int(columns[4].number_input("Questions", 1, 1_000_000_000, 1_000, key="if-questions"))
        if not any(prices):
            return
        try:
            text = cost_of(text_tokens, need.answer_tokens, Price(prices[0], prices[1]), questions)
            pages = cost_of(page_tokens, need.answer_tokens, Price(prices[2], prices[3]), questions)
        except WhatIfError as error:
            st.warning(plain(str(error)))
            return
        st.table(
            [
                {
                    "Side": name,
                    "Prompt": f"{cost.prompt:,.2f}",
                    "Answers": f"{cost.answer:,.2f}",
                    "Together": f"{cost.total:,.2f}",
                    "For one question": f"{cost.total / questions:,.4f}",
                }
                for name, cost in (("Text model", text), ("Glyph", pages))
            ]
        )
