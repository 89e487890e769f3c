"""A simulator that reads pixels: what it quotes comes from the picture that was sent, and decays as the print gets smaller."""

import re
import shutil
from dataclasses import replace

import pytest

from app.books.samples import story
from app.clients import AnswerDelta, PageFile, PagesPrompt, Role, SamplingSettings
from app.legibility import share_wrong
from app.pagefiles.writer import PageSet, write_pages
from app.simulator import Reader, ServerRole, SimulatorSettings
from app.simulator.answers import answer_from_pages
from app.simulator.images import fetch
from app.simulator.manifests import ManifestIndex
from app.simulator.page_reading import PAGES_A_QUESTION, PageReader
from app.verdict.known_answers import Verdict, judge
from renderer import RenderConfig
from renderer.places import CONFIGS
from scripts.simulate import main as simulate
from tests.clients.simulators import simulator
from tests.clients.test_against_simulator import ask
from tests.legibility.test_gauge import program  # noqa: F401

NEEDLE, CODE = "The magic number of the quartz heron is 7418263.", "7418263"
QUESTION = "What is the magic number of the quartz heron?"
SAID = re.compile(r"(\d+(?:\.\d)?) % of the\s+characters are not as the manifest has them")


@pytest.fixture(scope="module")
def text() -> str:
    book = story().book.text[:9000]
    place = book.index(". ", len(book) // 2) + 2
    return f"{book[:place]}{NEEDLE} {book[place:]}"


@pytest.fixture
def pages_at(text, tmp_path):
    def write(dpi: int) -> PageSet:
        config = replace(RenderConfig.load(CONFIGS / "en.json"), dpi=dpi)
        return write_pages(text, "A needle", config, tmp_path / f"at-{dpi}")

    return write


def asked(page_set: PageSet, folder, *options: str) -> str:
    """The answer, through the app's own client and the simulator's wire."""
    with simulator(Role.PAGES, "--speedup", "200", "--pages-dir", str(folder), *options) as endpoint:
        files = tuple(PageFile(p.path, p.png_sha256, p.width_px, p.height_px) for p in page_set.pages)
        events = ask(
            replace(endpoint, media_path=folder), PagesPrompt(files, QUESTION), SamplingSettings(max_tokens=900)
        )
        return "".join(event.text for event in events if isinstance(event, AnswerDelta))


@pytest.mark.usefixtures("program")
def test_a_needle_is_right_at_120_dpi_and_wrong_at_40(pages_at, tmp_path):
    sharp, tiny = (asked(pages_at(dpi), tmp_path, "--reader", "ocr") for dpi in (120, 40))
    assert judge(sharp, CODE).verdict is Verdict.RIGHT
    assert judge(tiny, CODE).verdict is Verdict.WRONG
    assert float(SAID.search(sharp)[1]) < 5
    assert float(SAID.search(tiny)[1]) > 15
    for answer in (sharp, tiny):
        assert "An OCR program read this from the picture that was sent" in answer


def test_by_its_manifest_it_is_right_at_any_size_and_says_nothing_of_pixels(pages_at, tmp_path):
    answer = asked(pages_at(40), tmp_path, "--reader", "manifest")
    assert judge(answer, CODE).verdict is Verdict.RIGHT
    assert "OCR" not in answer


@pytest.mark.usefixtures("program")
def test_pages_without_a_manifest_are_read_and_their_bound_is_told(pages_at, tmp_path):
    page_set = pages_at(96)
    page_set.manifest_path.unlink()
    answer = asked(page_set, tmp_path, "--reader", "ocr")
    assert judge(answer, CODE).verdict is Verdict.RIGHT
    assert f"{PAGES_A_QUESTION} new pages a question at most" in answer
    assert "not as the manifest has them" not in answer


@pytest.mark.usefixtures("program")
def test_no_more_pages_are_read_a_question_than_told_and_the_next_one_goes_on(pages_at, monkeypatch):
    monkeypatch.setattr("app.simulator.page_reading.PAGES_A_QUESTION", 1)
    read = []
    monkeypatch.setattr("app.simulator.page_reading.read_whole_pages", lambda pngs: read.append(pngs) or ["words"])
    first = [pages_at(dpi).pages[0].path for dpi in (72, 80)]
    pages = [fetch(path.as_uri(), None, path.parent)[0] for path in first]
    reader = PageReader()
    assert [text is not None for text in reader.read_missing(pages, [None, None])[0]] == [True, False]
    assert [text is not None for text in reader.read_missing(pages, [None, None])[0]] == [True, True]
    assert len(read) == 2


def test_a_picture_that_changed_since_is_not_quoted_as_the_one_that_was_sent(pages_at, text):
    page_set = pages_at(72)
    folder = page_set.manifest_path.parent
    pages = [fetch(p.path.as_uri(), None, folder)[0] for p in page_set.pages]
    texts = ManifestIndex(folder).look_up(pages)
    for page in page_set.pages:
        shutil.copy(page_set.pages[0].path, page.path) if page.number > 1 else page.path.write_bytes(b"gone")
    reader = PageReader()
    answer = answer_from_pages(texts, "", QUESTION, 1, lambda pieces: reader.read_back(pages, texts, pieces))
    assert CODE in answer.content
    assert "Quoted from the manifest: the OCR program could not read" in answer.content


def test_a_program_that_is_not_there_is_named_when_it_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr("app.legibility.why_not", lambda: "the OCR program's language data is not installed")
    assert simulate(["--role", "pages", "--port", "0", "--reader", "ocr"]) == 2
    assert "--reader manifest" in capsys.readouterr().err
    assert SimulatorSettings(ServerRole.PAGES, 0).reader is Reader.MANIFEST


def test_share_wrong_counts_edits_and_not_blanks():
    assert share_wrong("four  letters\nmore", "four letters more") == 0
    assert share_wrong("abcd", "abxd") == 0.25
    assert share_wrong("ab", "something else entirely") == 1
