"""Figures of a book as people read them: the same words on every screen."""

from __future__ import annotations

import re

from app.measurement import about_the_same, duration_words
from app.reading.figures import BookFigures
from app.tokens import share_of_book

NOT_FITTING = "does not fit; shown for comparison"
_BEFORE_A_UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|min|px|dpi|pt|[KMG]B|tokens/s)(?!\w))")


def unbroken(words: str) -> str:
    """The same words with a no-break space between a number and its unit (elements.js: `united`)."""
    return _BEFORE_A_UNIT.sub("\u00a0", words)


def time_words(seconds: float) -> str:
    return unbroken(duration_words(1000 * seconds, 2))


def later_or_sooner(text_s: float, pages_s: float) -> str:
    """Never a speedup below one: what is slower is said to be slower."""
    if about_the_same(text_s / pages_s):
        return "at about the same time"
    return f"{text_s / pages_s:.1f}× sooner" if text_s >= pages_s else f"{pages_s / text_s:.1f}× later"


def window_share(share: float) -> str:
    """A share of a window: as a percentage, and beyond the window as a multiple."""
    return unbroken(f"{100 * share:.0f} %") if share <= 1 else f"{share:.2f}×"


def sent_words(figures: BookFigures) -> str:
    """What of the text is really sent: "" where it is all of it."""
    if not figures.text.is_cut:
        return ""
    return f"cut to {share_of_book(figures.text.share_sent)} ({figures.text.sent:,} tokens)"


def reading_sentence(figures: BookFigures) -> str:
    """The projected wait of both sides for what is really sent, beside the whole text's where that is another."""
    text, pages = time_words(figures.text_seconds), time_words(figures.pages_seconds)
    cut = f", {sent_words(figures)}" if figures.text.is_cut else ""
    told = f"Projected on one {figures.gpu.name}: text model {text}{cut}; Glyph {pages}"
    if figures.pages.share_of_window > 1:
        told += f" ({NOT_FITTING})"
    told += f": Glyph's first token {later_or_sooner(figures.text_seconds, figures.pages_seconds)}."
    if figures.text.is_cut:
        whole = time_words(figures.whole_text_seconds)
        told += f" The whole text would take {whole}, in a window it does not fit; shown for comparison."
    return told
