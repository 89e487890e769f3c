"""The Pages page's routes: what they answer about a book at any setting, and what they refuse."""

import io
import shutil
import time
import zipfile

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.books import book_from_text
from app.books.samples import story
from app.bookshelf.shelf import shelf
from app.preview import previews as previews_module
from app.preview.figures import missing
from app.preview.previews import previews
from app.preview.routes import preview_routes, preview_url
from app.preview.settings_query import read_settings
from app.tokens import count_text_tokens, page_grid, visual_tokens
from renderer import RenderConfig, count
from renderer.fast import engine as fast
from renderer.settings.newline_markup import BREAK

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler's pdftoppm is not installed")


@pytest.fixture(scope="module")
def client():
    with TestClient(Starlette(routes=preview_routes()), raise_server_exceptions=True) as made:
        yield made


@pytest.fixture(scope="module")
def book():
    return story().book


@pytest.fixture(scope="module")
def url(book):
    return preview_url(shelf().put(book))


def picture(response) -> np.ndarray:
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB"))


def test_figures_are_those_of_the_renderer_and_the_tokenizer(client, url, book):
    figures = client.get(f"{url}/figures.json", params={"d": "80", "settled": "1"}).json()
    counted = count(book.text, read_settings({"d": "80"})).pages
    visual = sum(visual_tokens(page.width_px, page.height_px) for page in counted)
    text = count_text_tokens(book.text).value
    assert figures["engine"] == "fast"
    assert [page[:2] for page in figures["pages"]] == [[page.width_px, page.height_px] for page in counted]
    assert [page[4] for page in figures["pages"]] == [
        page_grid(page.width_px, page.height_px).columns for page in counted
    ]
    assert (figures["visual_tokens"], figures["text_tokens"]) == (visual, text)
    assert figures["visual_prompt_tokens"] == visual + 2 * len(counted)
    assert figures["ratio"] == pytest.approx(text / visual)
    assert figures["png_bytes"]["bytes"] > 0
    assert figures["prefill"]["sentence"].startswith("Projected on one ")


def test_a_picture_is_the_page_that_the_renderer_draws(client, url, book):
    response = client.get(f"{url}/page.png", params={"page": 2})
    assert (response.headers["X-Page"], response.headers["content-type"]) == ("2", "image/png")
    expected = fast.prepare(book.text).layout(read_settings({})).page_array(1)
    assert np.array_equal(picture(response), expected)


def test_the_picture_follows_its_passage_through_settings(client, url, book):
    passage = len(book.text) // 2
    for query in ({}, {"d": "60"}, {"s": "14", "l": "16"}, {"n": "br", "mx": "60"}):
        number = int(client.get(f"{url}/page.png", params={**query, "at": passage}).headers["X-Page"])
        start, end = count(book.text, read_settings(query)).pages[number - 1].text_span
        assert start <= passage < end, query


def test_thumbnails_carry_their_settings_in_the_path(client, url):
    narrow = client.get(f"{url}/pages/d%3D48/1.png")
    assert picture(narrow).shape[1] < picture(client.get(f"{url}/pages/%20/1.png")).shape[1]
    assert client.get(f"{url}/pages/d%3D48/999.png").status_code == 404


def test_a_book_key_that_nobody_was_given_opens_nothing(client):
    for name in (
        "page.png",
        "figures.json",
        "cells.json",
        "search.json",
        "pages.zip",
        "reference.json",
        "pages/d%3D72/1.png",
    ):
        answer = client.get(f"{preview_url('not-a-key')}/{name}")
        assert answer.status_code == 404
        assert "no longer" in answer.json()["error"]


@pytest.mark.parametrize(
    ("query", "said", "knobs"),
    [
        ({"d": "many"}, "DPI: 'many' is no number", ["d"]),
        ({"d": "72.5"}, "72.5", ["d"]),
        ({"d": "1e9"}, "DPI", ["d"]),
        ({"d": "nan"}, "DPI", ["d"]),
        ({"d": "-5"}, "-5", ["d"]),
        ({"w": "14000", "h": "14000", "d": "300"}, "px", ["d", "w", "h"]),
        ({"mx": "400"}, "Side margins of 400 pt leave no room on a 595 pt page: use 287 pt or less.", ["mx", "w"]),
        ({"s": "12", "l": "9"}, "Leading of 9 pt", ["l", "s"]),
        ({"li": "300", "ri": "280"}, "Left indent of 300 pt and right indent of 280 pt", ["li", "ri", "mx"]),
        ({"fc": "red"}, "#RRGGBB", ["fc"]),
        ({"a": "MIDDLE"}, "MIDDLE", ["a"]),
        ({"n": '<img src="http://127.0.0.1/"/>'}, "img", ["n"]),
        ({"f": "../../../etc/passwd"}, "not installed", ["f"]),
        ({"f": "/etc/passwd"}, "not installed", ["f"]),
        ({"ff": "own-" + "0" * 64}, "upload it again", ["ff"]),
        ({"n": "x" * 700}, "700 characters", ["n"]),
        ({"n": "x" * 5000}, "characters", []),
    ],
)
def test_impossible_settings_are_refused_with_a_reason_and_the_knobs_it_is_about(client, url, query, said, knobs):
    for name in ("page.png", "figures.json", "curve.json", "settings.json"):
        answer = client.get(f"{url}/{name}", params=query)
        assert answer.status_code in (414, 422), (name, answer.text[:200])
        assert said in answer.json()["error"]
        assert answer.json()["settings"] == knobs


