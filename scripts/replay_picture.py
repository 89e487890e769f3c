"""The README's moving picture: a recorded run, replayed in headless Chromium and photographed place by place.

    python scripts/replay_picture.py [--file RUN.ndjson] [--out .github/screenshots/replay.webp] [--frames 40]

Without --file a question about a generated novel is asked of the simulator and recorded first. Each frame is the player's own view of
one moment of the recording; the picture runs as long as the recording did, divided by --faster.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.recordings.run_file import read_file  # noqa: E402
from renderer.fast.engine import warm_up  # noqa: E402
from scripts.headless import app_running, headless_chromium, opened  # noqa: E402
from scripts.option_types import above_zero, positive  # noqa: E402

MAX_BYTES = 1_500_000
WIDTH, HEIGHT = 1180, 700
SHOWN_WIDTH = 820
REST_MS = 2_500  # on the last frame
PLACE = "(input, at) => { input.value = at; input.dispatchEvent(new Event('input')); input.dispatchEvent(new Event('change')); }"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", type=Path, help="a run's file, as History exports it")
    parser.add_argument("--out", type=Path, default=ROOT / ".github" / "screenshots" / "replay.webp")
    parser.add_argument("--frames", type=positive, default=40)
    parser.add_argument("--faster", type=above_zero, default=2.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, headless_chromium() as browser:
        path = args.file or recorded(browser, Path(folder))
        frames, length_s = photographed(browser, Path(folder), path, args.frames)
    each_ms = round(1000 * length_s / args.faster / len(frames))
    save(frames, [*[each_ms] * (len(frames) - 1), REST_MS], args.out)
    size = args.out.stat().st_size
    print(f"{args.out}: {len(frames)} frames, {length_s:.1f} s played {args.faster:g} times as fast, {size:,} bytes")
    return 0 if size <= MAX_BYTES else 1


def recorded(browser, folder: Path) -> Path:
    """The file of a run about a novel of which the text model reads a part only."""
    warm_up()  # nobody wants to see the engine being compiled
    environment = {"GLYPH_SIMULATOR": "always", "GLYPH_SIMULATOR_READER": "manifest"}
    environment |= {"GLYPH_DATA": str(folder / "data"), "GLYPH_RECORDINGS": "whole"}
    with app_running(ROOT / "app" / "main.py", folder, environment) as url, opened(browser, WIDTH, HEIGHT) as page:
        page.goto(url)
        page.get_by_role("button", name="Generate and open").click()
        page.get_by_role("button", name="Page 1, open large").wait_for()
        page.locator('[data-testid="stBottom"] button', has_text="cut from the text model").first.click()
        for role in ("text", "pages"):
            page.locator(f"section.side.{role} dt", has_text="Total").wait_for()
    return next((folder / "data" / "recordings" / "streams").glob("*.ndjson"))


def photographed(browser, folder: Path, path: Path, count: int) -> tuple[list[Image.Image], float]:
    """Pictures of `count` moments, evenly over the recording, and its length in seconds."""
    length_s = max(one.step.at for one in read_file(path).steps)
    environment = {"GLYPH_DATA": str(folder / "replay"), "GLYPH_REPLAY": str(path.resolve())}
    frames = []
    with app_running(ROOT / "app" / "main.py", folder, environment) as url, opened(browser, WIDTH, HEIGHT) as page:
        page.goto(url)
        page.locator(".player input").wait_for()
        page.add_style_tag(
            content='[data-testid="stSidebar"] { display: none }'
        )  # the picture is about the two answers
        page.wait_for_timeout(1_200)
        for number in range(count):
            at = length_s * number / (count - 1)
            page.locator(".player input").evaluate(PLACE, f"{at:.2f}")
            page.wait_for_timeout(500)  # the place is told by a stream of its own, and drawn
            picture = Image.open(io.BytesIO(page.screenshot()))
            height = round(picture.height * SHOWN_WIDTH / picture.width)
            frames.append(picture.convert("RGB").resize((SHOWN_WIDTH, height), Image.Resampling.LANCZOS))
    return frames, length_s


def save(frames: list[Image.Image], durations_ms: list[int], out: Path) -> None:
    """As an animated WebP that runs for ever."""
    out.parent.mkdir(parents=True, exist_ok=True)
    frames[0].save(
        out,
        save_all=True,
        append_images=frames[1:],
        duration=durations_ms,
        loop=0,
        quality=62,
        method=4,
        minimize_size=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
