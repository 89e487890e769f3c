"""Begin an evaluation, or go on with one: plan, sources and servers in, a journal and its items out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.clients import Role
from app.evaluation.errors import JournalUnusable
from app.evaluation.journal import Header, Journal, check_same
from app.evaluation.plan import EvaluationPlan, items_hash, plan_items
from app.evaluation.run import EvaluationServer
from app.evaluation.tasks import Sources, source_note
from app.evaluation.values import Item


def header_of(
    plan: EvaluationPlan, sources: Sources, items: tuple[Item, ...], servers: Mapping[Role, EvaluationServer]
) -> Header:
    notes = tuple(f"{name}: {note}" for name in plan.tasks if (note := source_note(name, sources)))
    roles = sorted({arm.role for arm in plan.arms}, key=list(Role).index)
    book = hashlib.sha256(sources.book_text.encode("utf-8", "surrogatepass")).hexdigest() if sources.book_text else ""
    return Header(
        plan,
        replace(sources, book_text=""),
        len(items),
        items_hash(items),
        book,
        notes,
        tuple(servers[role].note for role in roles if role in servers),
    )


def begin(
    path: Path, plan: EvaluationPlan, sources: Sources, servers: Mapping[Role, EvaluationServer]
) -> tuple[Journal, tuple[Item, ...]]:
    """A new journal. Raises PlanError, SourceError, JournalUnusable."""
    items = plan_items(plan, sources)
    return Journal.create(path, header_of(plan, sources, items, servers)), items


def resume(
    path: Path, servers: Mapping[Role, EvaluationServer], book_text: str = ""
) -> tuple[Journal, tuple[Item, ...]]:
    """Go on with one: its items are made again, and must be the same. Raises EvaluationError."""
    journal = Journal.resume(path)
    try:
        items = items_of(journal.header, book_text)
        sources = replace(journal.header.sources, book_text=book_text)
        check_same(journal.header, header_of(journal.header.plan, sources, items, servers))
    except BaseException:
        journal.close()
        raise
    return journal, items


def items_of(header: Header, book_text: str = "") -> tuple[Item, ...]:
    """A journal's items, made again. Raises PlanError, SourceError, JournalUnusable where they are others than they were."""
    if header.book_sha256:
        found = hashlib.sha256(book_text.encode("utf-8", "surrogatepass")).hexdigest()
        if found != header.book_sha256:
            raise JournalUnusable(f"This journal asks about “{header.sources.book_title}”: name the same book again.")
    items = plan_items(header.plan, replace(header.sources, book_text=book_text))
    if items_hash(items) != header.items_sha256:
        raise JournalUnusable(
            "The items made now are not those that the journal was begun with: other files lie in their folders, or this "
            "is another version. Begin a new evaluation."
        )
    return items
