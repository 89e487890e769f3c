"""A number of tokens, and where it comes from. Every count that is shown names its source."""

from dataclasses import dataclass
from enum import StrEnum


class CountSource(StrEnum):
    """Who counted."""

    TOKENIZER = "tokenizer"
    SERVER = "server"
    USAGE = "usage"
    ESTIMATE = "estimate"
    SIMULATED = "simulated"

    @property
    def label(self) -> str:
        """For people."""
        return {
            CountSource.TOKENIZER: "exact, Qwen tokenizer on this machine",
            CountSource.SERVER: "exact, counted by the server",
            CountSource.USAGE: "exact, reported with the answer",
            CountSource.ESTIMATE: "estimate",
            CountSource.SIMULATED: "simulated server",
        }[self]


@dataclass(frozen=True, slots=True)
class TokenCount:
    """How many tokens, and who says so."""

    value: int
    source: CountSource
