"""One book has one set of figures: Compare, Pages and Prefill say the same of it, also after a change of GPU."""

from __future__ import annotations

import re

from tests.e2e.driver import comes_to

NUMBER = r"([\d,]+)"
SENTENCE = re.compile(r"Projected on one .*?(?:sooner|later)\.( The whole text .*? comparison\.)?")


def goto(page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def metric(page, label: str) -> str:
    return (
        page.locator('[data-testid="stMetric"]', has_text=label).locator('[data-testid="stMetricValue"]').inner_text()
    )


def on_compare(page) -> dict[str, str]:
    page.get_by_text("Projected on one").first.wait_for()
    fit = page.locator(".glyph-fit .number").all_inner_texts()
    return {
        "text": metric(page, "Text tokens"),
        "visual": metric(page, "Visual tokens"),
        "ratio": metric(page, "Compression ratio"),
        "pages": metric(page, "Pages"),
        "text window": fit[0].split(" of ")[0],
        "pages window": fit[1].split(" of ")[0],
        "times": SENTENCE.search(page.locator('[data-testid="stMain"]').inner_text())[0],
    }


def on_pages(page) -> dict[str, str]:
    page.locator(".thumb").first.wait_for()

    def tile(label: str) -> str:
        return page.locator(".tile", has_text=label).locator(".value").first.inner_text()

    window = [one.inner_text() for one in page.locator(".meter .number").all()]
    return {
        "text": tile("Text tokens"),
        "visual": tile("Visual tokens"),
        "ratio": tile("Compression ratio"),
        "pages": page.locator(".tile").nth(3).locator(".value").inner_text(),
        "text window": window[0],
        "pages window": window[1],
        "times": SENTENCE.search(page.get_by_role("button", name="About Prefill").get_attribute("aria-description"))[0],
    }


def on_prefill(page) -> dict[str, str]:
    line = page.locator("p", has_text="This book").first
    line.wait_for()
    told = line.inner_text()
    found = re.search(
        rf"{NUMBER} text tokens \((\S+(?:\u00a0%)?) of the text model's window\), {NUMBER} visual tokens on {NUMBER} pages? "
        r"\((\S+(?:\u00a0%)?) of Glyph's\): (\S+×)\.",
        told,
    )
    text, text_window, visual, pages, pages_window, ratio = found.groups()
    return {
        "text": text,
        "visual": visual,
        "ratio": ratio,
        "pages": pages,
        "text window": text_window,
        "pages window": pages_window,
        "times": SENTENCE.search(told)[0],
    }


def test_three_screens_say_the_same_of_one_book(app, page):
    page.goto(app.url)
    page.get_by_role("button", name="Generate and open").click()  # 240,000 tokens: cut for the text model
    page.get_by_role("button", name="Page 1, open large").wait_for()
    compare = on_compare(page)
    assert "cut to" in compare["times"]
    assert "shown for comparison" in compare["times"]
    goto(page, "Pages")
    comes_to(lambda: on_pages(page), compare)
    goto(page, "Prefill")
    comes_to(lambda: on_prefill(page), compare)
    page.get_by_role("combobox", name="GPU").click()
    page.get_by_role("option", name="NVIDIA A100 SXM 80 GB").click()
    page.locator("p", has_text="Projected on one NVIDIA A100").first.wait_for()
    prefill = on_prefill(page)
    assert prefill["times"] != compare["times"]
    goto(page, "Pages")
    page.locator("button.why[aria-description*='A100']").wait_for()
    comes_to(lambda: on_pages(page), prefill)
    goto(page, "Compare")
    page.get_by_text("Projected on one NVIDIA A100").first.wait_for()
    comes_to(lambda: on_compare(page), prefill)
