"""What of an answer stands in the book: its names, numbers and quotations, each with its place. Pure; knows no servers or screens.

check(answer, index_of(book_hash, text), unread, question)    found, found otherwise, or not found

"Found in the book" is not "true", and nothing here says so.
"""

from .check import MAX_ANSWER_CHARACTERS, MAX_CLAIMS, check
from .kept import forget, index_of, prepare
from .values import Checked, Claim, ClaimKind, Found

__all__ = [
    "MAX_ANSWER_CHARACTERS",
    "MAX_CLAIMS",
    "Checked",
    "Claim",
    "ClaimKind",
    "Found",
    "check",
    "forget",
    "index_of",
    "prepare",
]
