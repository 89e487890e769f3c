"""A folder of texts in; documents out, each in one split, with near-duplicates told. Knows nothing of rows.

Files are read as the app reads books (app/books). Near-duplicates are found by MinHash over runs of five words, with
locality-sensitive hashing (datasketch); a Chinese character counts as a word.
"""

import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.books import MAX_UPLOAD_BYTES, BookError, read_book

from .errors import SourceError
from .kinds import Split
from .values import Document

SIMILARITY = 0.8  # Jaccard's, of runs of words: what counts as nearly the same
RUN_WORDS = 5
PERMUTATIONS = 128
LEAST_CHARACTERS = 200  # a shorter text makes no row worth having
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_SEPARATOR = b"\x1f"


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that gave no document, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """`name` says nearly what `of` says, which comes first by name. `similarity`: estimated, 0 to 1."""

    name: str
    of: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """What rows are drawn from, in the order of names."""

    documents: tuple[Document, ...]
    unread: tuple[Unread, ...] = ()
    near_duplicates: tuple[NearDuplicate, ...] = ()

    def of(self, split: Split) -> tuple[Document, ...]:
        return tuple(document for document in self.documents if document.split is split)


def read_folder(folder: Path) -> tuple[tuple[Document, ...], tuple[Unread, ...]]:
    """Every file below `folder` that is no hidden one, by its path in it. Raises SourceError where nothing can be read."""
    if not folder.is_dir():
        raise SourceError(f"There is no folder {str(folder)!r}; give one that holds texts, EPUBs, PDFs or web pages.")
    documents: list[Document] = []
    unread: list[Unread] = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in Path(name).parts):
            continue
        if (shown := name.encode("utf-8", "backslashreplace").decode()) != name:
            unread.append(Unread(shown, "its name is not UTF-8, as rows tell it; rename the file"))
            continue
        try:
            if path.stat().st_size > MAX_UPLOAD_BYTES:
                raise SourceError(f"it has more than {MAX_UPLOAD_BYTES:,} bytes")
            text = read_book(path.read_bytes(), path.name).text
        except (BookError, OSError, SourceError) as error:
            unread.append(Unread(name, str(error)))
            continue
        if len(text) < LEAST_CHARACTERS:
            unread.append(Unread(name, f"it has {len(text)} characters; {LEAST_CHARACTERS} or more are needed"))
            continue
        documents.append(document_of(name, text))
    if not documents:
        said = f" The first of {len(unread)}: {unread[0].name}: {unread[0].reason}" if unread else ""
        raise SourceError(f"Nothing in {str(folder)!r} can be used.{said}")
    return tuple(documents), tuple(unread)


def document_of(name: str, text: str) -> Document:
    return Document(name, text, hashlib.sha256(text.encode()).hexdigest())


def near_duplicates(documents: Sequence[Document]) -> tuple[NearDuplicate, ...]:
    """Each document that says nearly what an earlier one says, in the order given."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=SIMILARITY, num_perm=PERMUTATIONS)
    sketches: dict[str, MinHash] = {}
    found: list[NearDuplicate] = []
    for document in documents:
        sketch = MinHash(num_perm=PERMUTATIONS, seed=1)
        sketch.update_batch(sorted(runs_of_words(document.text)))
        alike = [(float(sketch.jaccard(sketches[name])), name) for name in index.query(sketch)]
        likest = max(alike, key=lambda pair: (pair[0], pair[1]), default=(0.0, ""))
        if likest[0] >= SIMILARITY:
            found.append(NearDuplicate(document.name, likest[1], likest[0]))
        else:
            index.insert(document.name, sketch)
            sketches[document.name] = sketch
    return tuple(found)


def runs_of_words(text: str) -> set[bytes]:
    """Every run of five words, lower case; the whole text where it has fewer."""
    words = [word.encode("utf-8", "replace") for word in _WORD.findall(text.lower())]
    count = max(1, len(words) - RUN_WORDS + 1)
    return {_SEPARATOR.join(words[i : i + RUN_WORDS]) for i in range(count)}


def make_corpus(
    documents: Sequence[Document],
    unread: Iterable[Unread] = (),
    *,
    held_out: float,
    seed: int,
    keep_alike: bool = False,
) -> Corpus:
    """Set near-duplicates aside and part the rest into splits.

    `held_out`: the share of documents, 0 to 1. With two documents or more and a share above 0, both splits have one. With
    `keep_alike` near-duplicates stay, each in the split of the one it is like: a split by document would leak else.
    Raises SourceError where two have one name.
    """
    names = Counter(document.name for document in documents)
    if twice := [name for name, count in names.items() if count > 1]:
        raise SourceError(f"Two documents are called {twice[0]!r}, and rows name theirs; rename one of them.")
    alike = near_duplicates(documents)
    of = {one.name: one.of for one in alike}
    firsts = sorted((d for d in documents if d.name not in of), key=lambda d: d.name)
    shuffled = sorted(firsts, key=lambda d: d.sha256)
    random.Random(f"split {seed}").shuffle(shuffled)
    count = round(len(shuffled) * held_out)
    if held_out > 0 and len(shuffled) > 1:
        count = min(max(1, count), len(shuffled) - 1)
    kept_apart = {document.name for document in shuffled[:count]}
    chosen = documents if keep_alike else firsts
    parted = [
        replace(d, split=Split.HELD_OUT if of.get(d.name, d.name) in kept_apart else Split.TRAIN)
        for d in sorted(chosen, key=lambda d: d.name)
    ]
    return Corpus(tuple(parted), tuple(unread), alike)
