"""A text in, the settings it is drawn with out: some few by turns, or a style of the paper's for each.

A text's look depends on its name, its characters and the seed, and on nothing else: neither on the task that draws it nor
on the texts before it.
"""

import hashlib
import random
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from app.training.errors import StyleError
from app.training.styles import sample_style
from renderer import RenderConfig
from renderer.fonts.catalogue import installed_fonts
from renderer.fonts.font_file import file_sha256

from .errors import Undrawn
from .values import SourceText


class Look(Protocol):
    """How texts are drawn. Sent to worker processes as a pickle."""

    def settings_of(self, text: SourceText) -> RenderConfig:
        """Raises Undrawn."""
        ...

    @property
    def key(self) -> str:
        """The same for looks that draw the same."""
        ...


@dataclass(frozen=True)
class FixedLooks:
    """One of these settings, by the text's name."""

    configs: tuple[RenderConfig, ...]

    def settings_of(self, text: SourceText) -> RenderConfig:
        return self.configs[_number_of(text.name) % len(self.configs)]

    @cached_property
    def key(self) -> str:
        return " ".join(config.key for config in self.configs)


@dataclass(frozen=True)
class SampledLooks:
    """A style of the paper's Table 8 or its themes (app/training/styles.py), drawn by lot for each text."""

    seed: int
    theme: str | None = None

    def settings_of(self, text: SourceText) -> RenderConfig:
        try:
            return sample_style(random.Random(f"{self.seed} {text.name}"), text.text, theme=self.theme).config
        except StyleError:
            raise Undrawn("no rendering style passes the rules") from None

    @cached_property
    def key(self) -> str:
        """The installed fonts are among what is drawn from."""
        fonts = [f"{font.file.name} {file_sha256(font.file)}" for font in installed_fonts()]
        digest = hashlib.sha256("\n".join(sorted(fonts)).encode()).hexdigest()
        return f"seed {self.seed} theme {self.theme} fonts {digest}"


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:8], "big")
