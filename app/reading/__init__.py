"""What an open book costs its two readers, at one setting: counts, ratio, windows, what is really sent, times on paper.

In: the text's count and what of it is sent, the tokens of each page, the windows, a GPU. Out: BookFigures, which every screen
shows. Knows nothing of books, servers and screens.
"""

from app.reading.figures import (
    QUESTION_TOKENS,
    BookFigures,
    PagesReading,
    TextReading,
    Window,
    book_figures,
    pages_seconds,
    text_seconds,
)

__all__ = [
    "QUESTION_TOKENS",
    "BookFigures",
    "PagesReading",
    "TextReading",
    "Window",
    "book_figures",
    "pages_seconds",
    "text_seconds",
]
