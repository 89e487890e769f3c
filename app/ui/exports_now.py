"""Which files each screen hands out, of what the session shows now."""

from __future__ import annotations

from app.clients import Role
from app.comparisons import ComparisonSnapshot
from app.endpoints.gauges import gauges
from app.endpoints.pair import ServerPair
from app.exports import ExportFile, conversation_files, figures_files, table_files
from app.pagefiles.jobs import JobState
from app.preview.settings_query import settings_values
from app.reading import BookFigures
from app.serving import read_state
from app.ui.compare.reading import figures_of, page_tokens, text_reading
from app.ui.servers.telling import metric_rows
from app.ui.session import AppSession
from app.web.conversation_markdown import conversation_markdown


def book_files(now: AppSession, servers: ServerPair) -> tuple[ExportFile, ...]:
    """The open book's figures; none where they are not known yet."""
    if now.job is not None and now.job.snapshot().state is JobState.RUNNING:
        return ()  # nothing is laid out for a menu while the pages are drawn
    figures = book_figures_now(now, servers)
    if figures is None:
        return ()
    return figures_files(figures, now.opened.title, settings_values(now.settings))


def book_figures_now(now: AppSession, servers: ServerPair) -> BookFigures | None:
    if now.book is None:
        return None
    pages = page_tokens(now)
    return figures_of(now, text_reading(now, servers), pages, servers) if pages else None


def talk_files(conversation: list[ComparisonSnapshot]) -> tuple[ExportFile, ...]:
    """The conversation to read (Markdown) and to reckon with."""
    files = conversation_files(conversation)
    if not files:
        return ()
    readable = ExportFile(
        "The conversation as Markdown",
        "conversation.md",
        "text/markdown",
        lambda: conversation_markdown(conversation).encode("utf-8", "replace"),
    )
    return (readable, *files)


def server_files(servers: ServerPair) -> tuple[ExportFile, ...]:
    """Both servers as last seen, and the launcher's log where there is one. No key and no password is in any of it."""
    rows: list[dict[str, str]] = []
    for role in Role:
        server = servers.side(role)
        if server is None:
            continue
        told = gauges().metrics(server.endpoint) if server.ready else None
        rows.append(
            {
                "side": role.value,
                "model": server.endpoint.model,
                "address": server.endpoint.shown_address,
                "reachable": "yes" if server.ready else "no",
                "simulated": "yes" if server.simulated else "no",
                "behind_router": "yes" if server.endpoint.behind_router else "no",
                "window_tokens": f"{server.window_tokens}",
                **(metric_rows(told) if told is not None else {}),
            }
        )
    files = table_files("The servers", "servers", rows) if rows else ()
    state = read_state()
    if state is None or not any(server.log_tail for server in state.servers):
        return files
    log = "\n".join(line for server in state.servers for line in (f"== {server.name}", *server.log_tail))
    return (
        *files,
        ExportFile("The launcher's log", "servers.log", "text/plain", lambda: log.encode("utf-8", "replace")),
    )
