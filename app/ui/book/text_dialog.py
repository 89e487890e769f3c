"""How the text is read, in a dialog: encoding, what was set aside, line breaks and what each way of them would cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape

import streamlit as st

from app.books import CHOOSABLE_ENCODINGS, Book, BookError
from app.bookshelf.reader import book_reader
from app.bookshelf.reflow_offers import ReflowOffer, offer_desk
from app.bookshelf.source import BookSource, Reflow
from app.ui.book.opening import open_source, read_file_anew, session_source
from app.ui.book.words import EMBEDDED, encoding_name, fewer_tokens
from app.ui.guard import guarded, safely
from app.ui.outside import plain
from app.ui.session import AppSession

_AS_FOUND = ""
_EXCERPT_CHARACTERS = 900
_SHOWN_CHARACTERS = 60_000
_BOX_HEIGHT_PX = 230
# Small enough that a line of 75 characters is not wrapped by the screen as well.
_EXCERPT_STYLE = (
    f"height:{_BOX_HEIGHT_PX}px;overflow:auto;margin:0;padding:.7rem;border-radius:.5rem;font-size:.76rem;line-height:1.45;"
    "white-space:pre-wrap;background:color-mix(in srgb,currentColor 5%,transparent)"
)


def draw_text_dialog(session: AppSession, key: str, close: Callable[[], None]) -> None:
    """Draw it; `key` is new each time it is opened."""
    st.dialog("Text", width="large", icon=":material/wrap_text:", on_dismiss=safely(close))(_guarded)(
        session, key, close
    )


def _guarded(session: AppSession, key: str, close: Callable[[], None]) -> None:
    with guarded("The text could not be drawn"):
        _draw(session, key, close)


def _draw(session: AppSession, key: str, close: Callable[[], None]) -> None:
    source = session_source(session)
    read, error = _draw_reading(source, key)
    if error:
        st.error(plain(error), icon=":material/error:")
    chosen = read
    if read is not None:
        _draw_set_aside(read.base)
        chosen = read.with_reflow(_draw_reflow(session, read, key))
        _draw_excerpts(read, chosen)
        _draw_notes(read.base)
    wanted = chosen if chosen is not None and chosen.choices != source.choices else None
    if wanted is not None and session.turns and wanted.book.content_hash != session.opened.content_hash:
        st.caption(":material/info: Another text begins the conversation anew.")
    use, keep, _ = st.columns([2, 1.2, 3])
    if use.button("Apply", type="primary", disabled=wanted is None, key=f"{key}-use", width="stretch") and wanted:
        open_source(session, wanted)
        close()
        st.rerun()
    if keep.button("Cancel", key=f"{key}-cancel", width="stretch"):
        close()
        st.rerun()


def _draw_reading(source: BookSource, key: str) -> tuple[BookSource | None, str]:
    """Encoding and Gutenberg's parts: the source read that way, or why it cannot be."""
    if not book_reader().has_file(source.file_key):
        if source.file_key is not None:
            st.caption(":material/info: The file was let go to make room; upload it again to change how it is read.")
        return source, ""
    encoding, keep = source.choices.encoding, source.choices.keep_gutenberg
    left, right = st.columns(2, vertical_alignment="bottom")
    if source.found_encoding != EMBEDDED:
        options = [_AS_FOUND, *CHOOSABLE_ENCODINGS]
        encoding = (
            left.selectbox(
                "Encoding",
                options,
                index=options.index(encoding or _AS_FOUND),
                key=f"{key}-encoding",
                format_func=lambda one: (
                    encoding_name(one) if one else f"{encoding_name(source.found_encoding)}, as found"
                ),
            )
            or None
        )
    if keep or source.base.front_matter.strip() or source.base.back_matter.strip():
        keep = right.toggle("Put Project Gutenberg's header and licence back", keep, key=f"{key}-gutenberg")
    try:
        return read_file_anew(source, encoding, keep), ""
    except BookError as error:
        return None, str(error)
    except KeyError:
        return source, "The file was let go to make room; upload it again to change how it is read."


def _draw_set_aside(base: Book) -> None:
    length = len(base.front_matter.strip()) + len(base.back_matter.strip())
    if not length:
        return
    with st.expander(f"Set aside: {length:,} characters of header and licence", icon=":material/gavel:"):
        for part in filter(str.strip, (base.front_matter, base.back_matter)):
            st.code(part.strip()[:_SHOWN_CHARACTERS], language=None, wrap_lines=True, height=_BOX_HEIGHT_PX)


def _draw_reflow(session: AppSession, source: BookSource, key: str) -> Reflow:
    now = source.choices.reflow
    with st.spinner("Laying out the book both ways …"):
        offer = offer_desk().ask(source, session.settings).result()
    if offer is None:
        return now
    joins = Reflow.JOIN in offer.costs
    labels = {
        Reflow.AS_IS: "As in the file",
        Reflow.JOIN: "Join wrapped lines, keep blank lines",
        Reflow.DENSE: "Join wrapped lines, drop blank lines" if joins else "Drop blank lines",
    }
    ways = list(offer.costs) if now in offer.costs else [*offer.costs, now]
    return st.radio(
        "Line breaks",
        ways,
        index=ways.index(now),
        format_func=labels.get,
        key=f"{key}-reflow",
        captions=[_cost(offer, way) for way in ways],
        help="Measured on this book with the present settings. Joining lines changes the text's own tokens too, so the "
        "ratio may fall while visual tokens are saved. Verse, lists, tables, headings and code are left alone.",
    )


def _cost(offer: ReflowOffer, way: Reflow) -> str:
    cost = offer.costs.get(way)
    if cost is None:
        return ""
    parts = [f"{cost.text_tokens:,} text tokens"]
    if cost.visual_tokens is None:
        return f"{parts[0]} · visual tokens not known before it is drawn: these settings need the slower engine"
    parts += [f"{cost.pages:,} pages", f"{cost.visual_tokens:,} visual tokens", f"ratio {cost.ratio:.2f}×"]
    saving = offer.saving(way)
    if way is not Reflow.AS_IS and saving is not None:
        parts.insert(0, f"**{fewer_tokens(saving)}**")
    return " · ".join(parts)


def _draw_excerpts(read: BookSource, chosen: BookSource) -> None:
    """The same place before and after: where the second chapter begins, past title pages."""
    before, after = replace(read, choices=replace(read.choices, reflow=Reflow.AS_IS)).whole, chosen.whole
    at = min(1, len(before.chapters) - 1)
    if chosen.choices.reflow is Reflow.AS_IS:
        _excerpt(before, at)
        return
    left, right = st.columns(2)
    with left:
        st.caption("In the file")
        _excerpt(before, at)
    with right:
        st.caption("Reflowed")
        _excerpt(after, at)


def _excerpt(book: Book, at: int) -> None:
    start = book.chapters[at].start
    st.html(f'<pre style="{_EXCERPT_STYLE}">{escape(book.text[start : start + _EXCERPT_CHARACTERS])}</pre>')


def _draw_notes(base: Book) -> None:
    for note in base.notes:
        st.caption(f":material/info: {plain(note)}")
