"""scripts/render.py and python -m renderer: the command lines as people use them."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "render.py"
needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")
TEXT = "".join(f"Line {n} of a book that nobody wrote.\n" for n in range(200))


def run(*arguments, command=(str(SCRIPT),), cwd=None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


@pytest.fixture
def book(tmp_path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@needs_poppler
class TestRendering:
    def test_the_last_line_is_one_json_object(self, book, tmp_path):
        done = run(book, "--config", ROOT / "configs/en.json", "--out", tmp_path / "out", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout.splitlines()[-1])
        assert {"pages", "sizes", "visual_tokens", "text_tokens", "ratio", "seconds", "engine"} <= set(result)
        assert result["pages"] == len(result["sizes"]) == len(list((tmp_path / "out").glob("page_*.png")))
        assert result["ratio"] == round(result["text_tokens"] / result["visual_tokens"], 4)
        assert len(done.stdout.splitlines()) > 1

    def test_json_alone_on_request_and_progress_on_stderr(self, book, tmp_path):
        done = run(book, "--out", tmp_path / "out", "--json", "--engine", "reference")
        assert len(done.stdout.splitlines()) == 1
        assert "page" in done.stderr

    def test_characters_that_the_font_lacks_are_told_and_counted(self, book, tmp_path):
        book.write_text("Plain words and 学而时习之.\n" * 3, encoding="utf-8")
        done = run(book, "--out", tmp_path / "out", "--font", "Vera.ttf")
        assert "Vera.ttf lacks 5 of this text's characters, 15 places" in done.stderr
        assert "U+5B66 (3x)" in done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["missing_glyphs"] == 15
        cured = run(
            book, "--out", tmp_path / "cured", "--font", "Vera.ttf", "--fallback-font", "DroidSansFallbackFull.ttf"
        )
        assert "lacks" not in cured.stderr
        assert json.loads(cured.stdout.splitlines()[-1])["missing_glyphs"] == 0

    def test_options_lie_over_the_config(self, book, tmp_path):
        run(
            book,
            "--out",
            tmp_path / "out",
            "--json",
            "--dpi",
            60,
            "--font",
            "dejavu sans",
            "--newline",
            "br",
            "--snap-to-28",
        )
        settings = json.loads((tmp_path / "out/manifest.json").read_text())["settings"]
        assert (settings["dpi"], settings["font-path"], settings["newline-markup"]) == (60, "DejaVuSans.ttf", "<br/>")
        assert settings["snap-to-28"] is True

    def test_a_byte_order_mark_and_windows_line_ends_change_nothing(self, book, tmp_path):
        other = tmp_path / "other.txt"
        other.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
        hashes = []
        for path in (book, other):
            run(path, "--out", tmp_path / path.stem, "--json")
            hashes.append(
                [p["rgb_sha256"] for p in json.loads((tmp_path / path.stem / "manifest.json").read_text())["pages"]]
            )
        assert hashes[0] == hashes[1]

    @pytest.mark.parametrize(
        "name", ["quirks_1.border_72", "quirks_1.narrow_72", "case1.en_120_mark", "mixed_zh.zh_96_mark"]
    )
    def test_glyphs_own_config_files_give_glyphs_own_pages(self, name, shared_dir, tmp_path):
        golden = json.loads((shared_dir / "golden" / f"{name}.json").read_text())
        config = shared_dir / "golden" / "configs" / f"{name.split('.')[1]}.json"
        done = run(shared_dir / "data" / golden["text"], "--config", config, "--out", tmp_path, "--json")
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert result["sizes"] == [page["size"] for page in golden["pages"]]
        assert result["visual_tokens"] == golden["visual_tokens"]
        manifest = json.loads((tmp_path / "manifest.json").read_text())
        assert [p["rgb_sha256"] for p in manifest["pages"]] == [p["rgb_sha256"] for p in golden["pages"]]

    def test_ctrl_c_leaves_no_half_set_behind(self, book, tmp_path):
        book.write_text(TEXT * 40, encoding="utf-8")
        out = tmp_path / "out"
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(book), "--out", str(out), "--dpi", "150", "--engine", "reference"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A shell that runs tests in the background has SIGINT ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 60
        while not list(out.glob("page_*.png")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
        assert process.returncode == 130, stderr
        assert stdout == ""
        assert "Traceback" not in stderr
        assert list(out.iterdir()) == []

    def test_the_package_renders_without_the_app(self, book, tmp_path):
        done = run(book, "--out", tmp_path / "out", command=("-m", "renderer"), cwd=ROOT)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout.splitlines()[-1])
        assert result["pages"] == len(list((tmp_path / "out").glob("page_*.png")))
        assert not (tmp_path / "out/manifest.json").exists()


class TestRefusals:
    @pytest.mark.parametrize("command", [(str(SCRIPT),), ("-m", "renderer")], ids=["script", "module"])
    @pytest.mark.parametrize(
        ("content", "options", "said"),
        [
            (None, [], "There is no file"),
            (b"", [], "no text to render"),
            (b"caf\xe9", [], "not UTF-8 text (byte 3 is 0xE9)"),
            (b"text", ["--config", "none.json"], "no config file"),
            (b"text", ["--font", "Nowhere.ttf"], "'Nowhere.ttf' was not found"),
            (b"text", ["--dpi", "5"], "DPI: 5 is too small; use 18 to 1200"),
        ],
    )
    def test_one_sentence_on_stderr_and_status_2(self, tmp_path, command, content, options, said):
        path = tmp_path / "book.txt"
        if content is not None:
            path.write_bytes(content)
        done = run(path, "--out", tmp_path / "out", *options, command=command, cwd=ROOT)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""

    def test_an_out_that_is_a_file_is_named(self, book):
        done = run(book, "--out", book)
        assert done.returncode == 2
        assert str(book) in done.stderr

    def test_hashes_of_pages_do_not_depend_on_the_working_directory(self, book, tmp_path):
        hashes = set()
        for cwd in (ROOT, tmp_path):
            run(book, "--out", tmp_path / "out", "--json", cwd=cwd)
            hashes.add(hashlib.sha256((tmp_path / "out/page_001.png").read_bytes()).hexdigest())
        assert len(hashes) == 1


class TestPagesAlone:
    """python -m renderer, which writes no manifest."""

    COMMAND = ("-m", "renderer")

    def test_what_lies_there_of_another_run_is_named_and_left(self, book, tmp_path):
        out = tmp_path / "out"
        book.write_text(TEXT * 3)
        run(book, "--out", out, cwd=tmp_path)
        earlier = len(list(out.glob("page_*.png")))
        assert earlier > 1
        book.write_text("One line.")
        done = run(book, "--out", out, command=self.COMMAND, cwd=ROOT)
        assert json.loads(done.stdout)["pages"] == 1
        assert f"note: {out} also holds what is not of this run: manifest.json, page_002.png" in done.stderr
        assert len(list(out.glob("page_*.png"))) == earlier

    def test_a_run_that_breaks_off_leaves_no_page_of_its_own(self, book, tmp_path):
        out = tmp_path / "out"
        book.write_text(TEXT * 3)
        (out / "page_002.png").mkdir(parents=True)  # in the way of the second page
        done = run(book, "--out", out, command=self.COMMAND, cwd=ROOT)
        assert done.returncode == 2
        assert f"{out} cannot be written" in done.stderr
        assert [path.name for path in out.iterdir()] == ["page_002.png"]

    def test_a_reader_that_went_away_costs_no_page(self, book, tmp_path):
        reading, writing = os.pipe()
        os.close(reading)
        command = [sys.executable, "-m", "renderer", str(book), "--out", str(tmp_path / "out")]
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
        os.close(writing)
        assert done.returncode == 0
        assert "Error" not in done.stderr
        assert (tmp_path / "out" / "page_001.png").is_file()


def test_an_empty_out_is_no_folder(book, tmp_path):
    done = run(book, "--out", "", cwd=tmp_path)
    assert done.returncode == 2
    assert "argument --out: '' names no place" in done.stderr
    assert list(tmp_path.iterdir()) == [book]


def test_one_page_is_told_as_one(book, tmp_path):
    book.write_text("One line.")
    done = run(book, "--out", tmp_path / "out", cwd=tmp_path)
    assert done.stdout.startswith("1 page, ")
    assert "of 1 page will" in done.stdout
