"""The Compare page from top to bottom: book and settings, figures, pages, the conversation, the question."""

from __future__ import annotations

import streamlit as st

from app.bookshelf.costs import page_chapters
from app.charts import ttft_chart
from app.clients import Role
from app.comparisons import ComparisonSnapshot, LiveError, StillRunning, registry
from app.endpoints.pair import ServerPair
from app.pagefiles.jobs import JobSnapshot, JobState, PageJob, page_jobs
from app.tokens import VISUAL_OVERHEAD_PER_PAGE, MiddleCut, TokenCount, tokens_for_book
from app.ui.addresses import in_browser
from app.ui.book.chooser import draw_book_cards, draw_book_panel
from app.ui.book.opening import open_kept, put_back
from app.ui.compare.answer_settings import draw_answer_panel
from app.ui.compare.book_figures import count_now, draw_figures, draw_missing_glyphs, job_note
from app.ui.compare.conversation import ask, history_tokens, needed_cut, times, turns
from app.ui.compare.page_settings import draw_settings_panel
from app.ui.compare.time_table import draw_time_view, simulated_caption
from app.ui.components import answer_panes, component_key, page_gallery
from app.ui.frame import draw_server_badges, servers_now
from app.ui.guard import guarded, safely, ticking
from app.ui.link import PageLink, read_link, write_link
from app.ui.outside import plain
from app.ui.session import AppSession, say, session
from app.web.comparison_json import turn_view
from app.web.comparison_routes import page_url_base, stream_url


def draw_compare() -> None:
    now, servers = session(), servers_now()
    trouble = _follow_link(now)
    with st.sidebar:
        _draw_sidebar(now, servers)
    if now.book is None:
        _draw_welcome(now, trouble)
        return
    st.title(plain(now.book.title), anchor=False)
    cut, conversation = None, turns(now)
    with guarded("The book's pages could not be begun"):
        _begin_pages(now)
    with guarded("The book's figures could not be drawn"):
        cut = _draw_figures_and_notices(now, servers)
    with guarded("The conversation could not be drawn; it is kept"):
        _draw_conversation(conversation)
    with guarded("The times could not be drawn"):
        _draw_chart(conversation)
    with guarded("The question's box could not be drawn"):
        _draw_question(now, servers, cut, conversation)


def _draw_sidebar(now: AppSession, servers: ServerPair) -> None:
    panels = (draw_book_panel, draw_settings_panel, draw_answer_panel) if now.book is not None else ()
    for draw in panels:
        with guarded("This panel could not be drawn"):
            draw(now)
    draw_server_badges(servers)


def _begin_pages(now: AppSession) -> None:
    """Hold the job that renders this book with these settings; none where it could not even be begun."""
    try:
        put_back(now)
        _write_link(now)
        now.hold(page_jobs().start(now.book.content_hash, now.book.text, now.book.title, now.settings, now.holder))
    except Exception:
        now.hold(None)  # never the pages of another book or setting
        raise


def _draw_figures_and_notices(now: AppSession, servers: ServerPair) -> MiddleCut | None:
    """The figures and what has to be known before asking; the text side's cut, where it needs one."""
    count, source = count_now(now.book, servers)
    cut = _cut(now, count, servers)
    with guarded("The book's pages could not be drawn"):
        _draw_book(now, count, source, servers)
    if cut is not None:
        _draw_cut_notice(cut, count, servers)
    _draw_pages_notice(now, servers)
    return cut


def _follow_link(now: AppSession) -> str:
    """A reload or a link finds its book and settings again; returns what stood in the way."""
    if now.book is not None or "book" not in st.query_params:
        return ""
    link = read_link(dict(st.query_params))
    if not open_kept(now, link.book_key):
        return "The link's book is no longer kept on this server: open it again below."
    if link.settings is not None:
        now.settings = link.settings
    for trouble in link.troubles:
        say(trouble, grave=True)
    return ""


def _write_link(now: AppSession) -> None:
    wanted = write_link(PageLink(now.book_key, now.settings))
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)


