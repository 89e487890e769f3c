"""Evaluate: is it still read? The same items asked of text and pages, a matrix of tasks and settings, every item to look at."""

from app.ui.evaluate.screen import draw_evaluate

draw_evaluate()
