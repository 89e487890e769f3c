"""Prefill: what the projection says about both sides' time to first token, and what this conversation saw."""

from app.ui.prefill.screen import draw_prefill

draw_prefill()
