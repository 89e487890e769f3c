"""The same pages as Glyph's own script: number, sizes, visual tokens and every pixel, by the fast and the reference engine.

tests/golden holds texts, settings and what the script gave; its README says with which versions.
"""

import hashlib
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from app.tokens import page_grid
from renderer import FontError, RenderConfig, choose_engine, count, render
from tests.proofs import cannot_prove
from tests.renderer import goldens

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
MANIFESTS = sorted((GOLDEN / "manifests").glob("*.json"))
# Each kind of text and each kind of setting once: both mark-ups, justified, bordered, dark, Chinese, what is awkward.
SAMPLE = (
    "island_story.border_72",
    "island_story.dark_80",
    "island_story.justify_100",
    "mixed_zh.zh_72_br",
    "quirks_1.en_72_mark",
)
POPPLER = "22.12"


def material(path: Path) -> tuple[str, RenderConfig, dict]:
    """Text, settings and what Glyph's script gave."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    text = (GOLDEN / "texts" / manifest["text"]).read_bytes()
    assert hashlib.sha256(text).hexdigest() == manifest["text_sha256"], "the text was changed on its way here"
    try:
        config = RenderConfig.load(GOLDEN / "configs" / f"{path.stem.partition('.')[2]}.json")
    except FontError as missing:
        cannot_prove(str(missing))
    return text.decode("utf-8"), config, manifest


def drawn(text: str, config: RenderConfig, engine: str) -> list[dict]:
    """Pages as a manifest has them."""
    found = []
    for page in render(text, config, engine):
        rgb = Image.open(io.BytesIO(page.png)).convert("RGB")
        found.append(
            {
                "size": [page.width_px, page.height_px],
                "tokens": page_grid(page.width_px, page.height_px).tokens,
                "rgb_sha256": hashlib.sha256(rgb.tobytes()).hexdigest(),
            }
        )
        assert list(rgb.size) == found[-1]["size"]
    return found


def test_the_material_is_whole():
    assert len(MANIFESTS) == 21
    for path in MANIFESTS:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        settings = (GOLDEN / "configs" / f"{path.stem.partition('.')[2]}.json").read_text(encoding="utf-8")
        assert json.loads(settings) == manifest["config"]
        assert len(manifest["pages"]) == manifest["page_count"] > 1
        assert sum(page["tokens"] for page in manifest["pages"]) == manifest["visual_tokens"]
    assert {f"{name}.json" for name in SAMPLE} <= {path.name for path in MANIFESTS}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_the_fast_engine_draws_glyph_s_pages(path):
    text, config, manifest = material(path)
    assert choose_engine(text, config).name == "fast"
    # Counted first: sizes and tokens must come out without the pixels.
    counted = [[page.width_px, page.height_px] for page in count(text, config, "fast").pages]
    assert counted == [page["size"] for page in manifest["pages"]]
    assert drawn(text, config, "fast") == manifest["pages"]


@pytest.mark.parametrize("name", SAMPLE)
def test_the_reference_engine_draws_glyph_s_pages(name):
    text, config, manifest = material(GOLDEN / "manifests" / f"{name}.json")
    goldens.need_poppler(POPPLER)
    assert drawn(text, config, "reference") == manifest["pages"]


def test_a_proof_that_cannot_be_run_fails_on_a_ci_machine(monkeypatch):
    monkeypatch.setattr(goldens, "poppler_version", lambda: "99.1.0")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"poppler 22\.12, .* 99\.1\.0"):
        goldens.need_poppler(POPPLER)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"99\.1\.0"):
        goldens.need_poppler(POPPLER)
