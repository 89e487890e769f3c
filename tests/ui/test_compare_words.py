"""Words on Compare that must not promise too much, and buttons that messages name."""

import dataclasses
import re

import pytest

from app.paths import CONFIGS, ROOT
from app.ui.compare.book_figures import doubts, ratio_words
from renderer import RenderConfig

CONFIG = RenderConfig.load(CONFIGS / "en.json")


def test_a_ratio_at_glyphs_own_settings_is_a_plain_figure():
    assert ratio_words(3.464, CONFIG) == "3.46×"


@pytest.mark.parametrize("change", [{"font_color": "#FFFFFF"}, {"leading_pt": 25.0}])
def test_a_ratio_of_pages_that_glyph_may_not_read_is_amber_with_a_word(change):
    changed = dataclasses.replace(CONFIG, **change)
    assert doubts(changed)
    assert ratio_words(9.0, changed) == ":orange[9.00× · readable?]"


def test_messages_name_the_button_that_is_there():
    side = (ROOT / "app/ui/assets/turn/side.js").read_text(encoding="utf-8")
    assert 'button("Try again"' in side
    named = [
        (path.name, found)
        for path in (ROOT / "app").rglob("*.py")
        for found in re.findall(r"[Pp]ress (Retry|Try again)", path.read_text(encoding="utf-8"))
    ]
    assert {found for _, found in named} == {"Try again"}, named
