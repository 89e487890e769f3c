"""The Pages page in a real browser: what follows a slider while it is dragged, cells, search, links, two tabs."""

from __future__ import annotations

import re
import time

import pytest

from app.books.samples import synthetic_novel
from tests.e2e.driver import SEEN_WITHIN_S, comes_to, until

WIDTH = "image => image.naturalWidth"
SET_TO = "(range, value) => { range.value = value; for (const name of ['input', 'change']) range.dispatchEvent(new Event(name)); }"


@pytest.fixture(scope="module")
def novel(tmp_path_factory):
    """A 1 MB novel, as a file."""
    path = tmp_path_factory.mktemp("novel") / "the-novel.txt"
    path.write_text(synthetic_novel(text_tokens=240_000, seed=3).book.text, encoding="utf-8")
    return path


def open_story(page, url: str, query: str = "") -> None:
    page.goto(f"{url}/pages{query}")
    page.get_by_role("button", name="Begin with the sample story").click()
    wait_figures(page)


def open_novel(page, url: str, path) -> None:
    page.goto(f"{url}/pages")
    page.get_by_text("Upload", exact=True).first.click()
    uploader = page.locator("[data-testid=stFileUploader]", has_text="A book of")
    uploader.locator("input[type=file]").set_input_files(str(path))
    wait_figures(page)


def wait_figures(page) -> None:
    page.locator(".tile.lead .value", has_text="×").wait_for()
    page.locator(".pane .sheet img[alt^=Page]").first.wait_for()


def ratio(page) -> float:
    return float(page.locator(".tile.lead .value").inner_text().rstrip("×"))


def picture_width(page) -> int:
    return page.locator(".pane .sheet img").first.evaluate(WIDTH)


def test_a_moved_knob_hangs_up_on_the_studies_of_the_settings_before(app, page):
    open_story(page, app.url)
    asked, left = set(), set()
    studies = re.compile(r"/glyph/preview/[^/]+/(clarity|curve|advice)\.json\?d=80")
    page.route(studies, lambda route: asked.add(route.request.url))  # a server that thinks about it without end
    page.on("requestfailed", lambda request: left.add(request.url))
    page.get_by_role("slider", name="DPI").evaluate(SET_TO, "80")
    until(lambda: page.title() and len(asked) == 3)  # a call lets the page's events in
    page.get_by_role("slider", name="DPI").evaluate(SET_TO, "90")
    until(lambda: page.title() and asked <= left)
    page.locator(".curve:not(.stale)").wait_for()  # the new settings' own came


def test_picture_and_ratio_follow_while_the_slider_is_held(app, page, novel):
    open_novel(page, app.url, novel)
    before_ratio, before_width, before_url = ratio(page), picture_width(page), page.url
    slider = page.get_by_role("slider", name="DPI")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=8)
    until(lambda: picture_width(page) > before_width and ratio(page) < before_ratio)  # the button is still down
    page.mouse.move(box["x"] + box["width"] * 0.7, y, steps=8)
    held = page.get_by_label("DPI", exact=True).last.input_value()
    until(
        lambda: page.locator(".pane figcaption").first.inner_text() != "" and picture_width(page) > before_width * 1.4
    )
    until(
        lambda: f"· {picture_width(page)} ×" in page.locator(".pane figcaption").first.inner_text()
    )  # of this very picture
    assert page.evaluate("location.href") == before_url  # Python hears of it only now
    page.mouse.up()
    page.wait_for_url(re.compile(rf"[?&]d={held}\b"))


def test_the_shown_passage_stays_when_the_font_grows(app, page, novel):
    open_novel(page, app.url, novel)
    page.get_by_label("Page number").fill("60")
    page.get_by_label("Page number").press("Enter")
    until(lambda: "Page 60 " in page.locator(".pane figcaption").first.inner_text())
    page.get_by_label("Font size in pt").fill("14")
    page.get_by_label("Font size in pt").press("Enter")
    until(lambda: int(page.get_by_label("Page number").input_value()) > 100)
    comes_to(lambda: float(page.get_by_label("Leading in pt").input_value()), 15.0)  # the leading kept its distance