def _draw_welcome(now: AppSession, trouble: str) -> None:
    st.title("One book, two readers", anchor=False)
    if trouble:
        st.warning(plain(trouble), icon=":material/link_off:")
    st.markdown(
        "A **text model** reads a book token by token. **Glyph** reads pictures of its pages and needs three to four times "
        "fewer tokens, so it starts to answer sooner and a long novel fits its window. "
        "Open a book, ask both the same question, and watch who speaks first."
    )
    draw_book_cards(now)


def _draw_book(now: AppSession, count: TokenCount, source: str, servers: ServerPair) -> None:
    if now.job is None:
        return
    look = now.job.snapshot()
    if look.state is JobState.RUNNING:
        look = now.job.wait(0.35)  # a fast rendering is done before a progress bar is worth showing
    draw_figures(count, source, look, servers)
    draw_missing_glyphs(now.book, now.settings)
    if look.state is JobState.RUNNING:
        _draw_progress(now.job)
    elif look.state is JobState.DONE:
        chapters = page_chapters(now.book, [page.text_span for page in look.page_set.pages])
        pages = [
            (page.width_px, page.height_px, page.visual_tokens, chapter)
            for page, chapter in zip(look.page_set.pages, chapters, strict=True)
        ]
        with st.expander(
            _pages_label(look), icon=":material/auto_stories:", expanded=not now.turns, key=f"pages-{bool(now.turns)}"
        ):
            page_gallery(pages, in_browser(page_url_base(now.job.key)), now.book.title, key="gallery")
    else:
        st.error(plain(look.error or "Rendering was stopped."), icon=":material/error:")
        if st.button("Render again", icon=":material/refresh:"):
            st.rerun()


def _pages_label(look: JobSnapshot) -> str:
    engine, totals = look.page_set.engine, look.page_set.totals
    why = f": {plain(engine.reason)}" if engine.reason else ""
    return f"{totals.pages:,} page{'s' if totals.pages != 1 else ''}, drawn by the {plain(engine.name)} engine in {look.page_set.seconds:.2f} s{why}"


@ticking(0.3)
def _draw_progress(job: PageJob) -> None:
    look = job.snapshot()
    if look.state is not JobState.RUNNING:
        st.rerun(scope="app")
    share = look.pages_done / look.pages_total if look.pages_total else 0.0
    st.progress(share, text=f"{job_note(look)} · {look.elapsed_s:.1f} s")


@st.cache_data(show_spinner=False, max_entries=16)
def _cached_cut(content_hash: str, tokens: int, room: int, _text: str, _count: TokenCount) -> MiddleCut | None:
    return needed_cut(_text, _count, room)


def _cut(now: AppSession, count: TokenCount, servers: ServerPair) -> MiddleCut | None:
    if servers.text is None:
        return None
    room = tokens_for_book(servers.text.window_tokens, now.sampling.max_tokens, history_tokens(now, Role.TEXT))
    return _cached_cut(now.book.content_hash, count.value, room, now.book.text, count)


def _draw_cut_notice(cut: MiddleCut, count: TokenCount, servers: ServerPair) -> None:
    st.warning(
        f"**The text does not fit the text model's window** ({count.value:,} tokens against {servers.text.window_tokens:,}). "
        f"It will read the beginning and the end: {cut.kept_tokens:,} tokens stay, {cut.removed_tokens:,} tokens "
        f"({cut.removed_tokens / count.value:.0%}) are cut from the middle. The pages side reads the whole book.",
        icon=":material/content_cut:",
    )


