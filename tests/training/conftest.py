"""A small corpus: the bundled story, a short generated novel, their questions."""

import pytest

from app.books.samples import story, synthetic_novel
from app.training.documents import Corpus, make_corpus
from app.training.making import Limits, Source
from app.training.questions import from_samples


@pytest.fixture(scope="session")
def source() -> Source:
    documents, questions = from_samples([story(), synthetic_novel(characters=40_000, seed=3)])
    corpus: Corpus = make_corpus(documents, held_out=0.0, seed=1)
    return Source(corpus, questions, Limits(1_024, 8_192))
