"""Texts of our own to try the app with: one short story, and novels of any length with facts planted in them.

Each comes with questions whose answers stand in the text. Deterministic: the same seed gives the same book.
"""

from .novel import synthetic_novel
from .sample import Question, Sample
from .story import story

__all__ = ["Question", "Sample", "story", "synthetic_novel"]
