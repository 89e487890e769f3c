"""Folders to documents, near-duplicates, splits; questions."""

import json
import os

import pytest

from app.books.samples import story, synthetic_novel
from app.training.documents import document_of, make_corpus, near_duplicates, read_folder, runs_of_words
from app.training.errors import SourceError
from app.training.kinds import Split
from app.training.questions import read_questions


@pytest.fixture(scope="module")
def novels():
    return [document_of(f"{n}.txt", synthetic_novel(characters=6_000, seed=n).book.text) for n in range(6)]


def test_a_folder_is_read_by_name_and_what_cannot_be_is_told(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "one.txt").write_text("Words of the first text. " * 20)
    (tmp_path / "a.txt").write_text("Words of the second text. " * 20)
    (tmp_path / "short.txt").write_text("Too short.")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 500)
    (tmp_path / ".hidden").write_text("Never read. " * 40)
    documents, unread = read_folder(tmp_path)
    assert [d.name for d in documents] == ["a.txt", "b/one.txt"]
    assert {u.name for u in unread} == {"picture.png", "short.txt"}
    assert all(u.reason for u in unread)


def test_a_folder_without_a_text_is_refused_with_the_reason(tmp_path):
    (tmp_path / "short.txt").write_text("Too short.")
    with pytest.raises(SourceError, match=r"short\.txt: it has 10 characters"):
        read_folder(tmp_path)
    with pytest.raises(SourceError, match="There is no folder"):
        read_folder(tmp_path / "nowhere")


def test_a_name_that_no_row_can_tell_is_named_and_not_read(tmp_path):
    words = "Words of a text. " * 40
    (tmp_path / "good.txt").write_text(words)
    with open(os.fsencode(tmp_path) + b"/half \xff.txt", "w") as file:
        file.write(words)
    documents, unread = read_folder(tmp_path)
    assert [d.name for d in documents] == ["good.txt"]
    assert [(u.name, "rename" in u.reason) for u in unread] == [("half \\udcff.txt", True)]


def test_two_documents_of_one_name_are_refused(novels):
    with pytest.raises(SourceError, match=r"'0\.txt'.*rename"):
        make_corpus([novels[0], document_of("0.txt", novels[1].text)], held_out=0.0, seed=1)


def test_a_near_duplicate_is_told_and_left_out(novels):
    text = novels[0].text
    changed = document_of("copy.txt", text.replace("the", "ye", 4))
    found = near_duplicates([*novels, changed])
    assert [(one.name, one.of) for one in found] == [("copy.txt", "0.txt")]
    assert found[0].similarity >= 0.8
    corpus = make_corpus([*novels, changed], held_out=0.3, seed=1)
    assert "copy.txt" not in {d.name for d in corpus.documents}


def test_a_near_duplicate_that_stays_is_in_the_split_of_its_like(novels):
    copies = [document_of(f"copy {d.name}", d.text + " The end.") for d in novels]
    corpus = make_corpus([*novels, *copies], held_out=0.5, seed=4, keep_alike=True)
    split = {d.name: d.split for d in corpus.documents}
    assert len(split) == 12
    assert all(split[d.name] is split[f"copy {d.name}"] for d in novels)


def test_a_chinese_near_duplicate_is_told():
    text = synthetic_novel(characters=4_000, seed=1, language="zh").book.text
    pair = [document_of("a", text), document_of("b", text[:2000] + "天" + text[2000:])]
    assert [one.name for one in near_duplicates(pair)] == ["b"]


def test_documents_are_in_one_split_each_and_both_have_some(novels):
    corpus = make_corpus(novels, held_out=0.01, seed=9)
    assert len(corpus.of(Split.HELD_OUT)) == 1
    assert len(corpus.of(Split.TRAIN)) == 5
    assert make_corpus(novels[::-1], held_out=0.01, seed=9).documents == corpus.documents
    assert make_corpus(novels, held_out=0, seed=9).of(Split.HELD_OUT) == ()


def test_runs_of_a_text_of_few_words_are_the_text():
    assert runs_of_words("One two") == {b"one\x1ftwo"}


class TestQuestions:
    @pytest.fixture
    def documents(self):
        return {"story": document_of("story", story().book.text)}

    def read(self, tmp_path, documents, *lines):
        path = tmp_path / "qa.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return read_questions(path, documents)

    def test_says_becomes_a_span(self, tmp_path, documents):
        says = "It had stopped at seventeen minutes past three."
        line = {"document": "story", "question": "When?", "answer": "3.17", "says": says}
        (asked,) = self.read(tmp_path, documents, line, "")
        assert documents["story"].text[slice(*asked.fact_span)] == says

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("{", "line 2 is not JSON"),
            ("[" * 100_000, "line 2 is not JSON"),
            ("[1]", "line 2 is no JSON object"),
            ({"document": "story", "question": "Q"}, "'answer' must be a text that is not empty"),
            ({"document": "other", "question": "Q", "answer": "A"}, "'other', which is not among"),
            ({"document": "story", "question": "Q", "answer": "A", "says": "never said"}, "word for word"),
            ({"document": "story", "question": "Q", "answer": 4}, "'answer' must be a text"),
            ({"document": "story", "question": "\ud800?", "answer": "A"}, "line 2: 'question' has half a character"),
            ({"document": "story", "question": "Q", "answer": "A", "think": "\udfff"}, "'think' has half a character"),
        ],
    )
    def test_a_wrong_line_is_named(self, tmp_path, documents, line, words):
        with pytest.raises(SourceError, match=words):
            self.read(tmp_path, documents, {"document": "story", "question": "Q", "answer": "A"}, line)
