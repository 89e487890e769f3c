"""What a reader of one format hands back, before it becomes a Book; plain enough to cross a pipe as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from .book import BookFormat, Chapter

# Called with the share done (0 to 1) and what is being done.
Progress = Callable[[float, str], None]


def no_progress(fraction: float, what: str) -> None:
    """For callers who do not watch."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Text with chapters. Fields as in Book."""

    title: str
    text: str
    format: BookFormat
    encoding: str
    chapters: tuple[Chapter, ...]
    notes: tuple[str, ...] = ()
    front_matter: str = ""
    back_matter: str = ""

    def with_notes(self, *notes: str) -> Draft:
        """The same with further notes, each once."""
        return replace(self, notes=tuple(dict.fromkeys((*self.notes, *notes))))

    def to_json(self) -> str:
        """One line for the pipe."""
        return json.dumps(
            {
                "title": self.title,
                "text": self.text,
                "format": self.format.value,
                "encoding": self.encoding,
                "chapters": [(chapter.title, chapter.start, chapter.end) for chapter in self.chapters],
                "notes": self.notes,
                "front_matter": self.front_matter,
                "back_matter": self.back_matter,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, line: str | bytes) -> Draft:
        """The Draft of such a line."""
        fields = json.loads(line)
        return cls(
            title=fields["title"],
            text=fields["text"],
            format=BookFormat(fields["format"]),
            encoding=fields["encoding"],
            chapters=tuple(Chapter(title, start, end) for title, start, end in fields["chapters"]),
            notes=tuple(fields["notes"]),
            front_matter=fields["front_matter"],
            back_matter=fields["back_matter"],
        )
