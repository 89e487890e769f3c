"""History: what was asked on this machine, found again, compared, replayed, handed on."""

from app.ui.history.screen import draw_history

draw_history()
