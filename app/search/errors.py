"""What can go wrong with a search; every message is shown to the user as it is."""

from __future__ import annotations


class SearchError(Exception):
    """Base of all."""


class SearchBusy(SearchError):
    """One search at a time."""


class StudyUnusable(SearchError):
    """A journal that cannot be read, or that belongs to something else."""
