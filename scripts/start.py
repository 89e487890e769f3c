"""Start the servers' launcher (where the profile needs one) and the app, print the address, and end both on Ctrl-C.

Called by scripts/run once everything is installed. Each child leads a process group of its own, gets SIGTERM when this
process dies (Linux), and is killed with its group when it does not end in time: nothing survives.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.serving import ServingError, choose_profile  # noqa: E402

HOST = "127.0.0.1"
READY_WITHIN_S = 60
END_WITHIN_S = 20
SIMULATOR = "simulator"


def main() -> int:
    parser = argparse.ArgumentParser(description="Start the servers and the app (see scripts/run --help).")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--profile", help="a profile of configs/servers.toml; default: what this machine can run")
    parser.add_argument("--no-browser", action="store_true")
    args = parser.parse_args()
    if not _port_is_free(args.port):
        print(
            f"Port {args.port} on {HOST} is taken. Stop what uses it, or choose another: bash scripts/run --port {args.port + 1}",
            file=sys.stderr,
        )
        return 2
    try:
        profile, reason = _profile(args.profile)
    except ServingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"Servers: {profile} ({reason})", flush=True)
    children: list[subprocess.Popen] = []
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        environment = dict(os.environ)
        if profile != SIMULATOR:  # the app starts the simulator itself, and only when no server answers
            children.append(
                _start([sys.executable, str(ROOT / "scripts" / "launch.py"), "--profile", profile], environment)
            )
            environment["GLYPH_LAUNCHER"] = "1"
        app = _start(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                str(ROOT / "app" / "main.py"),
                "--server.port",
                str(args.port),
                "--server.address",
                HOST,
                "--server.headless",
                "true",
            ],
            environment,
            quiet=True,
        )
        children.append(app)
        if not _wait_ready(app, args.port):
            print("error: the app did not start; its messages are above.", file=sys.stderr)
            return 1
        url = f"http://{HOST}:{args.port}"
        print(f"\nGlyph Side by Side is ready:  {url}\nStop with Ctrl-C.", flush=True)
        if not args.no_browser:
            webbrowser.open(url)
        return _watch(children)
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
        return 0
    finally:
        _end(children)


def _profile(asked: str | None) -> tuple[str, str]:
    if asked:
        return asked, "as asked"
    chosen = choose_profile()
    return chosen.name, chosen.reason


def _interrupt(_signal, _frame) -> None:
    raise KeyboardInterrupt


def _start(command: list[str], environment: dict[str, str], quiet: bool = False) -> subprocess.Popen:
    """`quiet` drops standard output only: Streamlit prints an address of its own there, errors stay visible."""
    return subprocess.Popen(
        command,
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if quiet else None,
        preexec_fn=_die_with_parent,
    )


def _die_with_parent() -> None:
    """Linux: SIGTERM when the parent goes, however it goes. Elsewhere a killed parent leaves its children."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _port_is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _wait_ready(app: subprocess.Popen, port: int) -> bool:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and app.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            time.sleep(0.1)
    return False


def _watch(children: list[subprocess.Popen]) -> int:
    """Until the app ends. A launcher that ends is told; the app goes on and says what is not there."""
    app, told = children[-1], False
    while app.poll() is None:
        if len(children) > 1 and children[0].poll() is not None and not told:
            told = True
            print(
                f"The servers' launcher ended (exit {children[0].returncode}); the app goes on without it.",
                file=sys.stderr,
            )
        time.sleep(0.3)
    return app.returncode


def _end(children: list[subprocess.Popen]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave anything behind
    for child in reversed(children):
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + END_WITHIN_S
    for child in reversed(children):
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


if __name__ == "__main__":
    raise SystemExit(main())
