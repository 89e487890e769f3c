"""Placeholder until the child process reads the other formats."""

from .errors import BookUnsupported


def read_in_child(content, inner_name, format, encoding, keep_gutenberg, progress, cancelled):
    raise BookUnsupported(f"'{inner_name}' is {format.label}, which is not read yet; give plain text or Markdown.")
