"""What needles are hidden in: noise, prose, words. In: sources. Out: sentences and word lists.

Words are wonderwords' (MIT), as in RULER. Prose is a folder of the user's text files, or else a generated novel, which the
evaluation then says.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from app.books.samples import synthetic_novel
from app.evaluation.errors import SourceError
from app.evaluation.tasks.dice import Dice

NOISE = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again."
MAX_PROSE_BYTES = 64 * 1024 * 1024
_NOVEL_TOKENS = 40_000  # repeated where more is needed, as RULER repeats its essays
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+")


@lru_cache(maxsize=3)
def word_list(name: str) -> tuple[str, ...]:
    """wonderwords' "noun", "adjective" or "verb" list."""
    text = (files("wonderwords") / "assets" / f"{name}list.txt").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


@lru_cache(maxsize=1)
def all_words() -> tuple[str, ...]:
    return tuple(sorted({*word_list("noun"), *word_list("adjective"), *word_list("verb")}))


def random_word(dice: Dice) -> str:
    """An adjective and a noun: "gentle-lantern"."""
    return f"{dice.pick(word_list('adjective'))}-{dice.pick(word_list('noun'))}"


@lru_cache(maxsize=4)
def prose_words(folder: Path | None) -> tuple[str, ...]:
    """Every word of the folder's .txt and .md files in the order of their names. Raises SourceError."""
    if folder is None:
        return tuple(synthetic_novel(text_tokens=_NOVEL_TOKENS, seed=0).book.text.split())
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".txt", ".md") and path.is_file())
        if sum(path.stat().st_size for path in paths) > MAX_PROSE_BYTES:
            raise SourceError(
                f"The essays in {folder} are more than {MAX_PROSE_BYTES // 1024**2} MB; leave fewer there."
            )
        words = tuple(word for path in paths for word in path.read_text(encoding="utf-8", errors="replace").split())
    except OSError as error:
        raise SourceError(f"The essays' folder {folder} cannot be read ({error.strerror or error}).") from error
    if len(words) < 200:
        raise SourceError(f"{folder} holds no long prose: put essays there as .txt or .md files.")
    return words


def prose_sentences(folder: Path | None, words: int) -> list[str]:
    """The first so many words, cut into sentences; the prose is repeated where it is shorter."""
    found = prose_words(folder)
    repeated = found * -(-words // len(found))
    return _SENTENCE_END.split(" ".join(repeated[:words]).strip())


def joined(pieces: list[tuple[str, bool]], blank: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Pieces with blanks between them, and where those that are marked stand."""
    spans, at, texts = [], 0, []
    for text, marked in pieces:
        if marked:
            spans.append((at, at + len(text)))
        texts.append(text)
        at += len(text) + len(blank)
    return blank.join(texts), tuple(spans)
