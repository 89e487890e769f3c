"""Small goldens of our own: texts and settings in, sizes and pixel hashes of the reference engine out.

    python tests/renderer/goldens.py      writes tests/renderer/goldens.json anew

They pin what reportlab and poppler draw, so that a change of either, or of our path around them, is seen; and they give
the fast engine something to be compared with where the larger texts are absent. The file says which versions drew it.
"""

import hashlib
import io
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import PIL
import reportlab
from PIL import Image

from renderer import RenderConfig, render
from renderer.settings.newline_markup import RED_MARK
from tests.proofs import cannot_prove

PATH = Path(__file__).with_name("goldens.json")

ENGLISH = "\n".join(
    [
        "The lamplighter of Quill Street counted his steps & lost them twice, at 5 < 6 and again at 7 > 6.",
        "\tHe kept   three spaces between his wishes, and a no-break\u00a0space between his debts.",
        "",
        "An un\u00adcommonly long word followed him: "
        + "antidis" * 14
        + "tablish, he called it, and it never answered.",
        "  Rain came. \u201cRain,\u201d he said \u2014 caf\u00e9, na\u00efve, \u00c5ngstr\u00f6m \u2014 and the gutters agreed\u2026",
        "zero\u200bwidth, form\x0cfeed, \u3000wide space, missing \u4e2a? no: missing \u05d0 \U0001f600 and \u0416.",
    ]
    * 6
)
ENGLISH = ENGLISH.replace("\u4e2a", "")  # a Chinese character would switch the whole text to CJK mode
CHINESE = "\n".join(
    [
        "灯匠住在羽毛笔街，每天傍晚数自己的脚步；数到第七步，他总会停下来。",
        "　　“下雨了，”他说，“雨也要点灯。”街上没有人回答——只有水。",
        "",
        "他有 3 盏灯 (three lamps)，  两把梯子，一个名字：陆远。",
    ]
    * 12
)
BASE = {
    "page-size": "300,220",
    "dpi": 72,
    "margin-x": 10,
    "margin-y": 10,
    "font-path": "Vera.ttf",
    "font-size": 9,
    "line-height": 10,
    "alignment": "LEFT",
    "auto-crop-width": True,
    "auto-crop-last-page": True,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One text with one setting; `settings` lie over BASE."""

    name: str
    text: str
    settings: dict

    @property
    def config(self) -> RenderConfig:
        return RenderConfig.from_mapping(BASE | self.settings)


CASES = (
    Case("break 72", ENGLISH, {}),
    Case("mark 96", ENGLISH, {"dpi": 96, "newline-markup": RED_MARK}),
    Case("own mark", ENGLISH, {"newline-markup": '<font color="#0050C0">¶</font><br/>'}),
    Case(
        "justify 100",
        ENGLISH,
        {
            "dpi": 100,
            "alignment": "JUSTIFY",
            "first-line-indent": 18,
            "space-after": 4,
            "font-path": "DejaVuSans.ttf",
            "font-size": 10,
            "line-height": 12,
        },
    ),
    Case(
        "right with border",
        ENGLISH,
        {
            "alignment": "RIGHT",
            "border-width": 1,
            "border-padding": 3,
            "space-before": 6,
            "space-after": 6,
            "para-border-color": "#C04000",
        },
    ),
    Case(
        "centre narrowed",
        ENGLISH,
        {
            "alignment": "CENTER",
            "horizontal-scale": 0.85,
            "left-indent": 12,
            "right-indent": 20,
            "auto-crop-width": False,
        },
    ),
    Case(
        "dark 80",
        ENGLISH,
        {
            "dpi": 80,
            "font-color": "#D4D4D4",
            "page-bg-color": "#1E1E1E",
            "para-bg-color": "#1E1E1E",
            "newline-markup": RED_MARK,
        },
    ),
    Case("hanging 120", ENGLISH, {"dpi": 120, "first-line-indent": -12, "left-indent": 24, "space-before": 3}),
    Case("small 45", ENGLISH, {"dpi": 45, "font-size": 7.5, "line-height": 8.5, "margin-x": 12.5}),
    Case("snapped 96", ENGLISH, {"dpi": 96, "snap-to-28": True}),
    Case(
        "snapped and narrowed",
        ENGLISH,
        {"snap-to-28": True, "horizontal-scale": 0.9, "page-bg-color": "#FFF8E0", "para-bg-color": "#FFF8E0"},
    ),
    Case(
        "serif, no crop",
        ENGLISH,
        {"font-path": "DejaVuSerif.ttf", "auto-crop-width": False, "auto-crop-last-page": False},
    ),
    Case("mono legal 60", ENGLISH, {"font-path": "DejaVuSansMono.ttf", "page-size": "LEGAL", "dpi": 60}),
    Case("chinese break", CHINESE, {"font-path": "DroidSansFallbackFull.ttf"}),
    Case("chinese mark 96", CHINESE, {"font-path": "DroidSansFallbackFull.ttf", "dpi": 96, "newline-markup": RED_MARK}),
    Case(
        "chinese justified",
        CHINESE,
        {"font-path": "DroidSansFallbackFull.ttf", "alignment": "JUSTIFY", "first-line-indent": 18},
    ),
)


def versions() -> dict[str, str]:
    """What decides the pixels."""
    return {"reportlab": reportlab.Version, "poppler": poppler_version() or "none", "pillow": PIL.__version__}


def poppler_version() -> str | None:
    """The installed poppler's, None without one."""
    if shutil.which("pdftoppm") is None:
        return None
    return subprocess.run(["pdftoppm", "-v"], capture_output=True, text=True, check=True).stderr.split()[2]


def need_poppler(version: str) -> None:
    """`version`: "22.12" stands for every 22.12.x. With another the reference draws other pixels: nothing can be proved."""
    here = poppler_version()
    if here is None or not f"{here}.".startswith(f"{version}."):
        cannot_prove(f"these pages were drawn with poppler {version}, and here is {here or 'none'}")


def pages_of(case: Case, engine: str = "reference") -> list[dict]:
    """Size, pixel hash and span of each page."""
    found = []
    for page in render(case.text, case.config, engine):
        rgb = Image.open(io.BytesIO(page.png)).convert("RGB")
        digest = hashlib.sha256(rgb.tobytes()).hexdigest()
        found.append({"size": list(rgb.size), "rgb_sha256": digest, "text_span": list(page.text_span)})
    return found


def load() -> dict:
    return json.loads(PATH.read_text(encoding="utf-8"))


if __name__ == "__main__":
    cases = {case.name: {"key": case.config.key, "pages": pages_of(case)} for case in CASES}
    PATH.write_text(json.dumps({"versions": versions(), "cases": cases}, indent=1) + "\n", encoding="utf-8")
    print(f"{sum(len(case['pages']) for case in cases.values())} pages of {len(cases)} cases written to {PATH}")
