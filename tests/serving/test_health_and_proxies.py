"""Servers on this machine are asked directly, whatever proxies the user's environment names."""

import json
import os
import subprocess
import sys

from app.paths import ROOT
from app.serving import start_simulator
from app.serving.commands import Places

ASK = """
import sys
from app.serving import check_health, served_models
print(check_health(sys.argv[1]).value, [model.name for model in served_models(sys.argv[1])])
"""
NOBODY = "http://127.0.0.1:9"  # the discard port: whatever is sent there is refused


def test_a_local_server_is_asked_past_the_users_proxy(tmp_path):
    environment = {**os.environ, "http_proxy": NOBODY, "https_proxy": NOBODY, "all_proxy": NOBODY}
    environment.pop("no_proxy", None)
    environment.pop("NO_PROXY", None)
    with start_simulator(places=Places(data=tmp_path, pages=tmp_path / "pages")) as handle:
        for server in handle.servers:
            told = subprocess.run(
                [sys.executable, "-c", ASK, server.url],
                env=environment,
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert told.stdout.strip() == f"up {json.dumps([server.model])}".replace('"', "'"), told.stderr
