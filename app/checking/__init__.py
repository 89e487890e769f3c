"""What of an answer stands in the book: its names, numbers and quotations, each with its place. Pure; knows no servers or screens.

check(answer, index_of(book_hash, text), unread, question)    found, found otherwise, or not found
looked_up(answer, book_hash, text, unread, question)          the same in words, for people

"Found in the book" is not "true", and nothing here says so.
"""

from .check import MAX_ANSWER_CHARACTERS, MAX_CLAIMS, check
from .kept import forget, index_of, prepare
from .looked_up import NOT_THE_SAME_AS_TRUE, ListedClaim, LookedUp, looked_up
from .values import Checked, Claim, ClaimKind, Found

__all__ = [
    "MAX_ANSWER_CHARACTERS",
    "MAX_CLAIMS",
    "NOT_THE_SAME_AS_TRUE",
    "Checked",
    "Claim",
    "ClaimKind",
    "Found",
    "ListedClaim",
    "LookedUp",
    "check",
    "forget",
    "index_of",
    "looked_up",
    "prepare",
]
