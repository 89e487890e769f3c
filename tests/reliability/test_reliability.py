"""The short form of the scripts beside this file: a few questions, a few kills. The long form is for people and for CI."""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.reliability.kills import interrupt_start, kill_app, kill_start
from tests.reliability.load import ask_many
from tests.reliability.started import ROOT, start_all, start_app
from tests.reliability.tab import Tab, TabError


def test_no_answer_is_lost_by_two_workers(tmp_path):
    started = start_app(tmp_path, GLYPH_SIMULATOR_SPEEDUP="1000")
    try:
        assert started.ready()
        tally = ask_many(started.url, questions=24, workers=2)
    finally:
        left = started.end()
    assert tally.faults == []
    assert tally.answered == 24
    assert left == []


@pytest.mark.parametrize("after_s", [0.0, 0.4])
def test_a_killed_app_leaves_no_simulator(tmp_path, after_s):
    assert kill_app(tmp_path, after_s).left == 0


@pytest.mark.parametrize("after_s", [1.0, 3.0])
def test_a_killed_start_leaves_nothing(tmp_path, after_s):
    assert kill_start(tmp_path, after_s).left == 0


@pytest.mark.parametrize("after_s", [0.15, 0.6, 1.2, 2.5])
def test_ctrl_c_leaves_nothing_and_prints_no_traceback(tmp_path, after_s):
    trial = interrupt_start(tmp_path, after_s)
    assert trial.left == 0
    assert not trial.traceback


def test_ctrl_c_does_not_wait_for_an_answer_that_takes_minutes(tmp_path):
    def ask_and_be_cut_off(tab):
        with contextlib.suppress(TabError):
            tab.ask("Who is it about?")

    started = start_app(tmp_path, GLYPH_SIMULATOR_SPEEDUP="0.01")
    try:
        assert started.ready()
        with Tab(started.url) as tab:
            tab.click("Open the sample story")
            asking = threading.Thread(target=ask_and_be_cut_off, args=(tab,), daemon=True)
            asking.start()
            asking.join(5)
            assert asking.is_alive()  # the stream is open
            started.process.send_signal(signal.SIGINT)
            assert started.process.wait(60) is not None
    finally:
        left = started.end()
    assert left == []


def test_the_reason_of_a_launcher_that_ends_at_once_reaches_terminal_and_servers_page(tmp_path):
    settings = {name: "" for name in ("GLYPH_TEXT_URL", "GLYPH_PAGES_URL", "GLYPH_SIMULATOR")}
    started = start_all(tmp_path, "--profile", "remote", **settings)
    try:
        assert started.ready()
        with Tab(started.url, page="servers") as tab:
            for _ in range(100):
                words = " ".join(one.body for one in tab.page.of("markdown")).replace("\\", "")  # escaped for Markdown
                if "no address is given" in words:
                    break
                tab.rerun()
        assert "The servers' launcher has ended" in words
        assert "Set GLYPH_TEXT_URL" in words
    finally:
        left = started.end()
    assert left == []
    assert "text: no address is given" in started.output.read_text()


def test_everything_it_writes_is_its_owners_only(tmp_path):
    started = start_all(tmp_path, "--profile", "simulator")
    try:
        assert started.ready()
        folders = [path for path in (tmp_path / "data").iterdir() if path.is_dir()]
        assert folders
        assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folders} == dict.fromkeys(
            (path.name for path in folders), 0o700
        )
    finally:
        started.end()


@pytest.mark.parametrize(
    ("port", "said"), [("99999", "--port 99999 must lie between 1 and 65535"), ("-3", "--port -3 must lie")]
)
def test_a_port_that_cannot_be_is_refused_in_words(port, said):
    command = [sys.executable, str(ROOT / "scripts" / "start.py"), "--port", port, "--no-browser"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_port_0_takes_a_free_one_and_tells_it(tmp_path):
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "start.py"), "--port", "0", "--no-browser", "--profile", "simulator"],
        env={**os.environ, "GLYPH_DATA": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        line = next(line for line in process.stdout if "is ready" in line)
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(60) == 0
    assert not line.rstrip().endswith(":0")


def websocket_status(port: int, host: str) -> str:
    """What the server answers to a page of `host` that wants the WebSocket."""
    asked = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(asked.encode())
        return connection.recv(200).split(b" ")[1].decode()


def test_a_foreign_host_gets_no_websocket_unless_it_is_named(tmp_path):
    started = start_app(tmp_path)
    try:
        assert started.ready()
        port = int(started.url.rpartition(":")[2])
        assert websocket_status(port, f"rebound.example:{port}") == "403"
        assert websocket_status(port, f"127.0.0.1:{port}") == "101"
        assert websocket_status(port, f"localhost:{port}") == "101"
    finally:
        started.end()
    published = start_app(tmp_path, STREAMLIT_SERVER_ALLOWED_HOSTS="127.0.0.1 books.example")
    try:
        assert published.ready()
        assert websocket_status(int(published.url.rpartition(":")[2]), "books.example") == "101"
    finally:
        published.end()


def test_an_exception_in_a_page_is_in_the_log_file_with_its_traceback(tmp_path):
    """In a process of its own: Streamlit's settings are read from beside main.py, rich is installed with it."""
    script = (
        "from streamlit import config\n"
        "config.get_config_options(force_reparse=True, options_from_flags={})\n"
        "from streamlit.error_util import handle_uncaught_app_exception\n"
        "from app.logbook import keep_log, log_path\n"
        "keep_log()\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    handle_uncaught_app_exception(error)\n"
        "print(log_path())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "GLYPH_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=ROOT / "app",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "ZeroDivisionError" in Path(told.stdout.strip()).read_text(), told.stderr