def test_numbers_beyond_every_book_give_its_ends(client, url):
    first = client.get(f"{url}/page.png")
    assert first.headers["X-Page"] == "1"
    last = client.get(f"{url}/page.png?page=100000")
    for dpi, far in ((81, "page=" + "9" * 25), (82, "at=" + "9" * 25), (84, "at=-" + "9" * 25)):
        found = client.get(f"{url}/page.png?d={dpi}&{far}")
        assert found.status_code == 200, found.text
        assert int(found.headers["X-Page"]) <= int(last.headers["X-Page"])


def test_numbers_that_are_none_are_refused(client, url):
    for name, query in (
        ("page.png", {"page": "x"}),
        ("page.png", {"at": "1.5"}),
        ("marks.json", {"from": "a", "to": "b"}),
    ):
        assert client.get(f"{url}/{name}", params=query).status_code == 422


def test_offsets_outside_the_book_give_its_nearest_page(client, url):
    assert client.get(f"{url}/page.png", params={"at": -5}).headers["X-Page"] == "1"
    last = client.get(f"{url}/page.png", params={"at": 10**12})
    assert int(last.headers["X-Page"]) == len(client.get(f"{url}/figures.json").json()["pages"])


def test_cells_hold_the_page_s_words_and_its_tokens(client, url, book):
    cells = client.get(f"{url}/cells.json", params={"page": 2}).json()
    figures = client.get(f"{url}/figures.json").json()
    assert cells["columns"] * cells["rows"] == figures["pages"][1][2] == len(cells["texts"]) == len(cells["tokens"])
    start, end = count(book.text, read_settings({})).pages[1].text_span
    wanted = count_text_tokens(book.text[start:end]).value
    assert sum(cells["tokens"]) == pytest.approx(wanted, rel=0.02)
    held = sorted("".join("".join(cells["texts"]).replace("↵", "").split()))
    assert held == sorted("".join(book.text[start:end].split()))


def test_a_search_crosses_line_breaks_and_case_and_marks_its_cells(client, url, book):
    words = book.text[3000:3400].split()[2:6]
    found = client.get(f"{url}/search.json", params={"q": "  ".join(words).upper()}).json()["matches"]
    assert found
    start, end, page, _, text, _ = found[0]
    assert text.split() == words
    marks = client.get(f"{url}/marks.json", params={"page": page, "from": start, "to": end}).json()
    cells = client.get(f"{url}/cells.json", params={"page": page}).json()
    assert marks["boxes"]
    marked = "".join("".join(cells["texts"][cell] for cell in marks["cells"]).split())
    assert all(piece in marked for piece in words[1][:3])
    assert client.get(f"{url}/search.json", params={"q": "zyzzyva quux"}).json()["matches"] == []
    assert client.get(f"{url}/search.json", params={"q": " .. "}).json()["matches"] == []


def test_the_curve_falls_as_the_resolution_rises(client, url):
    points = client.get(f"{url}/curve.json").json()["points"]
    ratios = [ratio for _, ratio, _, _ in points]
    assert len(points) > 8
    assert ratios == sorted(ratios, reverse=True)


def test_advice_promises_what_its_changes_give(client, url):
    advice = client.get(f"{url}/advice.json", params={"d": "96", "n": "br", "mx": "40", "my": "40"}).json()["advice"]
    order = [(not one["harmless"], -one["gain"]) for one in advice]
    assert order == sorted(order)
    titles = {one["title"] for one in advice}
    assert "Narrow the margins to 10 pt" in titles
    for one in advice[:3]:
        query = {"d": "96", "n": "br", "mx": "40", "my": "40", **one["changes"]}
        assert client.get(f"{url}/figures.json", params=query).json()["ratio"] == pytest.approx(one["ratio"])


