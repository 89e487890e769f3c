"""How a script ends where it cannot go on: a sentence and an exit status instead of a traceback."""

import os
import sys
from collections.abc import Callable

_NOBODY_READS = 128 + 13  # as shells tell SIGPIPE


def ended(program: str, main: Callable[[], int]) -> int:
    """What `main` returns; where Ctrl-C, a reader that went away (`| head`) or a full disk behind stdout ends it, say so."""
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()  # here, and not in the interpreter's last moment, where nobody can say what went wrong
    except KeyboardInterrupt:
        print(f"{program}: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        code, why = _NOBODY_READS, "nobody reads its output any more"
    except OSError as error:
        reason = error.strerror or error  # with a name it is a file's, and not stdout's
        code, why = 1, f"{error.filename}: {reason}" if error.filename else f"its output cannot be written ({reason})"
    _forget_the_rest()
    print(f"{program}: stopped: {why}.", file=sys.stderr)
    return code


class ToldLines:
    """Lines on stdout as a long run makes them, from any thread. Where nobody reads them any more the run is asked to stop, and
    what it would have told stands in its journal."""

    def __init__(self) -> None:
        self.is_read = True
        self.stop: Callable[[], None] = lambda: None
        """What is called, once, when the reader went away."""

    def tell(self, line: str) -> None:
        if not self.is_read:
            return
        try:
            print(line, flush=True)
        except BrokenPipeError:
            self.is_read = False
            self.stop()

    def end(self, code: int) -> int:
        """`code`, or what a closed pipe is told by. The reason is said."""
        if self.is_read:
            return code
        print("Stopped: nobody reads its output any more.", file=sys.stderr)
        _forget_the_rest()
        return _NOBODY_READS


def _forget_the_rest() -> None:
    """What stdout still holds back goes nowhere, instead of into an error in the interpreter's last moment."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def stopped(program: str, error: OSError | KeyboardInterrupt, what_now: str) -> int:
    """Say it; 130 after Ctrl-C, as shells have it, and 1 for what the machine refused: a full disk, a folder that went away."""
    why = ""
    if isinstance(error, OSError):
        place = f" ({error.filename})" if error.filename else ""
        why = f": {error.strerror or error}{place}"
    print(f"{program}: stopped{why}. {what_now}", file=sys.stderr)
    return 1 if why else 130
