"""Search: rendering settings found for the open book, by a genetic search that a critic leads."""

from app.ui.search.screen import draw_search

draw_search()
