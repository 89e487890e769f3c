"""scripts/simulate.py as a process: its one line, its two servers, and its end however that comes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from app.serving.ports import free_port

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "simulate.py"


def run(*arguments: str, **kwargs) -> subprocess.CompletedProcess:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **kwargs)


def gone(pid: int, within_s: float) -> bool:
    """Whether the process has ended (a zombie has) within the time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def simulate():
    started: list[subprocess.Popen] = []

    def begin(
        *arguments: str, ready: int = 1, started_by: tuple[str, ...] = (str(SCRIPT),), **kwargs
    ) -> tuple[subprocess.Popen, list[str]]:
        command = [sys.executable, *started_by, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kwargs)
        started.append(process)
        lines = [process.stdout.readline() for _ in range(ready)]
        assert all(line.startswith("ready http://127.0.0.1:") for line in lines), lines
        return process, [line.split()[1] for line in lines]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=5)


def open_stream(url: str, client: httpx.Client):
    body = {"messages": [{"role": "user", "content": "Hm?"}], "stream": True}
    headers = {"x-simulate-failure": "stall-mid:5"}
    response = client.send(
        client.build_request("POST", url + "/v1/chat/completions", json=body, headers=headers), stream=True
    )
    next(response.iter_raw())
    return response


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.timed
def test_it_stops_within_two_seconds_with_a_stream_open(simulate, number):
    process, (url,) = simulate("--role", "text", "--port", "0", "--speedup", "100")
    with httpx.Client(timeout=10) as client:
        open_stream(url, client)
        process.send_signal(number)
        started = time.monotonic()
        assert process.wait(5) == 0
        assert time.monotonic() - started < 3  # 2 s at most, and what a busy machine adds
    assert process.stderr.read() == ""


def test_both_roles_start_and_stop_together(simulate):
    ports = free_port(), free_port()
    arguments = ("--role", "both", "--port", str(ports[0]), "--pages-port", str(ports[1]))
    process, urls = simulate(*arguments, ready=2)
    models = {httpx.get(f"{url}/v1/models").json()["data"][0]["id"] for url in urls}
    assert models == {"Qwen/Qwen3-8B", "zai-org/Glyph"}
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.terminate()
    assert process.wait(30) == 0
    assert gone(int(child), within_s=30)  # by its number: its port may be somebody else's by now


