"""The address of Compare and Pages: which book, which settings, and what is open beside them. A link opens the same again.

A link that is handed on (`handed_on`) names a sample instead of a key, so that any installation opens it, the newest question, which is
offered there and not asked, and the servers, which it never chooses: a link must not send a book anywhere.

In: a query's strings. Out: PageLink values, and back. The book goes by its key on the shelf: it is found as long as this
process keeps it, by whoever has the link; the conversation by a key of its own, as long as its recordings are kept. Imports no streamlit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from app.endpoints.pair import ServerPair
from app.preview.settings_query import KEYS, read_what_holds, settings_query
from app.ui.outside import one_line
from renderer import RenderConfig

SHOWN = "ghr"  # grid of visual tokens, heat map, reference engine's picture
_MAX_OFFSET_DIGITS = 9
_MAX_KEY = 64
_MAX_SERVERS_CHARACTERS = 200
MAX_QUESTION_CHARACTERS = 8000
MAX_LINKED_QUESTION_CHARACTERS = 2000  # browsers and chats cut longer addresses


@dataclass(frozen=True, slots=True)
class PageLink:
    """What an address says. `settings` and `held` (the B of A | B) are None where it says nothing or nothing that holds."""

    book_key: str = ""
    settings: RenderConfig | None = None
    held: RenderConfig | None = None
    at: int = 0
    show: str = ""
    talk: str = ""
    """The key of the conversation."""
    run: str = ""
    """The id of one recorded run, which goes before the conversation."""
    sample: str = ""
    """The name of a sample book, which every installation has."""
    question: str = ""
    """To be offered, not asked."""
    servers: str = ""
    """In words, which models answered where the link was made."""
    troubles: tuple[str, ...] = ()

    @property
    def opens_something(self) -> bool:
        return bool(self.book_key or self.talk or self.run or self.sample or self.question)


def read_link(query: Mapping[str, str]) -> PageLink:
    """Never raises: what was not taken is told in `troubles`."""
    troubles: list[str] = []
    settings = held = None
    if any(key in query for key in (*KEYS, "book", "sample")):
        settings, wrong = read_what_holds(query)
        troubles += [f"One of the link's settings was not taken: {one}" for one in wrong]
    if "b" in query:
        try:
            held, wrong = read_what_holds(dict(parse_qsl(query["b"], keep_blank_values=True)))
        except ValueError as error:
            held, wrong = None, (str(error),)
        troubles += [f"One of the link's settings B was not taken: {one}" for one in wrong]
    at = query.get("at", "")
    return PageLink(
        book_key=query.get("book", ""),
        settings=settings,
        held=held,
        at=int(at[:_MAX_OFFSET_DIGITS]) if at.isascii() and at.isdigit() else 0,
        show=shown_letters(query.get("show", "")),
        talk=_key(query.get("talk", "")),
        run=_key(query.get("run", "")),
        sample=one_line(query.get("sample", ""), _MAX_KEY),
        question=one_line(query.get("ask", ""), MAX_LINKED_QUESTION_CHARACTERS),
        servers=one_line(query.get("with", ""), _MAX_SERVERS_CHARACTERS),
        troubles=tuple(troubles),
    )


def write_link(link: PageLink) -> dict[str, str]:
    """The address of a view; what is as usual is left out."""
    query = settings_query(link.settings) if link.settings is not None else {}
    if link.held is not None:
        query["b"] = urlencode({"d": str(link.held.dpi)} | settings_query(link.held))
    if link.at:
        query["at"] = str(link.at)
    if link.show:
        query["show"] = link.show
    if link.book_key:
        query["book"] = link.book_key
    if link.talk:
        query["talk"] = link.talk
    if link.run:
        query["run"] = link.run
    for name, value in (("sample", link.sample), ("ask", link.question), ("with", link.servers)):
        if value:
            query[name] = value
    return query


def handed_on(address: Mapping[str, str], sample: str, question: str, servers: str) -> dict[str, str]:
    """The window's address for somebody else. A sample goes by its name, without this server's keys of book and conversation.

    `question` has at most MAX_LINKED_QUESTION_CHARACTERS.
    """
    kept = {name: value for name, value in address.items() if not sample or name not in ("book", "talk", "run")}
    return kept | write_link(PageLink(sample=sample, question=question, servers=servers))


def servers_words(servers: ServerPair) -> str:
    """Which models answer here."""
    told = [f"{one.endpoint.model}{' (simulated)' if one.simulated else ''}" for one in servers.servers]
    return " and ".join(told)


def _key(said: str) -> str:
    """What may be one of our keys; "" for everything else."""
    return said if said.isascii() and said.isalnum() and len(said) <= _MAX_KEY else ""


def shown_letters(said: object) -> str:
    """Those of SHOWN that are in it, in their order."""
    return "".join(letter for letter in SHOWN if letter in str(said))
