"""Start the servers' launcher (where the profile needs one) and the app, print the address, and end both on Ctrl-C.

Called by scripts/run once everything is installed. Each child leads a session of its own, gets SIGTERM when this process
dies (Linux), and is killed with its session when it does not end in time: nothing survives. What they print is shown here
and kept in DATA/log/app-output.log and DATA/serving/launcher.log.
"""

# ruff: noqa: E402  what ends this process comes before the imports that take a second

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports below ends it without a traceback

import argparse
import os
import secrets
import socket
import sys
import threading
import time
import urllib.request
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.logbook import LOG_DIR, log_path
from app.paths import APP, DATA, IN_CHECKOUT, PAGES_OUT, prepare_data, why_unwritable
from app.serving import (
    LAUNCHER_VARIABLE,
    LogUnwritable,
    Process,
    ProcessIdentity,
    ServingError,
    choose_profile,
    load_profile,
    stop_all,
)
from app.serving.ports import free_port
from app.serving.state_file import LAUNCHER_LOG, STATE_DIR

HOST = "127.0.0.1"
READY_WITHIN_S = 60
END_WITHIN_S = 20
LOOK_EVERY_S = 0.1
SIMULATOR = "simulator"
APP_OUTPUT = LOG_DIR / "app-output.log"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine's own ports need no proxy


class Ending:
    """Whether somebody asked for the end. Until the first child is started a signal interrupts at once; from then on it is
    only noted, and the loops look: an interruption between fork and note would lose a child."""

    def __init__(self) -> None:
        self.asked = False
        self.children_started = False

    def listen(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: object) -> None:
        first, self.asked = not self.asked, True
        if first and not self.children_started:
            raise KeyboardInterrupt


class Child:
    """A program of ours and where its words go."""

    def __init__(self, argv: list[str], environment: dict[str, str], log: Path) -> None:
        self.process = Process(argv, environment, log, secrets.token_hex(8), cwd=None)
        self.identity = _start(self.process)

    @property
    def ended(self) -> bool:
        return self.process.exit_status() is not None

    def pass_on(self) -> None:
        """Show here what it has printed since."""
        while text := self.process.new_output():
            try:
                sys.stderr.buffer.write(text)
                sys.stderr.flush()
            except OSError:  # a closed terminal: the file has it
                pass


def main() -> int:
    parser = argparse.ArgumentParser(description="Start the servers and the app (see scripts/run --help).")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--profile", help="a profile of configs/servers.toml; default: what this machine can run")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="play the file of a recorded run; no servers")
    args = parser.parse_args()
    ending = Ending()
    children: list[Child] = []
    try:
        ending.listen()
        port = _port(args.port)
        if args.replay is not None:
            profile, place, environment = SIMULATOR, *_replay(args.replay)
            print(f"Servers: none; replaying {args.replay.name}", flush=True)
        else:
            profile, reason = _profile(args.profile)
            place, environment = "", {}
            print(f"Servers: {profile} ({reason})", flush=True)
        _prepare()
        return _keep(port, profile, not args.no_browser, ending, children, place, environment)
    except ServingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0
    finally:
        stop_all([child.process for child in children], END_WITHIN_S)
        for child in children:
            child.pass_on()


def _port(asked: int) -> int:
    """A port that is free now; 0 takes any. Raises ServingError."""
    if not 0 <= asked <= 65535:
        raise ServingError(f"--port {asked} must lie between 1 and 65535, or be 0 for any that is free.")
    if asked == 0:
        return free_port(HOST)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, asked))
        except PermissionError:
            raise ServingError(f"--port {asked} is kept for the system on this machine; choose 1024 or more.") from None
        except OSError:
            other = asked + 1 if asked < 65535 else asked - 1
            raise ServingError(
                f"Port {asked} on {HOST} is taken. Stop what uses it, or choose another: bash scripts/run --port {other}"
            ) from None
    return asked


def _profile(asked: str | None) -> tuple[str, str]:
    if asked:
        return load_profile(asked).name, "as asked"
    chosen = choose_profile()
    return chosen.name, chosen.reason


