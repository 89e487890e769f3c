"""Rendering styles that go together: palettes, and rules that exclude what nobody would print. Values and pure functions.

Ours, after the paper's words (arXiv 2510.17800, Table 8): it names one such rule, no leading below the font size, and
RenderConfig refuses that by itself. Read by the training rows' sampler and by the search for settings.
"""

from app.styles.palettes import PALETTES, Palette
from app.styles.rules import RULES, Rule, excluded_by

__all__ = ["PALETTES", "RULES", "Palette", "Rule", "excluded_by"]
