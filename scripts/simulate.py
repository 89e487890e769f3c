#!/usr/bin/env python
"""Serve simulated models on the wire that vLLM speaks: no GPU, no model, honest stand-in answers at projected speed.

    python scripts/simulate.py --role text --port 8001
    python scripts/simulate.py --role both --port 8001 --pages-port 8002 --pages-dir .data/pages

Prints one line starting with "ready" and the URL for each server once it answers. Stops on Ctrl-C or SIGTERM.
"""

# ruff: noqa: E402  what ends this process comes before the imports that take a second

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

_PARENT_OPTION = "--exit-with-parent"
_PARENT_POLL_S = 0.3
_HARD_END_S = 1.8


def _end_with_parent(parent: int) -> None:
    """Stop this process when `parent` is gone, however it went, also if it went before this line.

    The number comes from the parent itself: one that is asked for here is another's when the parent died meanwhile. By
    looking rather than by prctl(PR_SET_PDEATHSIG): that fires when the parent's THREAD that started us ends, and an
    application may well start us from a short-lived thread.
    """
    if os.getppid() != parent:
        sys.exit(f"simulate: process {parent}, for which it was started, is gone.")

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_POLL_S)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_HARD_END_S)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


# Before the imports below, which take a second: whoever starts it and dies within it must not leave a server behind, and
# Ctrl-C must not print a traceback.
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if _PARENT_OPTION in sys.argv[:-1]:
        number = sys.argv[sys.argv.index(_PARENT_OPTION) + 1]
        if number.isdigit():  # anything else is told below, with the other options
            _end_with_parent(int(number))

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import argparse
import subprocess

from app.projection import DEFAULT_GPU, GPUS
from app.simulator import Reader, ServerRole, SimulatorOptionError, SimulatorSettings
from app.simulator.failures import HELP, parse_failure
from app.simulator.settings import DEFAULT_MODELS

BOTH = "both"
_READER_VARIABLE = "GLYPH_SIMULATOR_READER"  # for a simulator that the app starts by itself
_STOP_SECONDS = 3


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        role = ServerRole.TEXT if options.role == BOTH else ServerRole(options.role)
        settings = _settings(options, role)
        if options.role == BOTH and options.pages_port is None:
            raise SimulatorOptionError("--role both needs --pages-port, the port of the pages server.")
        if options.pages_port is not None and not 0 <= options.pages_port <= 65535:
            raise SimulatorOptionError(f"--pages-port {options.pages_port} must lie between 0 and 65535.")
    except SimulatorOptionError as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 2
    # The second server is a process of its own: neither can stall the other's stream.
    child = _start_pages(options) if options.role == BOTH else None
    try:
        return _serve(settings, options, child)
    finally:
        if child is not None:
            _stop(child)


def _serve(settings: SimulatorSettings, options: argparse.Namespace, child: subprocess.Popen | None) -> int:
    from app.simulator.serve import listen, note, serve

    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        print(
            f"simulate: cannot listen on {settings.host}:{settings.port}: {error.strerror}. Choose another --port or --host.",
            file=sys.stderr,
        )
        return 1
    ended_early = threading.Event()
    if child is not None:
        _stop_when_it_ends(child, ended_early)
    port = listener.getsockname()[1]
    url = f"http://{settings.host}:{port}"
    speed = "real time" if settings.speedup == 1 else f"{settings.speedup:g} times real time"

    def status() -> int:
        return 1 if ended_early.is_set() else 0

    ready = f"ready {url} (simulated {settings.model} as {settings.role} on {settings.gpu.name}, {speed})"
    serve(settings, listener, lambda: note(ready), status)
    return status()


