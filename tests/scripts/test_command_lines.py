"""What every command line keeps: bad input, a file that cannot be written, Ctrl-C and a closed pipe end in a sentence."""

import importlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.paths import ROOT
from scripts.named_inputs import ResultUnwritable, write_result
from scripts.option_types import positives, token_count, token_counts

READ_A_BOOK = {
    "read_book": ["FILE"],
    "search": ["FILE", "--quick"],
    "needle_curve": ["FILE", "--dpi", "72", "--items", "1"],
    "compare_search": ["FILE", "--seeds", "1"],
    "sweep": ["--dry-run", "--book", "FILE"],
    "evaluate": ["--dry-run", "--tasks", "book_needle", "--book", "FILE"],
}
READ_SETTINGS = {
    "sweep": ["--dry-run", "--lengths", "1K"],
    "evaluate": ["--dry-run", "--tasks", "vt", "--limit", "1", "--arms", "text"],
    "needle_curve": ["BOOK", "--dpi", "72", "--items", "1"],
    "render": ["BOOK", "--out", "OUT"],
    "render_corpus": ["FOLDER", "--out", "OUT", "--where", "slurm"],  # refused after its settings were read
}


def script(name):
    return importlib.import_module(f"scripts.{name}")


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.txt"
    path.write_text("It was a dark and stormy night. " * 200)
    return path


@pytest.mark.parametrize("name", READ_A_BOOK)
@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_book_that_cannot_be_opened_is_a_sentence_with_its_path(name, kind, tmp_path, capsys):
    path = tmp_path / "book.txt"
    if kind == "folder":
        path.mkdir()
    assert script(name).main([str(path) if word == "FILE" else word for word in READ_A_BOOK[name]]) == 2
    told = capsys.readouterr().err
    assert f"'{path}' cannot be opened" in told
    assert "check its path" in told
    assert "Errno" not in told


@pytest.mark.parametrize("name", READ_SETTINGS)
def test_a_key_of_the_settings_that_is_ignored_is_told(name, book, tmp_path, capsys):
    if name == "render_corpus":
        pytest.importorskip("datatrove", reason="pip install -r requirements-corpus.txt")
    config = tmp_path / "own.json"
    config.write_text(json.dumps({"font-path": "Vera.ttf", "fontsize": 20}))
    words = {"BOOK": str(book), "FOLDER": str(tmp_path), "OUT": str(tmp_path.parent / "out")}
    arguments = [words.get(word, word) for word in READ_SETTINGS[name]]
    script(name).main([*arguments, "--config", str(config)])
    assert "note: Ignored keys that Glyph does not have: fontsize." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sweep", ["--lengths", "1e400"]),
        ("sweep", ["--lengths", "abc"]),
        ("sweep", ["--lengths", ","]),
        ("sweep", ["--budget", "nan"]),
        ("sweep", ["--budget", "-1"]),
        ("sweep", ["--speedup", "0"]),
        ("evaluate", ["--length", "inf"]),
        ("evaluate", ["--length", "0"]),
        ("evaluate", ["--answer-tokens", "0"]),
        ("evaluate", ["--factsheet-tokens", "0"]),
        ("evaluate", ["--at-once", "0"]),
        ("evaluate", ["--price-prompt", "nan"]),
        ("reproduce_table3", ["--length", "nan"]),
        ("reproduce_table3", ["--limit", "0"]),
        ("search", ["book", "--budget", "nan"]),
        ("search", ["book", "--evaluations", "0"]),
        ("needle_curve", ["book", "--dpi", "72,x"]),
        ("compare_search", ["book", "--seeds", "-1"]),
        ("measure_prefill", ["--lengths", "4K,nan"]),
        ("launch", ["--gpu-memory-gb", "nan"]),
    ],
)
def test_a_number_that_is_none_is_refused_with_the_options_name(name, options, capsys):
    with pytest.raises(SystemExit) as refused:
        script(name).main(options)
    assert refused.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"argument {options[-2]}: {options[-1].split(',')[-1] or ','!r}" in last
    assert "invalid" not in last


def test_token_counts_are_read_as_written():
    assert token_counts("1K, 4096,1.5k") == (1024, 4096, 1536)
    assert positives("72,96,") == (72, 96)
    assert token_count("131072") == 131072


