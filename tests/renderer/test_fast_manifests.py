"""The fast engine against Glyph's own pages: number, sizes and pixels of every manifest of the shared test material."""

import hashlib
import json
from pathlib import Path

import pytest

from renderer import FontError, RenderConfig
from renderer.fast import engine as fast

SHARED = Path(__file__).resolve().parents[3] / "shared"
MANIFESTS = sorted((SHARED / "golden").glob("*.json"))


@pytest.mark.skipif(not MANIFESTS, reason="the shared test material (../shared) is absent")
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_every_page_of_a_manifest_is_drawn_to_the_last_bit(path):
    manifest = json.loads(path.read_text(encoding="utf-8"))
    try:
        config = RenderConfig.from_mapping(manifest["config"])
    except FontError as missing:
        pytest.skip(str(missing))
    text = (SHARED / "data" / manifest["text"]).read_text(encoding="utf-8-sig")
    assert fast.supports(text, config) is None
    layout = fast.prepare(text).layout(config)
    # Counted first: the sizes must come out without the pixels.
    sizes = [[page.width_px, page.height_px] for page in layout.counts]
    assert sizes == [page["size"] for page in manifest["pages"]]
    drawn = (hashlib.sha256(layout.page_array(i).tobytes()).hexdigest() for i in range(layout.page_count))
    wrong = [i + 1 for i, found in enumerate(drawn) if found != manifest["pages"][i]["rgb_sha256"]]
    assert wrong == []
