"""The Qwen tokenizer, offline: text in, token ids out. Qwen 1 to 3 share one vocabulary of 151,643 ranks.

The ranks are read from the file that the dashscope package carries, without importing that package (slow, and it wants
a network). Text is brought to Unicode's NFC first, as Qwen's own tokenizer does. Strings such as "<|im_start|>" are
ordinary text here: a book may say anything, and servers are told to treat it so.

Long texts are cut into segments, counted in two threads. Cuts lie where the splitting pattern always starts a new
piece (after a newline that is followed by ink; before a space that is followed by a letter and preceded by ink), so the
result is the same. Only a run of more than 200,000 characters without such a place is cut by force, which may change
its count by a token a cut: the pattern's engine gives up on longer runs of blanks.
"""

import base64
import importlib.util
import re
import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import RanksMissing

if TYPE_CHECKING:  # loaded when a text is counted: visual tokens need neither it nor the ranks
    import tiktoken

RANK_COUNT = 151_643
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SEGMENT_CHARACTERS = 100_000  # preferred length; a cut is looked for in the next as many
_CUT = re.compile(r"(?<=\n)(?=\S)|(?<=\S)(?= [A-Za-z])")
_BUILDING = threading.Lock()


def token_ids(text: str) -> np.ndarray:
    """Ids of the tokens of `text` (already NFC), int32."""
    parts = _map_segments(text, lambda piece: np.array(encoding().encode_ordinary(piece), dtype=np.int32))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)


def count_ids(text: str) -> int:
    """Number of tokens of `text`."""
    return sum(_map_segments(normalised(text), lambda piece: len(encoding().encode_ordinary(piece))))


def normalised(text: str) -> str:
    """`text` as the tokenizer sees it: NFC, and no half characters."""
    if text.isascii():
        return text
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if _has_surrogate(text) else text


def encoding() -> "tiktoken.Encoding":
    """The tokenizer; built once (0.4 s), then shared by all threads."""
    with _BUILDING:
        return _build()


@lru_cache(maxsize=1)
def _build() -> "tiktoken.Encoding":
    import tiktoken

    return tiktoken.Encoding("qwen", pat_str=PATTERN, mergeable_ranks=_read_ranks(ranks_path()), special_tokens={})


@lru_cache(maxsize=1)
def token_lengths() -> np.ndarray:
    """Bytes of each token by id, uint8 (the longest has 128)."""
    lengths = np.zeros(RANK_COUNT, dtype=np.uint8)
    for token, rank in _read_ranks(ranks_path()).items():
        lengths[rank] = len(token)
    return lengths


def ranks_path() -> Path:
    """qwen.tiktoken inside the installed dashscope package. Raises RanksMissing."""
    spec = importlib.util.find_spec("dashscope")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "resources" / "qwen.tiktoken"
        if path.is_file():
            return path
    raise RanksMissing(
        "The Qwen vocabulary (resources/qwen.tiktoken of the package dashscope) is not installed; "
        "run scripts/run --setup-only, or pip install -r requirements.txt."
    )


@lru_cache(maxsize=1)
def _read_ranks(path: Path) -> dict[bytes, int]:
    ranks: dict[bytes, int] = {}
    try:
        for line in path.read_bytes().splitlines():
            if line:
                token, rank = line.split()
                ranks[base64.b64decode(token)] = int(rank)
    except (OSError, ValueError) as error:
        raise RanksMissing(f"The Qwen vocabulary {path} cannot be read ({error}); reinstall dashscope.") from None
    if len(ranks) != RANK_COUNT:
        raise RanksMissing(
            f"The Qwen vocabulary {path} has {len(ranks):,} entries, {RANK_COUNT:,} were expected; "
            "install the dashscope version of requirements.txt."
        )
    return ranks


def _map_segments(text: str, job) -> list:
    if len(text) <= 2 * SEGMENT_CHARACTERS:
        return [job(text)] if text else []
    encoding()  # build before the threads ask for it
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="tokens") as pool:
        return list(pool.map(job, segments(text)))


def segments(text: str) -> Iterator[str]:
    """`text` in pieces whose tokens, one after the other, are the tokens of the whole."""
    start = 0
    while len(text) - start > 2 * SEGMENT_CHARACTERS:
        wanted = start + SEGMENT_CHARACTERS
        found = _CUT.search(text, wanted, wanted + SEGMENT_CHARACTERS)
        end = found.start() if found else wanted + SEGMENT_CHARACTERS
        yield text[start:end]
        start = end
    yield text[start:]


def _has_surrogate(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
