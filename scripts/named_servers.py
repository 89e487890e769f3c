"""What command lines that ask two servers share: the servers a user names, and words on stderr. Run by nobody alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.clients import Dialect, Endpoint, Role


class NoServer(Exception):
    """Nobody to ask; the message says what was tried."""


def add_named_servers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--text-url", help="server of the text side; its model is asked for unless --text-model is given"
    )
    parser.add_argument("--text-model", metavar="NAME")
    parser.add_argument("--pages-url", help="server of the pages side")
    parser.add_argument("--pages-model", metavar="NAME")
    parser.add_argument("--pages-dir", type=Path, help="folder that the pages server may read by file://")
    parser.add_argument("--api-key-env", metavar="VARIABLE", help="variable that holds the named servers' key")
    parser.add_argument(
        "--behind-router", action="store_true", help="several servers answer at each of these addresses"
    )
    parser.add_argument("--dialect", choices=[one.value for one in Dialect], default=Dialect.VLLM.value)


def named_servers(options: argparse.Namespace) -> dict[Role, Endpoint]:
    """Those that the command line names."""
    named = (
        _named(Role.TEXT, options.text_url, options.text_model, options),
        _named(Role.PAGES, options.pages_url, options.pages_model, options),
    )
    return {one.role: one for one in named if one is not None}


def _named(role: Role, url: str | None, model: str | None, options: argparse.Namespace) -> Endpoint | None:
    if url is None:
        return None
    media = options.pages_dir.resolve() if options.pages_dir and role is Role.PAGES else None
    return Endpoint(
        role,
        f"{role} server",
        url,
        model or "",
        api_key_env=options.api_key_env,
        dialect=Dialect(options.dialect),
        media_path=media,
        behind_router=options.behind_router,
    )


def note(words: str) -> None:
    """Progress goes to stderr; stdout is for figures."""
    print(words, file=sys.stderr, flush=True)


def minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
