"""Make the README's pictures: Compare with a long novel and both answers, light and dark, and the Pages screen.

    python scripts/screenshots.py [--out .github/screenshots] [--speedup 1]

Starts the app with its simulator, drives it in headless Chromium, and writes PNG files of fewer than 400 KB each. The
answers are simulated and say so in the picture.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import argparse  # noqa: E402
import io  # noqa: E402
import tempfile  # noqa: E402

from PIL import Image  # noqa: E402

from renderer.fast.engine import warm_up  # noqa: E402
from scripts.headless import app_running, headless_chromium, opened  # noqa: E402

MAX_BYTES = 400_000
SIZE = {"width": 1440, "height": 900}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / ".github" / "screenshots")
    parser.add_argument("--speedup", default="1", help="1 shows the projected times")
    args = parser.parse_args()
    warm_up()  # set-up compiles the engine once; no picture should show that as rendering time
    args.out.mkdir(parents=True, exist_ok=True)
    environment = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_SPEEDUP": args.speedup}
    with (
        tempfile.TemporaryDirectory() as folder,
        headless_chromium() as browser,
        app_running(ROOT / "app" / "main.py", Path(folder), environment) as url,
    ):
        for scheme in ("light", "dark"):
            with opened(browser, **SIZE, scheme=scheme) as page:
                compare(page, url)
                save(page, args.out / f"compare-{scheme}.png")
                if scheme == "light":
                    times(page)
                    save(page, args.out / "times.png")
                    pages(page)
                    save(page, args.out / "pages.png")
    return 0


def compare(page, url: str) -> None:
    """A novel of 240K tokens, one question that comes with it, both answers done, figures and answers in the picture."""
    page.goto(url)
    page.get_by_role("button", name="Generate and open").click()
    page.get_by_role("button", name="Page 1, open large").wait_for()
    page.locator('[data-testid="stBottom"] button', has_text="cut from the text model").first.click()
    for role in ("text", "pages"):
        page.locator(f"section.side.{role} dt", has_text="Total").wait_for()
    page.wait_for_timeout(1500)  # scrolling has come to rest
    page.locator('[data-testid="stSidebar"]').get_by_text("Book", exact=True).first.scroll_into_view_if_needed()
    page.wait_for_timeout(700)


def times(page) -> None:
    """The answers' times alone: a higher window, so that both charts and the tables are whole."""
    page.set_viewport_size({**SIZE, "height": 1500})
    page.get_by_text("Where the time went").click()
    page.mouse.move(2, 2)  # else a chart's bar of tools lies over its legend
    page.wait_for_timeout(1500)
    page.get_by_text("Time to first token", exact=True).first.evaluate("node => node.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(1500)


def pages(page) -> None:
    """The Pages page as it opens, on the same novel."""
    page.set_viewport_size(SIZE)
    page.get_by_role("link", name="Pages").first.click()
    page.locator(".viewer").first.wait_for()
    page.wait_for_timeout(3000)  # picture, figures and cells are drawn one after the other


def save(page, path: Path) -> None:
    """Quantised as far as the size asks for: these pictures hold few colours."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for colors in (256, 128, 64, 32):
        buffer = io.BytesIO()
        picture.quantize(colors, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            buffer, "PNG", optimize=True
        )
        if buffer.tell() < MAX_BYTES:
            break
    path.write_bytes(buffer.getvalue())
    print(f"{path}  {buffer.tell() / 1000:.0f} KB")


if __name__ == "__main__":
    raise SystemExit(main())
