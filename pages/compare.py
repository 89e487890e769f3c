"""Compare: a book, its pages, a question, two answers side by side."""

from app.ui.compare.screen import draw_compare

draw_compare()
