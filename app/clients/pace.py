"""A simulator's pace in words: by what its waits are divided. One function, so that every screen and file says it alike."""


def is_hurried(speedup: float | None) -> bool:
    """Whether a simulator's times are not the projection's own. False where nobody told."""
    return speedup is not None and speedup != 1


def pace_words(speedup: float | None) -> str:
    """ "40× faster than projected", "2× slower than projected"; "" where the times are the projection's own."""
    if speedup is None or not is_hurried(speedup):
        return ""
    return f"{speedup:g}× faster than projected" if speedup > 1 else f"{1 / speedup:g}× slower than projected"
