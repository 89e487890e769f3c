"""Compile the fast engine once, at set-up: machine code goes into numba's cache, and no user waits for it.

Where the cache lies is told in compiling.py; a process without it compiles as it goes. Every branch that has a compiled form of its own is walked here with a few lines of text.
"""

import itertools
from dataclasses import replace

from renderer.fonts.catalogue import resolve_font
from renderer.settings.config import Alignment, RenderConfig
from renderer.settings.newline_markup import BREAK, RED_MARK

from .compiling import drop_old_caches
from .document import Document

_TEXTS = ("Warm up & go\n\nwith  a few lines,\n" * 12 + "w" * 300, "温暖 up\n\n" * 20 + "宝玉" * 200, "one line")


def warm_up() -> None:
    """Lay out and draw small texts in every way. Takes a minute at first, then half a second."""
    drop_old_caches()
    font, _ = resolve_font("Vera.ttf")
    plain = RenderConfig(
        font_path=font,
        page_width_pt=200.0,
        page_height_pt=160.0,
        alignment=Alignment.LEFT,
        auto_crop_width=True,
        auto_crop_last_page=True,
    )
    settings = (
        plain,
        replace(plain, newline_markup=RED_MARK),
        replace(plain, newline_markup=RED_MARK, paragraph_background="#EEEEFF", alignment=Alignment.JUSTIFY),
        replace(plain, newline_markup=BREAK, border_width_pt=1.0, border_color="#000000"),
        replace(plain, border_width_pt=1.0, border_color="#FF0000", horizontal_scale=0.8),
        replace(plain, horizontal_scale=0.8),
    )
    for text, config in itertools.product(_TEXTS, settings):
        document = Document(text)
        layout = document.layout(config)
        _ = layout.counts
        for i in range(layout.page_count):
            layout.page_png(i)
            layout.cells(i)
        document.first_page_png(replace(config, dpi=80), character=len(text) // 2)
