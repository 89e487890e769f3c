import gzip
import json
import os
import zlib

import pytest

from app.corpus.errors import InputError
from app.corpus.inputs import Keys, Unread, list_inputs, read_texts
from app.corpus.values import SourceText

MOST = 1_000


def read(folder, name, keys=None):
    return list(read_texts(folder / name, name, keys or Keys(), MOST))


def reasons(found):
    return [one.reason for one in found if isinstance(one, Unread)]


class TestTheList:
    def test_is_sorted_and_leaves_out_hidden_files_links_and_other_kinds(self, texts):
        (texts / ".hidden.txt").write_text("x")
        (texts / ".folder").mkdir()
        (texts / ".folder" / "a.txt").write_text("x")
        (texts / "link.txt").symlink_to(texts / "t0.txt")
        inputs = list_inputs(texts)
        assert [file.path for file in inputs.files] == [
            "deep/crlf.txt",
            "latin.txt",
            "many.jsonl",
            "t0.txt",
            "t1.txt",
            "t2.txt",
            "t3.txt",
        ]
        assert inputs.passed_over == 1

    @pytest.mark.parametrize("change", ["grown", "gone", "come", "touched"])
    def test_is_another_where_a_text_changed(self, texts, change):
        before = list_inputs(texts).digest
        match change:
            case "grown":
                (texts / "t0.txt").write_text("x" * 9_000)
            case "gone":
                (texts / "t0.txt").unlink()
            case "come":
                (texts / "t9.txt").write_text("x")
            case "touched":
                about = (texts / "t0.txt").stat()
                os.utime(texts / "t0.txt", ns=(about.st_atime_ns, about.st_mtime_ns + 1_000_000_000))
        assert list_inputs(texts).digest != before

    def test_passes_over_a_name_that_a_list_of_lines_cannot_hold(self, texts):
        (texts / "two\nlines.txt").write_text("x")
        (texts / " blank.txt").write_text("x")
        assert not [file for file in list_inputs(texts).files if "two" in file.path or "blank" in file.path]

    def test_of_a_folder_without_texts_is_refused_with_what_is_there(self, tmp_path):
        (tmp_path / "a.pdf").write_bytes(b"")
        with pytest.raises(InputError, match=r"no \.txt.*1 files of other kinds"):
            list_inputs(tmp_path)
        with pytest.raises(InputError, match="no folder"):
            list_inputs(tmp_path / "nowhere")


class TestTexts:
    def test_line_ends_become_newlines_and_a_byte_order_mark_goes(self, texts):
        assert read(texts, "deep/crlf.txt") == [SourceText("deep/crlf.txt", "one\ntwo\nthree", "deep/crlf.txt")]

    def test_of_lines_have_their_own_name_or_the_lines(self, texts):
        found = read(texts, "many.jsonl")
        assert [one.name for one in found] == [
            "line-0",
            "line-1",
            "line-2",
            "many.jsonl:4",
            "many.jsonl:5",
            "many.jsonl:6",
        ]
        assert reasons(found) == ["its line is not JSON", "its line has no text under 'text'"]

    def test_may_be_packed_and_stand_under_other_keys(self, tmp_path):
        with gzip.open(tmp_path / "a.jsonl.gz", "wt") as lines:
            lines.write(json.dumps({"content": "words", "url": 7}) + "\n\n")
        assert read(tmp_path, "a.jsonl.gz", Keys("content", "url")) == [SourceText("7", "words", "a.jsonl.gz")]

    def test_that_are_cut_short_keep_what_came_before(self, tmp_path):
        whole = gzip.compress((json.dumps({"text": "words"}) + "\n").encode() + bytes(range(256)) * 400)
        (tmp_path / "a.jsonl.gz").write_bytes(whole[:-40])
        found = read(tmp_path, "a.jsonl.gz")
        assert found[0] == SourceText("a.jsonl.gz:1", "words", "a.jsonl.gz")
        assert reasons(found[-1:]) == ["it cannot be read further (EOFError)"]

    def test_whose_packing_is_damaged_say_so(self, tmp_path):
        packer = zlib.compressobj(wbits=31)
        line = packer.compress((json.dumps({"text": "words"}) + "\n").encode()) + packer.flush(zlib.Z_FULL_FLUSH)
        (tmp_path / "a.jsonl.gz").write_bytes(line + b"\x07" * 40)  # a block of the kind that does not exist
        assert reasons(read(tmp_path, "a.jsonl.gz")[-1:]) == ["it cannot be read further: its packing is damaged"]

    def test_of_any_length_allowed_are_read_without_memory_for_it(self, tmp_path):
        (tmp_path / "a.txt").write_text("words")
        assert list(read_texts(tmp_path / "a.txt", "a.txt", Keys(), 1 << 58)) == [SourceText("a.txt", "words", "a.txt")]

    def test_have_no_name_that_is_too_long_for_every_page_to_repeat(self, tmp_path):
        (tmp_path / "a.jsonl").write_text(json.dumps({"id": "x" * 1_001, "text": "words"}))
        assert read(tmp_path, "a.jsonl")[0].name == "a.jsonl:1"

    def test_too_long_are_named_and_the_next_is_read(self, tmp_path):
        lines = [json.dumps({"text": "x" * 3_000_000}), json.dumps({"text": "words"})]
        (tmp_path / "a.jsonl").write_text("\n".join(lines))
        found = read(tmp_path, "a.jsonl")
        assert [type(one) for one in found] == [Unread, SourceText]
        assert found[1].name == "a.jsonl:2"
        (tmp_path / "b.txt").write_text("x" * 5_000)
        assert reasons(read(tmp_path, "b.txt")) == ["it has more than 1,000 characters"]

    @pytest.mark.parametrize("line", ["[" * 100_000, "7", "null", '{"text": 3}', '{"text": null}'])
    def test_hostile_lines_are_reasons_and_not_errors(self, tmp_path, line):
        (tmp_path / "a.jsonl").write_text(line)
        assert len(reasons(read(tmp_path, "a.jsonl"))) == 1

    def test_half_a_character_in_a_name_is_written_out(self, tmp_path):
        (tmp_path / "a.jsonl").write_text(json.dumps({"id": "\ud801", "text": "x"}))
        assert read(tmp_path, "a.jsonl")[0].name == "\\ud801"

    def test_that_are_not_utf8_say_so(self, texts):
        assert reasons(read(texts, "latin.txt")) == ["it is not UTF-8"]
