"""An item in the form that an arm gives it: text, pages, pages with a factsheet, or the question alone. Knows nothing of servers.

The pages show the document and nothing else: no question, no example. The question is text and comes after the images.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.clients import PageFile, PagesPrompt, Prompt, TextPrompt
from app.evaluation.values import Arm, Given, Item
from app.factsheet import Factsheet, make_factsheet
from app.pagefiles.writer import PageSet, write_pages
from app.tokens import count_text_tokens


@dataclass(frozen=True, slots=True)
class Form:
    """What is sent, and what it costs."""

    prompt: Prompt
    context_tokens: int
    visual_tokens: int | None = None
    factsheet_tokens: int | None = None
    pages: int | None = None


class ItemForms:
    """One item's forms; pages are drawn once for all arms with the same settings. One thread."""

    def __init__(self, item: Item, folder: Path, factsheet_tokens: int) -> None:
        self._item = item
        self._folder = folder
        self._factsheet_tokens = factsheet_tokens
        self._sheet: Factsheet | None = None
        self._drawn: dict[str, PageSet] = {}

    def form(self, arm: Arm) -> Form:
        """Raises RenderError, PagesUnwritable."""
        item = self._item
        tokens = count_text_tokens(item.context).value
        if arm.given is Given.NOTHING:
            return Form(TextPrompt("", item.question), tokens)
        if arm.config is None:
            return Form(TextPrompt(item.context, item.question), tokens)
        drawn = self._pages(arm)
        files = tuple(PageFile(page.path, page.png_sha256, page.width_px, page.height_px) for page in drawn.pages)
        sheet = self._factsheet() if arm.factsheet else None
        return Form(
            PagesPrompt(files, item.question, factsheet=sheet.text if sheet else ""),
            tokens,
            drawn.totals.visual_tokens,
            sheet.tokens if sheet else None,
            len(drawn.pages),
        )

    def _pages(self, arm: Arm) -> PageSet:
        assert arm.config is not None
        drawn = self._drawn.get(arm.config.key)
        if drawn is None:
            drawn = write_pages(self._item.context, self._item.id, arm.config, self._folder / arm.config.key[:16])
            self._drawn[arm.config.key] = drawn
        return drawn

    def _factsheet(self) -> Factsheet:
        if self._sheet is None:
            self._sheet = make_factsheet(self._item.context, self._factsheet_tokens)
        return self._sheet
