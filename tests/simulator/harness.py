"""Real servers on free ports, in processes of their own, what they are asked, and page files with a manifest."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
TEXT_MODEL, PAGES_MODEL = "Qwen/Qwen3-8B", "zai-org/Glyph"


@dataclass
class Server:
    url: str
    model: str
    process: subprocess.Popen

    def post(self, path: str, body: Any = None, **kwargs: Any) -> httpx.Response:
        return httpx.post(self.url + path, json=body, timeout=30, **kwargs)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30)

    def body(self, content: Any, **more: Any) -> dict[str, Any]:
        messages = content if isinstance(content, list) and content and "role" in content[0] else None
        return {"model": self.model, "messages": messages or [{"role": "user", "content": content}], **more}

    def chat(self, content: Any, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return self.post("/v1/chat/completions", self.body(content, **more), headers=headers)

    def stream(self, content: Any, headers: dict[str, str] | None = None, **more: Any) -> Streamed:
        options = {"stream": True, "stream_options": {"include_usage": True}, **more}
        body = self.body(content, **options)
        with httpx.stream(
            "POST", self.url + "/v1/chat/completions", json=body, headers=headers, timeout=30
        ) as response:
            assert response.status_code == 200, response.read()
            return Streamed(response.headers["content-type"], b"".join(response.iter_raw()))

    def metric(self, name: str) -> float:
        lines = [line for line in self.get("/metrics").text.splitlines() if line.startswith(name + "{")]
        assert lines, name
        return float(lines[0].rsplit(" ", 1)[1])


@dataclass
class Streamed:
    content_type: str
    raw: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        found = [line[6:] for line in self.raw.decode().split("\n") if line.startswith("data: ")]
        assert found[-1] == "[DONE]"
        return [json.loads(data) for data in found[:-1]]

    def joined(self, field: str) -> str:
        deltas = [choice["delta"] for event in self.events for choice in event.get("choices", [])]
        return "".join(delta.get(field) or "" for delta in deltas)


def start(*arguments: str) -> Server:
    # Their pictures are blank: what stands on them only their manifest says.
    command = [sys.executable, str(ROOT / "scripts" / "simulate.py"), "--port", "0", "--reader", "manifest", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready "), line
    return Server(line.split()[1], TEXT_MODEL if "text" in arguments else PAGES_MODEL, process)


def png(shade: int, width_px: int = 590, height_px: int = 842) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width_px, height_px), (shade % 256, shade // 256, 7)).save(buffer, "PNG")
    return buffer.getvalue()


def data_url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def image(url: str | None, uuid: str | None = None) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "image_url", "image_url": {"url": url} if url else None}
    return {**part, "uuid": uuid} if uuid else part


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def write_pages(folder: Path, texts: list[str], first_shade: int = 0) -> list[Path]:
    """Page files of 590 x 842 px (630 visual tokens) and their manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    entries, files, at = [], [], 0
    for number, words in enumerate(texts, start=1):
        data = png(first_shade + number)
        file = folder / f"page_{number:03}.png"
        file.write_bytes(data)
        files.append(file)
        entries.append(
            {
                "file": file.name,
                "width_px": 590,
                "height_px": 842,
                "visual_tokens": 630,
                "png_sha256": hashlib.sha256(data).hexdigest(),
                "text_span": [at, at + len(words)],
                "text": words,
            }
        )
        at += len(words)
    manifest = {"version": 1, "source": {"title": "Test", "characters": at}, "pages": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return files
