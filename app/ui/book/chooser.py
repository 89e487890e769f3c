"""The sidebar's way to a book: a sample, an upload or pasted text. Opens it in the session; errors lose nothing."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.books import BookError, book_from_text
from app.bookshelf.source import BookSource
from app.ui.book.card import draw_book_card
from app.ui.book.named_samples import NOVEL_TOKENS, STORY, novel_name, open_sample
from app.ui.book.opening import open_file, open_source
from app.ui.outside import plain
from app.ui.session import AppSession

MAX_UPLOAD_MB = 64
_BEFORE_DRAWING_S = 0.5  # a novel as text takes some 0.2 s; what takes longer is waited for with a bar
_UPLOADED = "upload"  # the uploader's key
_WAYS = _SAMPLE, _UPLOAD, _PASTE = ("Sample", "Upload", "Paste")


def draw_book_panel(session: AppSession) -> None:
    """Draw the chooser; a newly chosen book is opened and the page drawn again."""
    st.subheader("Book")
    if session.book is not None:
        draw_book_card(session)
    # No default beside it: `_came` sets the same state, and a widget has its value from one of the two.
    st.session_state.setdefault("book_way", _SAMPLE)
    way = st.segmented_control(
        "Where the book comes from",
        _WAYS,
        required=True,
        label_visibility="collapsed",
        key="book_way",
        persist_state="session",
        width="stretch",
    )
    if way == _UPLOAD:
        _draw_upload(session)
    elif way == _PASTE:
        _draw_paste(session)
    else:
        _draw_samples(session)


def draw_book_cards(session: AppSession) -> None:
    """The same ways in the middle of the page, while no book is open."""
    own, sample, paste = st.container(key="ways").columns(3, gap="medium")
    with own.container(border=True, height="stretch"):
        st.subheader(":material/upload_file: Your own book", anchor=False)
        _draw_upload(session)
    with sample.container(border=True, height="stretch"):
        st.subheader(":material/menu_book: A sample", anchor=False)
        _draw_samples(session)
    with paste.container(border=True, height="stretch"):
        st.subheader(":material/content_paste: A pasted text", anchor=False)
        _draw_paste(session)


def take_upload(session: AppSession) -> bool:
    """Before anything is drawn: open a file that has just come, where it is read quickly; True where it was opened.

    The book's screen then comes with this rerun, not with a second one after the welcome was drawn once more. What takes
    longer is left to the chooser, which shows how far it is.
    """
    upload = st.session_state.get(_UPLOADED)
    return upload is not None and _read_upload(session, upload, _BEFORE_DRAWING_S)


def _read_upload(session: AppSession, upload: UploadedFile, within_s: float | None = None) -> bool:
    """Open an upload that was not read yet; True where it was opened. What stands in its way is kept for the chooser to tell."""
    if st.session_state.get("upload_read") == upload.file_id:
        return False
    try:
        if not open_file(session, upload.getvalue(), upload.name, within_s):
            return False
    except BookError as error:
        _was_read(upload, str(error))
        return False
    except Exception:
        _was_read(upload)
        raise
    _was_read(upload)
    _came(_UPLOAD)
    return True


def _was_read(upload: UploadedFile, trouble: str = "") -> None:
    """Only afterwards: a rerun that is broken off while the file is read leaves it to be read by the next one."""
    st.session_state["upload_read"], st.session_state["upload_error"] = upload.file_id, trouble


def _draw_samples(session: AppSession) -> None:
    if st.button(
        "Open the sample story", icon=":material/auto_stories:", width="stretch", help="Some 4K tokens, with questions."
    ):
        open_story(session)
    length = st.selectbox(
        "Synthetic novel, with planted facts", list(NOVEL_TOKENS), index=3, key="novel_length", persist_state="session"
    )
    if st.button("Generate and open", icon=":material/edit_note:", width="stretch"):
        with st.spinner("Writing the novel ..."):
            open_sample(session, novel_name(NOVEL_TOKENS[length]))
        st.rerun()


def _draw_upload(session: AppSession) -> None:
    # No list of extensions: the content decides, and what is not read gets its own sentence.
    upload = st.file_uploader(
        f"A book of up to {MAX_UPLOAD_MB} MB",
        max_upload_size=MAX_UPLOAD_MB,
        key=_UPLOADED,
        help="Text in any encoding, Markdown, EPUB, PDF with a text layer, Word (DOCX), saved web pages, source code, "
        "ZIP of text or code, .gz.",
    )
    if upload is None:
        return
    if _read_upload(session, upload):
        st.rerun()
    if st.session_state.get("upload_error"):
        st.error(plain(st.session_state["upload_error"]), icon=":material/error:")


def _draw_paste(session: AppSession) -> None:
    text = st.text_area(
        "Paste a text",
        height=180,
        key="pasted",
        persist_state="session",
        max_chars=10_000_000,
        placeholder="A chapter, an article, a log ...",
    )
    if st.button("Open this text", type="primary", disabled=not text.strip(), width="stretch"):
        try:
            book = book_from_text(text, "Pasted text")
        except BookError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        open_source(session, BookSource(book.title, book))
        _came(_PASTE)
        st.rerun()


def _came(way: str) -> None:
    """The sidebar's choice begins with the way by which the book came from the welcome."""
    if st.session_state.get("book_way") != way:  # else the widget may be drawn already, and then it cannot be set
        st.session_state["book_way"] = way


def open_story(session: AppSession) -> None:
    """Open the sample story and draw the page again."""
    open_sample(session, STORY)
    st.rerun()
