"""Addresses as the browser has them: of our own routes, and of the window, which follows the open book and its settings.

A window's address is written by the browser (`history.replaceState`), not through st.query_params, which makes a step of
history of every change: Back would then first undo the address, and leave the page only with the second press.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from app.recordings import replayed
from app.ui.components import window_address
from app.ui.frame import servers_now
from app.ui.kept_conversations import reopen
from app.ui.link import PageLink, read_link, servers_words, write_link
from app.ui.session import AppSession, say, session


def in_browser(path: str) -> str:
    """ "/glyph/…" → "/books/glyph/…" where server.baseUrlPath is "books": behind a reverse proxy others live beside us."""
    return f"{_base()}{path}"


def _base() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def follow_address(now: AppSession) -> str:
    """A reload or a link finds its book, settings and conversation again; returns what stood in the way, "" for nothing."""
    link = read_link(dict(st.query_params))
    given = replayed()
    if given is not None and not (link.book_key or link.talk):
        link = replace(link, run=given.header.run_id)
    if now.book is not None or now.turns or not link.opens_something:
        return ""
    is_new = link != now.followed
    trouble = reopen(now, link)
    if is_new:
        for other in link.troubles:
            say(other, grave=True)
        if told := other_servers(link):
            say(told)
    return trouble


def other_servers(link: PageLink) -> str:
    """What to say where other servers answer here than where the link was made; "" where the same do."""
    here = servers_words(servers_now())
    if not link.servers or link.servers == here:
        return ""
    return f"The link was made where {link.servers} answered. Here answers: {here or 'nobody'}."


def keep_address(now: AppSession, link: PageLink | None = None) -> None:
    """Have the window's address say what is open: `link`, else the book and its settings; and the conversation, once there is one."""
    run = now.run if now.turns == [now.run] else ""
    talk = now.conversation if now.turns and not run else ""
    if now.book is not None or talk or run:
        now.address = write_link(replace(link or PageLink(now.book_key, now.settings), talk=talk, run=run))


def draw_address(page: str) -> None:
    """Hand it to the browser, at the end of each rerun. `page` is the path of the page that was drawn."""
    address = session().address
    window_address(page, _base(), None if address is None else urlencode(address), key="address")
