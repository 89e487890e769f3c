"""How soon the next page comes after many requests that their readers gave up, and how soon the app then stops.

    python tests/reliability/given_up.py                   1,500 requests, each for a layout of its own of a 1 MB novel

Each request is sent on a connection of its own, which is closed at once. Prints the time of one page before, of the next page
after, and of the stop, and a JSON line last.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx

from tests.reliability.memory import novel
from tests.reliability.started import start_app
from tests.reliability.tab import Tab

PREVIEW = re.compile(r"glyph/preview/[0-9a-f]+")
LEADING_PT, STEP_PT = 10.0, 0.002  # each step is a layout of its own


def measure(requests: int) -> dict[str, float]:
    """Seconds of a page alone, of the next page after `requests` that were given up, and of the stop."""
    with tempfile.TemporaryDirectory() as folder:
        started = start_app(Path(folder), GLYPH_SIMULATOR_SPEEDUP="1000")
        try:
            if not started.ready():
                raise RuntimeError(started.output.read_text())
            with Tab(started.url) as tab, httpx.Client(base_url=started.url, timeout=120, trust_env=False) as client:
                tab.upload("novel.txt", novel(1))
                preview = next(
                    found for one in tab.go("pages").of("bidi_component") if (found := PREVIEW.search(str(one)))
                )
                at = urlsplit(started.url)

                def path(step: int) -> str:
                    return f"/{preview.group()}/page.png?page=1&l={LEADING_PT + step * STEP_PT:.3f}"

                def page_s(step: int) -> float:
                    began = time.monotonic()
                    client.get(path(step)).raise_for_status()
                    return time.monotonic() - began

                alone = page_s(0)
                for step in range(1, requests + 1):
                    with socket.create_connection((at.hostname, at.port)) as connection:
                        connection.sendall(f"GET {path(step)} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode())
                after = page_s(requests + 1)
                began = time.monotonic()
        finally:
            started.end()
        return {"alone_s": round(alone, 3), "after_s": round(after, 3), "stop_s": round(time.monotonic() - began, 3)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--requests", type=int, default=1500)
    figures = measure(parser.parse_args().requests)
    print(
        f"A page alone {figures['alone_s']} s, after the requests {figures['after_s']} s; stopped in {figures['stop_s']} s"
    )
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
