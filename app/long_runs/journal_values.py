"""Figures of a journal's lines, checked: journals are edited by hand and handed on. In: a value of JSON. Out: the figure, or ValueError."""

from __future__ import annotations

from typing import Any

from app.outbound import MAX_COUNT, number_of


def whole(value: Any) -> int:
    """From 0 to MAX_COUNT."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise ValueError(f"{_short(value)} is no whole number from 0 to {MAX_COUNT:,}")
    return value


def figure(value: Any) -> float:
    """From 0 to MAX_COUNT, and finite."""
    number = number_of(value)
    if number is None:
        raise ValueError(f"{_short(value)} is no figure from 0 to {MAX_COUNT:,}")
    return number


def words(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{_short(value)} is no text")
    return value


def yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{_short(value)} is neither true nor false")
    return value


def _short(value: Any) -> str:
    """What a person finds again in the file. Python writes no whole number of thousands of digits."""
    if isinstance(value, int) and abs(value) > MAX_COUNT:
        return "A number of too many digits"
    return repr(value)[:60]
