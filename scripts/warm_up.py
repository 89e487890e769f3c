"""Compile what the renderer compiles (and cache it), so that no user's first click pays for it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from renderer.fast.engine import warm_up

if __name__ == "__main__":
    warm_up()
