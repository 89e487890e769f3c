"""What can go wrong while counting. Messages are shown to the user as they are.

TokensError
├── RanksMissing      the tokenizer's vocabulary file is not installed or not the one we know
└── ImageShapeError   an image that the vision encoder refuses
"""


class TokensError(Exception):
    """Shown to the user as it is."""


class RanksMissing(TokensError):
    """Says which package carries the file."""


class ImageShapeError(TokensError):
    """Names the size and the limit."""