def test_a_hard_wrapped_book_is_advised_to_be_joined(client, book):
    import textwrap

    wrapped = "\n\n".join(textwrap.fill(paragraph, 68) for paragraph in book.text.split("\n") if paragraph.strip())
    url = preview_url(shelf().put(book_from_text(wrapped, "Wrapped")))
    advice = client.get(f"{url}/advice.json", params={"n": "br"}).json()["advice"]
    joined = [one for one in advice if one["book_change"] == "reflow"]
    assert joined
    assert joined[0]["gain"] > 0.1


def test_missing_glyphs_are_counted(client):
    url = preview_url(shelf().put(book_from_text("Plain words, and 紅樓夢 twice: 紅.", "Mixed")))
    figures = client.get(f"{url}/figures.json", params={"settled": "1", "f": "Vera.ttf"}).json()
    assert (figures["missing_total"], figures["missing_kinds"]) == (4, 3)
    assert figures["missing"][0] == ["紅", "U+7D05", 2]


def test_snapped_pages_are_not_resampled(client, url):
    assert client.get(f"{url}/figures.json", params={"k": "1"}).json()["resampled"] == 0
    assert client.get(f"{url}/figures.json").json()["resampled"] > 0


def test_the_zip_holds_pages_manifest_and_settings(client, url, book, tmp_path):
    answer = client.get(f"{url}/pages.zip", params={"d": "60"})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    pages = count(book.text, read_settings({"d": "60"})).pages
    assert archive.testzip() is None
    assert {"manifest.json", "settings.json", "page_001.png"} <= set(archive.namelist())
    assert len([name for name in archive.namelist() if name.startswith("page_")]) == len(pages)
    (tmp_path / "settings.json").write_bytes(archive.read("settings.json"))
    assert RenderConfig.load(tmp_path / "settings.json") == read_settings({"d": "60"})
    assert "attachment" in answer.headers["content-disposition"]


def test_the_pdf_shows_the_very_pixels(client, url):
    import pypdfium2

    answer = client.get(f"{url}/pages.pdf", params={"d": "72"})
    document = pypdfium2.PdfDocument(answer.content)
    expected = picture(client.get(f"{url}/page.png", params={"page": 1}))
    drawn = document[0].render(scale=1, no_smoothimage=True).to_numpy()[:, :, ::-1][..., :3]
    assert len(document) == len(client.get(f"{url}/figures.json").json()["pages"])
    assert drawn.shape == expected.shape
    assert np.array_equal(drawn, expected)


@needs_poppler
def test_the_reference_s_page_is_compared_pixel_by_pixel(client, url):
    told = client.get(f"{url}/reference.json", params={"page": 1}).json()
    assert told["whole_page"]
    assert told["identical"]
    assert (told["differing_pixels"], told["largest_difference"]) == (0, 0)
    drawn = picture(client.get(f"{url}/reference/{told['key']}/reference.png"))
    assert np.array_equal(drawn, picture(client.get(f"{url}/page.png", params={"page": 1})))
    assert client.get(f"{url}/reference/{told['key']}/difference.png").status_code == 200
    assert client.get(f"{url}/reference/guessed/reference.png").status_code == 404


@needs_poppler
def test_what_the_fast_engine_does_not_draw_goes_to_the_reference_once_the_hand_rests(client, monkeypatch):
    short = book_from_text("One line.\nAnother line.\n" * 20, "Short")
    url = preview_url(shelf().put(short))
    monkeypatch.setattr(fast, "lay_out", lambda text, config: "this is a test")
    moving = client.get(f"{url}/figures.json", params={"d": "77"})
    assert moving.status_code == 202
    assert moving.json()["drawing"] == {"reason": "this is a test", "started": False, "done": 0, "total": None}
    deadline = time.monotonic() + 60
    while (answer := client.get(f"{url}/figures.json", params={"d": "77", "settled": "1"})).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    figures = answer.json()
    assert (figures["engine"], figures["reason"]) == ("reference", "this is a test")
    assert picture(client.get(f"{url}/page.png", params={"d": "77", "settled": "1"})).shape[1] > 100
    assert "reference engine" in client.get(f"{url}/cells.json", params={"d": "77", "settled": "1"}).json()["why_not"]
    assert client.get(f"{url}/reference.json", params={"d": "77", "settled": "1"}).status_code == 422


