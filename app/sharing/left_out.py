"""A run that was asked for and could not be read: each form names it in its own way, and keeps the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`name` as its list shows it, `why` in a sentence."""

    run_id: str
    name: str
    why: str