def _draw_pages_notice(now: AppSession, servers: ServerPair) -> None:
    """The pages are never cut: when they do not fit, the server will refuse them, so it is said before."""
    look = now.job.snapshot() if now.job is not None else None
    if servers.pages is None or look is None or look.page_set is None:
        return
    totals, window = look.page_set.totals, servers.pages.window_tokens
    needed = totals.visual_tokens + VISUAL_OVERHEAD_PER_PAGE * totals.pages
    # A server shortens an answer that has no room, but refuses a prompt: so only the prompt is told of here.
    room = tokens_for_book(window, answer=0, history=history_tokens(now, Role.PAGES))
    most = servers.pages.endpoint.limits.max_images
    if needed > room:
        st.warning(
            f"**The pages do not fit Glyph's window** ({needed:,} tokens, and question and conversation leave {room:,} of its {window:,}). "
            "Lower the DPI or the font size, or choose fewer chapters; nothing is cut silently.",
            icon=":material/zoom_out_map:",
        )
    elif totals.pages > most:
        st.warning(
            f"**{totals.pages:,} pages are more than the {most:,} images this server takes.** Use a smaller font or a lower DPI.",
            icon=":material/filter_none:",
        )


def _draw_conversation(conversation: list[ComparisonSnapshot]) -> None:
    for snapshot in conversation:
        comparison_id = snapshot.comparison_id
        answer_panes(
            turn_view(snapshot, in_browser(stream_url(comparison_id))),
            key=component_key("turn", comparison_id),
            on_retry=safely(_retry(comparison_id)),
            on_over=lambda: None,
        )


def _retry(comparison_id: str):
    key = component_key("turn", comparison_id)

    def again() -> None:
        try:
            registry().retry(comparison_id, Role(st.session_state[key].retry))
        except LiveError as error:
            say(str(error), grave=True)

    return again


def _draw_chart(conversation: list[ComparisonSnapshot]) -> None:
    shown = times(conversation)
    if not shown:
        return
    st.subheader("Time to first token", anchor=False)
    for snapshot in conversation[-1:]:
        if snapshot.speedup is not None:
            st.markdown(f"**{plain(snapshot.speedup.sentence)}**")
    st.plotly_chart(ttft_chart(shown), key="ttft", config={"displayModeBar": False})
    captions = dict.fromkeys(filter(None, map(simulated_caption, conversation)))
    if captions:
        st.caption(plain(list(captions)[-1]))
    draw_time_view(conversation)


def _draw_question(
    now: AppSession, servers: ServerPair, cut: MiddleCut | None, conversation: list[ComparisonSnapshot]
) -> None:
    running = [snapshot for snapshot in conversation if snapshot.running]
    with st.bottom:
        asked = _draw_draft(now) or (_draw_suggestions(now, conversation) if not running else None)
        box, stop = st.columns([8, 1.4], vertical_alignment="bottom")
        typed = box.chat_input("Ask both about this book", key="question", max_chars=8000)
        if stop.button(
            "Stop",
            icon=":material/stop_circle:",
            key="stop",
            disabled=not running,
            width="stretch",
            type="primary" if running else "secondary",
        ):
            for snapshot in running:
                registry().stop(snapshot.comparison_id)
            st.rerun()
    question = (typed or asked or "").strip()
    if not question:
        return
    try:
        if running:
            raise StillRunning("Both sides are still answering: stop them first, or wait.")
        ask(now, servers, question, cut)
    except LiveError as error:
        now.draft, now.draft_error = question, str(error)
    st.rerun()


def _draw_draft(now: AppSession) -> str | None:
    """A question that could not be asked is kept, with the reason, until it goes out."""
    if not now.draft:
        return None
    st.error(f"{plain(now.draft_error)} Your question is kept.", icon=":material/error:")
    if not st.button(f"Ask again: {plain(now.draft, 120)}", icon=":material/refresh:", key="draft"):
        return None
    question, now.draft, now.draft_error = now.draft, "", ""
    return question


def _draw_suggestions(now: AppSession, conversation: list[ComparisonSnapshot]) -> str | None:
    """Questions that come with a sample, until they are asked."""
    asked = {snapshot.spec.question for snapshot in conversation}
    open_questions = [one.question for one in now.questions if one.question not in asked][:4]
    if not open_questions:
        return None
    return st.pills(
        "Questions about this book",
        open_questions,
        format_func=plain,
        key=f"suggested-{len(conversation)}",
        label_visibility="collapsed",
        wrap=False,
        width="stretch",
    )