def test_a_cell_tells_the_text_it_holds(app, page):
    open_story(page, app.url)
    page.get_by_role("button", name="Grid of visual tokens").click()
    canvas = page.locator(".pane canvas").first
    canvas.hover(position={"x": 120, "y": 120})
    page.locator(".tip .how", has_text="text token").wait_for()
    assert re.search(r"\w", page.locator(".tip .held").first.inner_text())
    page.locator(".pane .view").first.focus()
    page.keyboard.press("ArrowRight")
    until(lambda: "text token" in page.locator(".spoken").first.inner_text())
    page.keyboard.press("h")
    page.locator(".legend", has_text="most on this page").wait_for()


def test_a_refused_setting_says_why_beside_its_knob_and_keeps_the_picture(app, page):
    open_story(page, app.url)
    shown = picture_width(page)
    page.locator("summary", has_text="Page and margins").click()
    page.get_by_label("Side margins in pt").fill("400")
    page.get_by_label("Side margins in pt").press("Enter")
    page.locator(".knob[data-key=mx] .trouble", has_text="Side margins of 400 pt leave no room").wait_for()
    assert page.locator(".knob.refused").evaluate_all("knobs => knobs.map((knob) => knob.dataset.key)") == ["w", "mx"]
    assert picture_width(page) == shown
    page.get_by_label("Side margins in pt").fill("30")
    page.get_by_label("Side margins in pt").press("Enter")
    page.locator(".knob[data-key=mx] .trouble").wait_for(state="hidden")
    page.wait_for_url(re.compile("mx=30"))


