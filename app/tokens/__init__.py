"""How many tokens a text is, how many its pages are, and whether they fit. Knows nothing of books, pages or servers."""

from .counts import CountSource, TokenCount
from .errors import ImageShapeError, RanksMissing, TokensError
from .fit import ASSUMED_WINDOW_TOKENS, compression_ratio, share_of_book, tokens_for_book
from .text_tokens import MiddleCut, count_text_tokens, cut_middle, encode_spans
from .visual_tokens import CELL_PX, VISUAL_OVERHEAD_PER_PAGE, Grid, is_resampled, page_grid, visual_tokens

__all__ = [
    "ASSUMED_WINDOW_TOKENS",
    "CELL_PX",
    "VISUAL_OVERHEAD_PER_PAGE",
    "CountSource",
    "Grid",
    "ImageShapeError",
    "MiddleCut",
    "RanksMissing",
    "TokenCount",
    "TokensError",
    "compression_ratio",
    "count_text_tokens",
    "cut_middle",
    "encode_spans",
    "is_resampled",
    "page_grid",
    "share_of_book",
    "tokens_for_book",
    "visual_tokens",
]