@needs_poppler
def test_asking_for_what_no_engine_can_draw_ends_in_a_refusal(client):
    url = preview_url(shelf().put(book_from_text("A few words.\n" * 60, "Short")))
    query = {"h": "48", "my": "10", "s": "10", "l": "11", "settled": "1"}  # one line fits: reportlab cannot split there
    deadline = time.monotonic() + 30
    while (answer := client.get(f"{url}/figures.json", params=query)).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_caches_are_bounded(book, monkeypatch):
    small = previews_module.Previews(max_books=1, max_layouts=2, max_png_bytes=100_000)
    for dpi in range(50, 60):
        config = read_settings({"d": str(dpi), "n": "br"})
        laid = small.look(book, config)
        for number in (1, 2):
            small.png(book, config, laid, number)
    assert len(small._layouts) <= 2
    assert 0 < sum(map(len, small._pngs.values())) <= 100_000
    small.prepared(book_from_text("Another book.", "Other"))
    assert len(small._books) == 1
    assert read_settings({"n": "br"}).newline_markup == BREAK


def test_threads_that_ask_for_one_layout_share_it(book, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    shared, calls = previews_module.Previews(), []
    lay = shared._lay
    monkeypatch.setattr(shared, "_lay", lambda *given: (calls.append(1), time.sleep(0.05), lay(*given))[2])
    config = read_settings({"d": "91"})
    with ThreadPoolExecutor(8) as pool:
        laid = list(pool.map(lambda _: shared.look(book, config), range(8)))
    assert len(calls) == 1
    assert len({id(one) for one in laid}) == 1


def test_a_download_holds_its_page_files_no_longer_than_it_lasts(client, url, book):
    from app.pagefiles.jobs import page_jobs

    assert client.get(f"{url}/pages.pdf", params={"d": "59"}).status_code == 200
    job = page_jobs().start(book.content_hash, book.text, book.title, read_settings({"d": "59"}), "this test")
    assert job.held
    job.let_go("this test")
    assert not job.held


@needs_poppler
def test_settings_that_no_engine_draws_are_tried_once(client, url, book, monkeypatch):
    """Line height 20 on a page of 60 pt: both engines refuse it, and only the reference engine needs long to find out."""
    begun = []
    jobs = previews_module.page_jobs()
    monkeypatch.setattr(previews_module, "page_jobs", lambda: _Counting(jobs, begun))
    query = {"w": "60", "h": "60", "l": "20", "settled": "1"}
    deadline = time.monotonic() + 60
    while (answer := client.get(f"{url}/page.png", params=query)).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for name in ("page.png", "figures.json", "page.png"):
        answer = client.get(f"{url}/{name}", params=query)
        assert answer.status_code == 422
        assert "leading of 20" in answer.json()["error"]
        assert answer.json()["settings"][:2] == ["h", "l"]
    assert len(begun) == 1
    dragged = client.get(f"{url}/page.png", params={**query, "settled": "0"})
    assert dragged.status_code == 422  # said while the slider still moves


class _Counting:
    """The process's jobs, with every start noted."""

    def __init__(self, jobs, begun: list) -> None:
        self._jobs, self._begun = jobs, begun

    def start(self, *given):
        self._begun.append(given)
        return self._jobs.start(*given)

    def release(self, holder: str) -> None:
        self._jobs.release(holder)


def test_a_font_that_has_what_is_lacking_is_offered_as_a_fallback(client):
    book = book_from_text("Plain words, and 学而时习之 and 𐍈 besides.\n" * 3, "mixed")
    url = preview_url(shelf().put(book))
    figures = client.get(f"{url}/figures.json", params={"settled": "1"}).json()
    assert figures["missing_total"] == 18
    assert (figures["cure"]["family"], figures["cure"]["covers"]) == ("Droid Sans Fallback", 15)
    cured = read_settings(figures["cure"]["changes"])
    assert cured.fallback_fonts
    assert sum(count for _, count in missing(previews().prepared(book), cured)) == 3
    assert (
        client.get(
            f"{preview_url(shelf().put(book_from_text('Plain.', 'plain')))}/figures.json", params={"settled": "1"}
        ).json()["cure"]
        is None
    )


def test_a_book_that_the_font_lacks_mostly_is_offered_another_font(client):
    url = preview_url(shelf().put(book_from_text("学而时习之，不亦说乎。\n" * 30, "chinese")))
    figures = client.get(f"{url}/figures.json", params={"settled": "1"}).json()
    assert figures["missing_share"] > 0.9
    assert figures["cure"]["changes"] == {"f": "DroidSansFallbackFull.ttf"}


def test_settings_that_glyph_was_not_trained_on_are_named(client, url):
    assert client.get(f"{url}/figures.json").json()["untrained"] == []
    [words] = client.get(f"{url}/figures.json", params={"l": "25"}).json()["untrained"]
    assert "25" in words
