"""Text to Qwen's token numbers and back in pieces. Knows nothing of chats, models or HTTP.

The ranks are the file qwen.tiktoken of the PyPI package dashscope (151,643 ranks, shared by Qwen 1 to 3). Text is
brought to NFC first and special tokens inside it are recognised, as Qwen3's own tokenizer.json does.
For the pages role these numbers stand in for GLM's own tokenizer, which is not at hand offline: there the text of a
prompt is counted a little differently from the real server; image tokens are not affected.
"""

from __future__ import annotations

import base64
import codecs
import importlib.util
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tiktoken

_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# In the order of their numbers, from 151643 on (Qwen3's tokenizer_config.json).
_SPECIALS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<tool_call>",
    "</tool_call>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
)
FIRST_SPECIAL = 151643
_SPECIAL_IDS = {name: FIRST_SPECIAL + index for index, name in enumerate(_SPECIALS)}

MAX_CHARACTERS_PER_TOKEN = 128  # the longest rank: a run of blanks

# tiktoken's regular expression fails on runs of a million blanks, so longer texts go through in parts.
_PART_CHARACTERS = 200_000


class Tokenizer:
    """Safe to use from several threads."""

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self._encoding = encoding

    def encode(self, text: str) -> np.ndarray:
        """Token numbers as int64, empty for an empty text."""
        text = unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode("utf-8")
        parts = [self._encoding.encode(part, allowed_special="all") for part in _parts(text)]
        return np.concatenate([np.asarray(part, dtype=np.int64) for part in parts]) if parts else np.empty(0, np.int64)

    def pieces(self, text: str) -> list[str]:
        """The text token by token, for streaming. A token that ends inside a character gives "" and the next one
        gives the whole character; the pieces joined are the text. Special tokens are ordinary characters here."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        numbers = [number for part in _parts(text) for number in self._encoding.encode_ordinary(part)]
        return [decoder.decode(self._encoding.decode_single_token_bytes(number)) for number in numbers]

    def decode(self, numbers: list[int]) -> str:
        known = [n for n in numbers if 0 <= n < FIRST_SPECIAL + len(_SPECIALS)]
        return self._encoding.decode(known)


def _parts(text: str) -> Iterator[str]:
    """Cut where the pattern always ends a token (after a line break before a letter), so that the counts are those of
    the whole; only a text without such a place in 200,000 characters is cut anywhere."""
    start = 0
    while len(text) - start > _PART_CHARACTERS:
        cut = start + _PART_CHARACTERS
        place = text.rfind("\n", start + 1, cut)
        while place > start and not text[place + 1].isalpha():
            place = text.rfind("\n", start + 1, place)
        end = place + 1 if place > start else cut
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


_lock = threading.Lock()
_loaded: Tokenizer | None = None


def load() -> Tokenizer:
    """The one tokenizer of this process; half a second the first time."""
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _read()
        return _loaded


def _read() -> Tokenizer:
    import tiktoken

    ranks = {}
    for line in ranks_file().read_bytes().splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    return Tokenizer(tiktoken.Encoding("qwen", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens=_SPECIAL_IDS))


def ranks_file() -> Path:
    """Raises FileNotFoundError, with what to do, when the ranks are not installed."""
    # The package itself is not imported: it pulls in a network client that takes longer than all else here.
    spec = importlib.util.find_spec("dashscope")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "resources" / "qwen.tiktoken"
        if path.is_file():
            return path
    raise FileNotFoundError(
        "qwen.tiktoken was not found: the package dashscope is not installed here. Run bash scripts/run --setup-only."
    )