def _start_pages(options: argparse.Namespace) -> subprocess.Popen:
    command = [sys.executable, str(Path(__file__).resolve()), "--role", ServerRole.PAGES.value]
    command += ["--port", str(options.pages_port), "--host", options.host, "--speedup", str(options.speedup)]
    command += ["--gpu", options.gpu, "--max-model-len", str(options.max_model_len)]
    command += ["--keep-alive", str(options.keep_alive), _PARENT_OPTION, str(os.getpid())]
    if options.pages_model:
        command += ["--model", options.pages_model]
    if options.pages_dir:
        command += ["--pages-dir", str(options.pages_dir)]
    command += ["--reader", options.reader] if options.reader else []
    for failure in options.fail:
        command += ["--fail", failure]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def _stop_when_it_ends(child: subprocess.Popen, ended_early: threading.Event) -> None:
    def watch() -> None:
        status = child.wait()
        if not _stopping.is_set():
            print(f"simulate: the pages server ended with status {status}; stopping the text server.", file=sys.stderr)
            ended_early.set()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="child-watch", daemon=True).start()


_stopping = threading.Event()


def _stop(child: subprocess.Popen) -> None:
    _stopping.set()
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _settings(options: argparse.Namespace, role: ServerRole) -> SimulatorSettings:
    return SimulatorSettings(
        role=role,
        port=options.port,
        host=options.host,
        model=options.model or "",
        speedup=options.speedup,
        gpu=GPUS[options.gpu],
        pages_dir=options.pages_dir,
        max_model_len=options.max_model_len,
        failures=tuple(parse_failure(text) for text in options.fail),
        keep_alive_seconds=options.keep_alive,
        reader=_reader(options.reader) if role is ServerRole.PAGES else Reader.MANIFEST,
    )


def _reader(asked: str | None) -> Reader:
    """What was asked for; else the OCR program where it is there. Raises SimulatorOptionError where it was asked for and is not."""
    from app.legibility import why_not  # with numpy and the renderer: the text server needs none of it

    asked = asked or os.environ.get(_READER_VARIABLE) or None
    if asked not in (None, *Reader):
        raise SimulatorOptionError(f"{_READER_VARIABLE}={asked!r}: choose one of {', '.join(Reader)}.")
    if asked == Reader.OCR and (reason := why_not()):
        raise SimulatorOptionError(f"--reader ocr: {reason}. --reader manifest needs no such program.")
    return Reader(asked) if asked else Reader.MANIFEST if why_not() else Reader.OCR


def _parser() -> argparse.ArgumentParser:
    failures = "\n".join(f"  {form}\n      {meaning}" for form, meaning in HELP.items())
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="failures, by --fail for every chat request or by the header x-simulate-failure for one:\n" + failures,
    )
    defaults = ", ".join(f"{name} for {role.value}" for role, name in DEFAULT_MODELS.items())
    parser.add_argument("--role", choices=[*(role.value for role in ServerRole), BOTH], required=True)
    parser.add_argument("--port", type=int, required=True, help="0 takes a free one; the ready line tells it")
    parser.add_argument("--pages-port", type=int, help="with --role both: the port of the pages server")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--model", metavar="NAME", help=f"served model name; default: {defaults}")
    parser.add_argument("--pages-model", metavar="NAME", help="with --role both: the pages server's model name")
    parser.add_argument("--speedup", type=float, default=1.0, metavar="X", help="divide all waits; 1 is real time")
    parser.add_argument("--gpu", choices=list(GPUS), default=DEFAULT_GPU.id, help="default: %(default)s")
    parser.add_argument(
        "--pages-dir", type=Path, metavar="DIR", help="folder whose page files may be read, with their manifest.json"
    )
    parser.add_argument("--max-model-len", type=int, default=131_072, metavar="N", help="default: %(default)s")
    parser.add_argument("--keep-alive", type=float, default=0.0, metavar="S", help="keep-alive comments; 0: none")
    parser.add_argument(
        "--reader",
        choices=[*Reader],
        help="what pages are quoted by: their manifest's text, or an OCR program on the pictures (default: ocr where it is there, or GLYPH_SIMULATOR_READER)",
    )
    parser.add_argument("--fail", action="append", default=[], metavar="KIND[:ARG]", help="see below; repeatable")
    parser.add_argument(
        _PARENT_OPTION, type=int, metavar="PID", help="stop when this process, which started it, is gone"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
