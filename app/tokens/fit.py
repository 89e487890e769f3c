"""Two numbers of tokens in, what they mean for a window and for the ratio out."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ContextFit:
    """How full a prompt makes a model's window. `reserved`: tokens kept for question, template and answer."""

    tokens: int
    window: int
    reserved: int = 0

    @property
    def fraction(self) -> float:
        """1.0 is exactly full; 1.9 is "1.9 x over"."""
        return (self.tokens + self.reserved) / self.window if self.window > 0 else math.inf

    @property
    def fits(self) -> bool:
        return self.tokens + self.reserved <= self.window


def compression_ratio(text_tokens: int, visual_tokens: int) -> float:
    """Text tokens that one visual token stands for; 0.0 where there are no pages."""
    return text_tokens / visual_tokens if visual_tokens > 0 else 0.0