def test_a_search_jumps_to_the_page_and_marks_the_gallery(app, page, novel):
    open_novel(page, app.url, novel)
    words = novel.read_text(encoding="utf-8")
    middle = words.index(" ", len(words) // 2)
    phrase = " ".join(words[middle : middle + 80].split()[:5])
    page.get_by_role("searchbox").fill(phrase)
    page.locator(".search .hint", has_text=" of ").wait_for()
    until(lambda: int(page.get_by_label("Page number").input_value()) > 5)
    page.locator(".thumb.hit").first.wait_for(state="attached")


def test_a_link_opens_the_same_view(app, page):
    open_story(page, app.url, "?d=110&n=br&s=11&l=14")
    comes_to(page.get_by_role("slider", name="DPI").input_value, "110")
    comes_to(page.get_by_label("Leading in pt").input_value, "14")
    page.get_by_role("button", name="Back to Glyph's own settings").click()
    page.wait_for_function("!location.search.includes('d=110')")
    comes_to(page.get_by_role("slider", name="DPI").input_value, "72")


def test_the_grid_is_drawn_only_while_it_is_wanted(app, page):
    open_story(page, app.url)
    inked = """canvas => canvas.width > 0 && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)"""
    canvas = page.locator(".pane canvas").first
    assert not canvas.evaluate(inked)
    page.get_by_role("button", name="Grid of visual tokens").click()
    until(lambda: canvas.evaluate(inked))
    page.get_by_role("combobox", name="Preset").select_option(label="Glyph 96")
    page.locator(".pane figcaption", has_text="× 1122 px").or_(
        page.locator(".pane figcaption", has_text="× 1123 px")
    ).first.wait_for()
    until(lambda: canvas.evaluate(inked))
    page.get_by_role("button", name="Grid of visual tokens").click()
    until(lambda: not canvas.evaluate(inked))


def test_two_settings_stand_side_by_side(app, page):
    open_story(page, app.url)
    page.get_by_role("button", name="Hold these settings as B").click()
    page.get_by_role("combobox", name="Preset").select_option(label="Glyph 96")
    page.locator(".pane figcaption", has_text="B · 72 dpi").wait_for()
    page.locator(".pane figcaption", has_text="A · 96 dpi").wait_for()
    pictures = page.locator(".pane .sheet img")
    until(lambda: pictures.nth(0).evaluate(WIDTH) > pictures.nth(1).evaluate(WIDTH) > 0)


def test_the_zoom_told_is_the_zoom_shown_when_a_second_page_comes_and_goes(app, page):
    open_story(page, app.url)
    picture, label = page.locator(".pane .sheet img").first, page.locator(".hint.zoom")
    seen = []
    for _ in range(3):
        deadline = time.monotonic() + SEEN_WITHIN_S
        while time.monotonic() < deadline:
            shown = round(picture.evaluate("image => 100 * image.clientWidth / image.naturalWidth"))
            if abs(shown - int(label.inner_text().split()[0])) <= 1 and (not seen or abs(shown - seen[-1]) > 5):
                break
            page.wait_for_timeout(50)
        else:
            raise AssertionError(f"shown at {shown} %, told {label.inner_text()}, before {seen}")
        seen.append(shown)
        page.get_by_role("button", name="Hold these settings as B").click()
    assert seen[0] == pytest.approx(seen[2], abs=1)


def test_two_tabs_do_not_disturb_each_other(app, browser):
    contexts = [browser.new_context(viewport={"width": 1400, "height": 900}) for _ in range(2)]
    first, second = (context.new_page() for context in contexts)
    try:
        for tab in (first, second):
            tab.set_default_timeout(45_000)
            open_story(tab, app.url)
        first.get_by_role("combobox", name="Preset").select_option(label="Glyph 96")
        first.wait_for_url(re.compile("d=96"))
        assert second.get_by_role("slider", name="DPI").input_value() == "72"
        until(lambda: ratio(second) > ratio(first))
    finally:
        for context in contexts:
            context.close()


def test_the_downloads_are_what_they_say(app, page, tmp_path):
    open_story(page, app.url)
    for name, magic in (("Pages as ZIP", b"PK"), ("PDF", b"%PDF"), ("Settings", b"{"), ("Manifest", b"{")):
        with page.expect_download() as waiting:
            page.locator(".downloads a", has_text=re.compile(f"^{name}$")).click()
        waiting.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(magic), name


def test_settings_saved_to_a_file_can_be_loaded(app, page, tmp_path):
    open_story(page, app.url, "?d=84")
    with page.expect_download() as waiting:
        page.locator(".presets a", has_text="Save").click()
    waiting.value.save_as(tmp_path / "mine.json")
    page.get_by_role("button", name="Back to Glyph's own settings").click()
    page.wait_for_function("!location.search.includes('d=84')")
    page.locator(".presets input[type=file]").set_input_files(str(tmp_path / "mine.json"))
    page.wait_for_url(re.compile("d=84"))
    (tmp_path / "broken.json").write_text('{"dpi": 72}')
    page.locator(".presets input[type=file]").set_input_files(str(tmp_path / "broken.json"))
    page.locator(".notices > .trouble", has_text="font-path").wait_for()


def visible(page, selector: str) -> list[str]:
    return [one.inner_text() for one in page.locator(selector).all() if one.is_visible() and one.inner_text()]


def test_a_broken_link_s_reason_stays_until_a_knob_is_moved(app, page):
    open_story(page, app.url, "?mx=400")
    page.wait_for_timeout(800)  # figures have come and gone over it
    until(lambda: any("Side margins of 400 pt" in words for words in visible(page, ".notices > .trouble")))
    page.get_by_label("Leading in pt").fill("12")
    page.get_by_label("Leading in pt").press("Enter")
    until(lambda: not visible(page, ".notices > .trouble"))


def test_a_refusal_stands_at_the_knob_it_names_and_the_page_says_it_is_an_older_one(app, page):
    open_story(page, app.url)
    page.get_by_label("Leading in pt").fill("3")
    page.get_by_label("Leading in pt").press("Enter")
    page.locator(".knob[data-key=l] .trouble", has_text="Leading of 3 pt").wait_for()
    page.locator(".status", has_text="last ones that could").wait_for()
    page.get_by_role("slider", name="DPI").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    until(lambda: visible(page, ".knob[data-key=l] .trouble"))
    assert not visible(page, ".knob[data-key=d] .trouble")


def test_a_reload_keeps_the_book_and_both_settings_and_what_lies_over_the_page(app, page, novel):
    open_novel(page, app.url, novel)
    page.get_by_role("button", name="Hold these settings as B").click()
    page.get_by_role("button", name="Grid of visual tokens").click()
    at_72 = ratio(page)
    page.get_by_role("combobox", name="Preset").select_option(label="Glyph 96")
    page.wait_for_url(re.compile(r"d=96.*b=d%3D72.*show=g.*book="))
    until(lambda: ratio(page) < 0.8 * at_72)
    shown = ratio(page)
    page.reload()
    wait_figures(page)
    page.locator(".pane figcaption", has_text="B · 72 dpi").wait_for()
    page.locator(".pane figcaption", has_text="A · 96 dpi").wait_for()
    comes_to(lambda: ratio(page), shown)
    assert page.get_by_role("button", name="Grid of visual tokens").get_attribute("aria-pressed") == "true"


def test_a_and_b_show_by_a_bar_what_both_pages_hold(app, page, novel):
    open_novel(page, app.url, novel)
    page.get_by_role("button", name="Hold these settings as B").click()
    page.get_by_label("Font size in pt").fill("14")
    page.get_by_label("Font size in pt").press("Enter")

    def bars() -> list[float]:
        """How much of each page's left edge is the bar's red."""
        return page.locator(".pane canvas").evaluate_all(
            """canvases => canvases.map(({ width, height, getContext }, index, all) => {
              if (!height) return 0;
              const pixels = all[index].getContext("2d").getImageData(1, 0, 1, height).data;
              let red = 0;
              for (let at = 0; at < pixels.length; at += 4) red += pixels[at] === 0xd6 && pixels[at + 3] === 255;
              return red / height; })"""
        )

    until(
        lambda: bars()[0] > 0.8 and 0.1 < bars()[1] < 0.7
    )  # all of the large letters' page, a part of the small ones'


@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720), (420, 900)])
def test_no_figure_is_cut_off(app, browser, size):
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(45_000)
    try:
        open_story(page, app.url, "?k=1")
        page.locator(".tile .note", has_text="resized by the model: no").wait_for()
        page.locator(".tile .value", has_text=" MB").wait_for()
        cut = page.locator(".tile :is(.label, .value, .note)").evaluate_all(
            "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent)"
        )
        assert cut == []
    finally:
        context.close()


