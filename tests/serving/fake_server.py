"""A stand-in for vLLM in the tests of supervision: its log lines, a worker of its own, /health and /v1/models, and ways to die.

    python fake_server.py --port N [--behave KIND] [--load-s S]

Behaviours: serve; oom, refused (die while loading with vLLM's words); engine-dies (serve, then end with status 0 on POST /die);
slow (load for ten minutes); stubborn (ignore SIGTERM); flaky FILE (die once, serve the next time).
Uses nothing of app: it shares only the log's words and the wire.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOADING = [
    "INFO api_utils.py:286] non-default args: {...}",
    "INFO model.py:733] Resolved architecture: Qwen3ForCausalLM",
    "INFO cpu_model_runner.py:68] Starting to load model ...",
    "Loading safetensors checkpoint shards:  40% Completed | 2/5",
    "INFO default_loader.py:502] Loading weights took 1.20 seconds",
]
OOM = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
TOO_LONG = (
    "ValueError: To serve at least one request with the model's max seq len (131072), (18.0 GiB KV cache is needed, "
    "which is larger than the available KV cache memory (9.1 GiB). Based on the available memory, the estimated maximum "
    "model length is 66240."
)


class Handler(BaseHTTPRequestHandler):
    model = ""
    owner = "vllm"

    def do_GET(self):
        answer = {
            "/health": {},
            "/v1/models": {"data": [{"id": self.model, "owned_by": self.owner, "max_model_len": 4096}]},
        }
        found = self.path in answer
        body = json.dumps(answer.get(self.path, {})).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        os._exit(0)  # vLLM's parent ends with 0 when its engine died

    def log_message(self, *_):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", default="fake")
    parser.add_argument("--owner", default="vllm")
    parser.add_argument("--behave", default="serve")
    parser.add_argument("--load-s", type=float, default=0.0)
    parser.add_argument("--once", type=Path, help="with flaky: dies only when this file is not there yet")
    options = parser.parse_args()
    subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"]
    )  # the worker: same session, same environment
    if options.behave == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    for line in LOADING:
        print(line, flush=True)
        time.sleep(options.load_s / len(LOADING))
    if options.behave == "slow":
        time.sleep(600)
    if options.behave in ("oom", "refused"):
        print(OOM if options.behave == "oom" else TOO_LONG, flush=True)
        sys.exit(1)
    if options.behave == "flaky" and not options.once.exists():
        options.once.touch()
        print("EngineCore encountered a fatal error.", flush=True)
        sys.exit(1)
    Handler.model, Handler.owner = options.model, options.owner
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    print("INFO:     Application startup complete.", flush=True)
    server.serve_forever()


main()
