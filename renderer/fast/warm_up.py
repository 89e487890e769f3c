"""Compile the fast engine once: machine code goes into the cache, and no user waits for it.

    python -m renderer.fast.warm_up      tells on stdout how many functions are ready, "DONE TOTAL" a line

Where the cache lies is told in machine_code.py; a process without it compiles as it goes. Every branch that has a compiled
form of its own is walked here with a few lines of text.
"""

import itertools
import os
import sys
import threading
from dataclasses import replace

from renderer.fonts.catalogue import resolve_font
from renderer.settings.config import Alignment, RenderConfig
from renderer.settings.newline_markup import BREAK, RED_MARK

from .compiling import ready_functions
from .document import Document
from .freed_memory import keep_freed_memory
from .machine_code import drop_old, mark_whole

_TEXTS = ("Warm up & go\n\nwith  a few lines,\n" * 12 + "w" * 300, "温暖 up\n\n" * 20 + "宝玉" * 200, "one line")
_TELL_EVERY_S = 0.5


def warm_up() -> None:
    """Lay out and draw small texts in every way. Takes a minute at first, then half a second.

    Also has malloc keep freed memory (see freed_memory.py): this process is going to draw pages.
    """
    keep_freed_memory()
    drop_old()
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
        document.page_png(replace(config, dpi=80), character=len(text) // 2)
    mark_whole()


def main() -> int:
    """Compile beside whoever waits: at a lower priority, and no longer than somebody listens."""
    if hasattr(os, "nice"):
        os.nice(5)
    done = threading.Event()
    telling = threading.Thread(target=_tell, args=(done,), daemon=True)
    telling.start()
    try:
        warm_up()
    finally:
        done.set()
        telling.join()
    return 0


def _tell(done: threading.Event) -> None:
    said = None
    while True:
        ended = done.wait(_TELL_EVERY_S)
        if (ready := ready_functions()) != said:
            said = ready
            try:
                print(*ready, flush=True)
            except OSError:  # nobody listens any more: the app has ended, and with it the need
                os._exit(1)
        if ended:
            return


if __name__ == "__main__":
    sys.exit(main())