def test_on_a_phone_the_page_and_the_dpi_slider_are_on_the_screen_together(app, browser):
    context = browser.new_context(viewport={"width": 420, "height": 900})
    page = context.new_page()
    page.set_default_timeout(45_000)
    try:
        open_story(page, app.url)
        page.get_by_role("slider", name="DPI").evaluate("slider => slider.scrollIntoView({ block: 'end' })")
        picture, slider = (
            page.locator(".pane .view").first.bounding_box(),
            page.get_by_role("slider", name="DPI").bounding_box(),
        )
        assert picture["y"] + picture["height"] * 0.2 > 60  # most of the page is below the bar on top
        assert picture["y"] + picture["height"] < slider["y"] < 900
    finally:
        context.close()


def test_what_a_font_lacks_comes_from_another_at_a_click(app, page):
    page.goto(f"{app.url}/pages")
    page.get_by_text("Paste", exact=True).first.click()
    page.locator("textarea").fill("Plain words, and 学而时习之 besides.\n" * 20)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Open this text").click()
    wait_figures(page)
    page.get_by_role("button", name=re.compile("Ours, not Glyph's: characters")).click()
    page.locator(".status", has_text="needs fallback fonts").wait_for()
    page.wait_for_url(re.compile("ff=DroidSansFallbackFull.ttf"))
    page.locator(".notice", has_text="This font lacks").wait_for(state="hidden")
