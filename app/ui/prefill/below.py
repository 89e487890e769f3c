"""Everything on the Prefill screen below one reader's projection: many readers, what-if, factors and calibration, the sweep."""

from __future__ import annotations

from app.projection import ASSUMED_SERVING, Gpu, Serving
from app.ui.guard import guarded
from app.ui.prefill.factors import draw_factors, draw_factors_choice
from app.ui.prefill.many_requests import draw_many_requests
from app.ui.prefill.sweep_section import draw_sweep
from app.ui.prefill.what_if import draw_what_if


def draw_below(gpu: Gpu, ratio: float, book_tokens: int | None) -> None:
    """For the page's GPU and compression, and the open book's length where there is one."""
    serving: Serving | None = None
    with guarded("The choice of factors could not be drawn"):
        serving = draw_factors_choice(gpu)
    with guarded("The projection for many readers could not be drawn"):
        draw_many_requests(gpu, ratio, book_tokens, serving or ASSUMED_SERVING)
    with guarded("The assumptions could not be drawn"):
        draw_factors(gpu, ratio, book_tokens, serving)
    with guarded("What-if could not be drawn"):
        draw_what_if(gpu, serving)
    with guarded("The sweep could not be shown"):
        draw_sweep(gpu, serving)