def test_the_pages_server_goes_when_the_text_server_is_killed(simulate):
    ports = free_port(), free_port()
    arguments = ("--role", "both", "--port", str(ports[0]), "--pages-port", str(ports[1]))
    process, _ = simulate(*arguments, ready=2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 1
    process.kill()
    assert gone(int(children[0]), within_s=3)


_HURRIED = """
import sys
from app.simulator import serve
from scripts import simulate
serve._HARD_END_SECONDS = 0
sys.exit(simulate.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("started_by", [(str(SCRIPT),), ("-c", _HURRIED)], ids=["in time", "by the watchdog"])
def test_it_says_so_when_one_of_the_two_ends_by_itself(simulate, started_by):
    ports = free_port(), free_port()
    arguments = ("--role", "both", "--port", str(ports[0]), "--pages-port", str(ports[1]))
    process, _ = simulate(*arguments, ready=2, started_by=started_by, cwd=SCRIPT.parent.parent)
    child = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
    os.kill(int(child), signal.SIGKILL)
    assert process.wait(30) == 1
    assert "the pages server ended" in process.stderr.read()


def test_it_ends_with_its_parent_when_asked_to(tmp_path):
    note = tmp_path / "started.json"
    starter = (
        "import json, os, subprocess, sys\n"
        f"p = subprocess.Popen([sys.executable, {str(SCRIPT)!r}, '--role', 'text', '--port', '0', '--exit-with-parent', str(os.getpid())],"
        " stdout=subprocess.PIPE, text=True)\n"
        "p.stdout.readline()\n"
        f"open({str(note)!r}, 'w').write(json.dumps(p.pid))\n"
    )
    subprocess.run([sys.executable, "-c", starter], timeout=30, check=True)
    assert gone(json.loads(note.read_text()), within_s=3)


def test_one_whose_starter_is_gone_already_does_not_begin():
    ended = run("--role", "text", "--port", "0", "--exit-with-parent", "4194305")  # above Linux's largest number
    assert ended.returncode == 1
    assert "process 4194305, for which it was started, is gone" in ended.stderr
    assert ended.stdout == ""


def test_it_ends_when_its_starter_dies_while_it_still_imports(tmp_path):
    note = tmp_path / "started.txt"
    starter = (
        "import os, subprocess, sys\n"
        f"p = subprocess.Popen([sys.executable, {str(SCRIPT)!r}, '--role', 'text', '--port', '0',"
        " '--exit-with-parent', str(os.getpid())], stdout=subprocess.DEVNULL, start_new_session=True)\n"
        f"open({str(note)!r}, 'w').write(str(p.pid))\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", starter], timeout=30, check=True)
    assert gone(int(note.read_text()), within_s=10)


@pytest.mark.timed
def test_it_answers_within_a_few_seconds_of_its_start(simulate):
    started = time.monotonic()
    _, (url,) = simulate("--role", "text", "--port", "0")
    assert httpx.get(url + "/health").status_code == 200
    assert time.monotonic() - started < 5  # about one second on an idle machine


def test_it_runs_from_any_directory(simulate, tmp_path):
    simulate("--role", "pages", "--port", "0", cwd=tmp_path)


def test_a_taken_port_is_told_at_once():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        ended = run("--role", "text", "--port", port)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--role", "text", "--port", "0", "--speedup", "0"), "--speedup 0.0 must be a number above 0"),
        (("--role", "text", "--port", "0", "--speedup", "inf"), "--speedup inf must be a number above 0"),
        (("--role", "text", "--port", "0", "--keep-alive", "nan"), "--keep-alive nan must be a number"),
        (("--role", "text", "--port", "0", "--fail", "explode"), "'explode' is no failure to simulate"),
        (("--role", "both", "--port", "0"), "--role both needs --pages-port"),
        (("--role", "text", "--port", "70000"), "--port 70000"),
        (("--role", "both", "--port", "0", "--pages-port", "70000"), "--pages-port 70000"),
    ],
)
def test_a_wrong_option_is_told_in_words(arguments, words):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_documents_every_failure():
    shown = run("--help").stdout
    for kind in (
        "error-STATUS",
        "refuse",
        "stall:SECONDS",
        "stall-mid:N",
        "disconnect:N",
        "engine-crash:N",
        "slow-headers",
    ):
        assert kind in shown


@pytest.mark.timed
def test_it_stops_while_it_tokenises_a_huge_text(simulate):
    process, (url,) = simulate("--role", "text", "--port", "0")
    body = json.dumps({"prompt": "The river rose and fell again. " * 1_500_000}).encode()
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as client:
        client.sendall(
            b"POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n"
        )
        client.sendall(body)
        time.sleep(1)
        process.terminate()
        started = time.monotonic()
        assert process.wait(6) == 0
        assert time.monotonic() - started < 4


BUSY = """
import asyncio, hashlib, sys
sys.path.insert(0, {root!r})
from app.simulator import serve as simulator
from app.simulator.settings import SimulatorSettings

def ready():
    asyncio.get_running_loop().call_later(0.1, be_busy)

def be_busy():
    print("busy", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2_000_000_000)  # an hour of compiled code in the main thread

simulator.serve(SimulatorSettings(role="text", port=0), simulator.listen("127.0.0.1", 0), ready)
"""


def test_it_ends_although_its_main_thread_is_busy_in_compiled_code():
    command = [sys.executable, "-c", BUSY.format(root=str(SCRIPT.parents[1]))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "busy\n"
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