def _replay(path: Path) -> tuple[str, dict[str, str]]:
    """What follows the app's address, and what the app is told. Raises ServingError where the file is no recording."""
    from app.recordings import BadRecording  # half a second that other starts need not wait
    from app.recordings.run_file import read_file
    from app.recordings.shared import REPLAY_VARIABLE

    try:
        recording = read_file(path)
    except BadRecording as error:
        raise ServingError(f"--replay {path}: {error}") from None
    return f"/?run={recording.header.run_id}", {REPLAY_VARIABLE: str(path.resolve())}


def _prepare() -> None:
    """The app is worth having where nothing can be written: it says then what it cannot do."""
    try:
        prepare_data(LOG_DIR, STATE_DIR, PAGES_OUT)
    except OSError as error:
        print(f"warning: {why_unwritable(DATA, error)}", file=sys.stderr)
    if not IN_CHECKOUT:
        from renderer.fonts.first_use import install_on_first_use  # half a second that a checkout's start need not wait

        install_on_first_use()


def _keep(
    port: int,
    profile: str,
    open_browser: bool,
    ending: Ending,
    children: list[Child],
    place: str,
    environment: dict[str, str],
) -> int:
    """Start what is needed and watch it, until the app ends or somebody asks for the end. `place`: what to open in the app."""
    ending.children_started = True
    launcher = None
    if profile != SIMULATOR:  # the app starts the simulator itself, and only when no server answers
        program = [sys.executable, str(ROOT / "scripts" / "launch.py"), "--profile", profile]
        launcher = Child([*program, "--exit-with-parent", str(os.getpid())], {"PYTHONUNBUFFERED": "1"}, LAUNCHER_LOG)
        children.append(launcher)
        environment[LAUNCHER_VARIABLE] = launcher.identity.as_text()
    app = Child(_app_command(port), environment, APP_OUTPUT)
    children.append(app)
    if not _wait_ready(app, port, ending, children):
        if ending.asked:
            return _stopping()
        print(f"error: the app did not start; its messages are above and in {APP_OUTPUT}.", file=sys.stderr)
        return 1
    url = f"http://{HOST}:{port}{place}"
    print(f"\nGlyph Side by Side is ready:  {url}\nStop with Ctrl-C.", flush=True)
    if open_browser:  # in a thread: some systems' openers wait for the browser
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    return _watch(app, launcher, ending, children)


def _app_command(port: int) -> list[str]:
    command = [sys.executable, "-m", "streamlit", "run", str(APP / "main.py")]
    command += ["--server.port", str(port), "--server.address", HOST, "--server.headless", "true"]
    return [*command, "--logger.hideWelcomeMessage", "true"]  # the address is printed below, once it answers


def _start(process: Process) -> ProcessIdentity:
    try:
        return process.start()
    except LogUnwritable as error:
        print(f"warning: {error} Messages are shown here only.", file=sys.stderr)
        process.log_path = None
        return process.start()


def _wait_ready(app: Child, port: int, ending: Ending, children: list[Child]) -> bool:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and not app.ended and not ending.asked:
        for child in children:
            child.pass_on()
        try:
            with _DIRECT.open(f"http://{HOST}:{port}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            time.sleep(LOOK_EVERY_S)
    return False


def _watch(app: Child, launcher: Child | None, ending: Ending, children: list[Child]) -> int:
    """Until the app ends. A launcher that ends is told; the app goes on and says what is not there."""
    told = False
    while not app.ended and not ending.asked:
        for child in children:
            child.pass_on()
        if launcher is not None and launcher.ended and not told:
            told = True
            launcher.pass_on()
            print(
                f"The servers' launcher ended (exit {launcher.process.exit_status()}); the app goes on without it.",
                file=sys.stderr,
            )
        time.sleep(LOOK_EVERY_S)
    if ending.asked:
        return _stopping()
    status = app.process.exit_status() or 0
    print(f"error: the app ended by itself (status {status}). See {APP_OUTPUT} and {log_path()}.", file=sys.stderr)
    return status if status > 0 else 1


def _stopping() -> int:
    print("\nStopping ...", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
