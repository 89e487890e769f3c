"""A real nginx before servers of a test's own, gone when the block ends. Skips, and says how to install it, where there is none."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
READY_WITHIN_S = 30
_FRAME = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 128; }}
http {{
  access_log off; client_max_body_size 70m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {http}
}}
"""


def needs_nginx() -> None:
    if not os.access(NGINX, os.X_OK):
        pytest.skip("needs nginx (apt-get install nginx-light)")


@contextlib.contextmanager
def nginx(folder: Path, http: str, ready_url: str) -> Iterator[None]:
    """With `http` as the inside of its http block; ready when `ready_url` answers 200."""
    needs_nginx()
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_FRAME.format(folder=folder, http=http, user=user))
    with (folder / "nginx.log").open("w") as log:
        proxy = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)], stdout=log, stderr=log)
        try:
            _wait_for(ready_url, proxy, folder)
            yield
        finally:
            proxy.terminate()
            proxy.wait(10)


def _wait_for(url: str, proxy: subprocess.Popen, folder: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (OSError, urllib.error.HTTPError):
            assert proxy.poll() is None, (folder / "nginx.log").read_text()
            time.sleep(0.1)
    raise AssertionError("nginx did not answer")
