"""How a long job's script ends where it cannot go on: a sentence and an exit status instead of a traceback."""

import sys


def stopped(program: str, error: OSError | KeyboardInterrupt, what_now: str) -> int:
    """Say it; 130 after Ctrl-C, as shells have it, and 1 for what the machine refused: a full disk, a folder that went away."""
    why = ""
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        why = f": {error.strerror or error}{place}"
    print(f"{program}: stopped{why}. {what_now}", file=sys.stderr)
    return 1 if why else 130
