"""Pages: every rendering setting, the page it gives, and what it costs."""

from app.ui.rendering.screen import draw_pages

draw_pages()
