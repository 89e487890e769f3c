"""Rows to what five trainers read. Field names: each trainer's own documentation, named in formats.py."""

from .folder import RowFolder
from .formats import FORMATS, Trainer

__all__ = ["FORMATS", "RowFolder", "Trainer"]
