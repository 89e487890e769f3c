"""Compare: a book, its pages, a question, two answers side by side."""

from app.ui.compare import draw_compare

draw_compare()
