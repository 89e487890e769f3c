"""The texts whose compression is searched for: exact text tokens once, exact visual tokens of any setting in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.search.errors import SearchError
from app.tokens import compression_ratio, count_text_tokens, page_grid
from renderer import RenderConfig, count
from renderer.fonts.catalogue import installed_fonts
from renderer.fonts.missing_glyphs import missing_glyphs

MOST_DOCUMENTS = 16
MOST_CHARACTERS = 4_000_000  # of all: each candidate lays all of them out
LEAST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Documents:
    """`texts`: one or more. `text_tokens`: of all together (tiktoken or the model's own ranks, see app.tokens)."""

    title: str
    texts: tuple[str, ...]
    text_tokens: int

    @classmethod
    def of(cls, title: str, texts: tuple[str, ...]) -> Documents:
        """Raises SearchError for none, or for more than is laid out for each candidate."""
        characters = sum(map(len, texts))
        if not texts or characters < LEAST_CHARACTERS:
            raise SearchError(f"{title}: {characters:,} characters are too few to search settings for.")
        if len(texts) > MOST_DOCUMENTS or characters > MOST_CHARACTERS:
            raise SearchError(
                f"{title}: {len(texts)} documents of {characters:,} characters together; use {MOST_DOCUMENTS} and "
                f"{MOST_CHARACTERS:,} or fewer."
            )
        return cls(title, texts, sum(count_text_tokens(text).value for text in texts))

    def compression(self, config: RenderConfig) -> float:
        """Text tokens a visual token, every page counted. Raises RenderError."""
        pages = [page for text in self.texts for page in count(text, config).pages]
        return compression_ratio(self.text_tokens, sum(page_grid(p.width_px, p.height_px).tokens for p in pages))

    def fonts(self) -> tuple[Path, ...]:
        """The installed fonts that lack least of these texts."""
        letters = "".join(sorted(set("".join(self.texts))))
        lacking = [
            (len(missing_glyphs(letters, file)), file)
            for file in sorted({font.file.resolve() for font in installed_fonts()}, key=lambda path: path.name)
        ]
        least = min((lack for lack, _ in lacking), default=0)
        return tuple(file for lack, file in lacking if lack == least)