@pytest.mark.parametrize("name", ["sweep", "evaluate"])
def test_a_simulator_that_does_not_start_is_a_sentence(name, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("GLYPH_SIMULATOR_READER", "nobody")  # what the simulator refuses
    monkeypatch.setenv("GLYPH_DATA", str(tmp_path))
    arguments = {"sweep": ["--lengths", "1K"], "evaluate": ["--tasks", "vt", "--limit", "1"]}[name]
    done = run(name, *arguments, "--journal", str(tmp_path / "journal.jsonl"))
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "GLYPH_SIMULATOR_READER='nobody'" in done.stderr


@pytest.mark.parametrize("name", ["share", "search"])
def test_an_empty_list_says_so(name, tmp_path, monkeypatch):
    monkeypatch.setenv("GLYPH_DATA", str(tmp_path))
    done = run(name, "--list")
    assert (done.returncode, done.stdout) == (0, "")
    assert f"is kept in {tmp_path}" in done.stderr


def test_every_run_of_none_is_told_so(tmp_path, monkeypatch):
    monkeypatch.setenv("GLYPH_DATA", str(tmp_path))
    done = run("share", "--all", "--csv", str(tmp_path / "runs.csv"))
    assert (done.returncode, done.stderr) == (1, f"No run is kept in {tmp_path / 'recordings'}.\n")


def test_pages_that_cannot_be_written_name_the_option_and_not_the_apps_data_folder(book, tmp_path, capsys):
    (tmp_path / "out").write_text("in the way")
    assert script("render").main([str(book), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert "out cannot be written" in told
    assert "name another place" in told
    assert "GLYPH_DATA" not in told


def test_the_start_scripts_help_is_its_comment_and_a_wrong_option_is_named_last():
    def start(option):
        command = ["bash", str(ROOT / "scripts" / "run"), option]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    helped = start("--help")
    assert helped.returncode == 0
    assert helped.stdout.startswith("Start Glyph Side by Side")
    assert helped.stdout.rstrip().endswith("--help             this text")
    refused = start("--nope")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1] == "error: there is no option --nope."


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is here")
def test_measuring_without_torch_says_what_is_missing(capsys):
    assert script("measure_prefill").main(["--tiny"]) == 2
    told = capsys.readouterr().err
    assert "this Python has no torch" in told
    assert told.count("\n") == 1


class TestResults:
    def test_a_result_is_written_whole_or_not_at_all(self, tmp_path, monkeypatch):
        path = tmp_path / "table.csv"
        path.write_text("earlier")
        whole = Path.write_text

        def full_disk(self, text, **more):
            whole(self, text[:3], **more)
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full_disk)
        with pytest.raises(ResultUnwritable, match=r"table.csv cannot be written \(No space left on device\)"):
            write_result(path, "a,b,c\n1,2,3\n")
        assert path.read_text() == "earlier"
        assert list(tmp_path.iterdir()) == [path]

    def test_a_name_that_no_file_can_have_is_a_sentence(self):
        with pytest.raises(ResultUnwritable):
            write_result(Path("a\0b"), "text")

    def test_what_is_no_file_can_be_written_too(self):
        write_result(Path("/dev/null"), "text")
        assert Path("/dev/null").is_char_device()

    @pytest.mark.parametrize("name", ["sweep", "evaluate"])
    def test_a_table_that_cannot_be_written_costs_no_result_and_is_told_by_the_status(self, name, tmp_path):
        arguments = {
            "sweep": ["--lengths", "1K", "--repeats", "1", "--no-decode", "--speedup", "1000"],
            "evaluate": ["--tasks", "vt", "--limit", "1", "--length", "1K", "--arms", "none"],
        }[name]
        if name == "evaluate":
            arguments += ["--inspect-logs", str(tmp_path / "journal.jsonl" / "logs")]
        journal, table = tmp_path / "journal.jsonl", tmp_path / "nowhere" / "table.csv"
        done = run(name, *arguments, "--journal", str(journal), "--csv", str(table))
        assert done.returncode == 1, done.stderr
        assert f"{table} cannot be written" in done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["state"] == "done"


class TestEnds:
    def test_a_reader_that_went_away_ends_it_in_a_sentence(self, tmp_path):
        """As `| head -1` does, with more to say than a pipe holds."""
        book = tmp_path / "book.txt"
        book.write_text("".join(f"CHAPTER {n}\n\nIt was a dark and stormy night.\n\n" for n in range(1, 3000)))
        reading, writing = os.pipe()
        os.close(reading)
        done = run("read_book", str(book), stdout=writing)
        os.close(writing)
        assert done.returncode == 141
        assert done.stderr == "read_book: stopped: nobody reads its output any more.\n"

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("sweep", ["--lengths", "1K,2K", "--repeats", "1", "--speedup", "1000", "--journal", "FILE"]),
            ("evaluate", ["--tasks", "vt", "--limit", "4", "--length", "1K", "--arms", "none", "--journal", "FILE"]),
        ],
    )
    def test_a_long_run_that_nobody_reads_stops_and_says_how_it_goes_on(self, name, arguments, tmp_path):
        journal = tmp_path / "journal.jsonl"
        reading, writing = os.pipe()
        os.close(reading)
        done = run(name, *(str(journal) if word == "FILE" else word for word in arguments), stdout=writing)
        os.close(writing)
        assert done.returncode == 141
        assert "Traceback" not in done.stderr
        assert f"Go on with: --resume {journal}" in done.stderr
        assert done.stderr.endswith("Stopped: nobody reads its output any more.\n")
        assert len(journal.read_text().splitlines()) >= 2  # the plan, and what was measured

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_a_full_disk_behind_stdout_is_a_sentence(self):
        with open("/dev/full", "w") as full:
            done = run("sweep", "--dry-run", "--lengths", "1K", stdout=full)
        assert done.returncode == 1
        assert done.stderr.endswith("sweep: stopped: its output cannot be written (No space left on device).\n")

    def test_a_file_that_goes_away_in_mid_run_is_named_and_not_taken_for_the_output(self, tmp_path):
        lost = tmp_path / "lost.json"
        command = [sys.executable, "-c", f"from scripts.stopping import ended; ended('x', lambda: open({str(lost)!r}))"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
        assert done.stderr == f"x: stopped: {lost}: No such file or directory.\n"

    def test_ctrl_c_before_the_run_begins_leaves_no_traceback(self, tmp_path):
        pipe = tmp_path / "book.txt"
        os.mkfifo(pipe)  # opening it waits for a writer
        command = [sys.executable, str(ROOT / "scripts" / "sweep.py"), "--dry-run", "--book", str(pipe)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stderr is not None
        assert process.stderr.readline().startswith("note:")  # it has begun
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 130
        assert told == "sweep: stopped.\n"


def run(name, *arguments, stdout=subprocess.PIPE):
    command = [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=120, check=False)
