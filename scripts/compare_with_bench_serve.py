#!/usr/bin/env python3
"""Hold our times to first token against those that `vllm bench serve` measures of the same requests on the same servers.

    python scripts/compare_with_bench_serve.py --text-url http://127.0.0.1:8001 --pages-url http://127.0.0.1:8002

Every request is of another part of a synthetic novel, so that no cache knows it; one at a time, caches emptied before each of
ours and before the other's run. Half of ours come before theirs and half after, so that a machine that grows busy shows in our
spread. `vllm bench serve` stamps the first chunk with a choice, we the first token; a server that sends the two together gives
both the same instant. The servers must send no keep-alive lines (--sse-keep-alive-interval): `vllm bench serve` 0.32 takes the
first tokens behind one for part of it, and loses the request; so would a comparison of the rest lose the slow ones. Real vLLM only: a simulator answers too, but then the table says so.

Out: a table for people, and one JSON object as the last line. Exit status: 0 where the middle halves of both (quartile to
quartile) overlap everywhere, 1 where they do not, 2 refused, 3 the other measurer did not run.
"""

from __future__ import annotations

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.books.samples import synthetic_novel
from app.clients import ClientError, Endpoint, ImageLedger, PageFile, PagesPrompt, Prompt, Role, TextPrompt, make_cold
from app.outbound import login_in
from app.pagefiles.writer import write_pages
from app.paths import CONFIGS, VLLM_VENV
from app.sweep import Spread, looked_at, spread
from app.sweep.asking import ask_cold
from app.sweep.excerpts import excerpts
from renderer import RenderConfig
from scripts.option_types import positive

QUESTION = "Retell all of this from the beginning, scene by scene."
ANSWER_TOKENS = 16
WITHIN_S = 900


class NotRun(Exception):
    """The other measurer gave no figures; the message says why."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One side at one length. Milliseconds to the first token."""

    side: str
    text_tokens: int
    ours: Spread
    theirs: Spread

    @property
    def agrees(self) -> bool:
        """Whether the middle halves overlap: each measurer's typical figure is one that the other saw too."""
        return self.ours.q1 <= self.theirs.q3 and self.theirs.q1 <= self.ours.q3

    @property
    def ratio(self) -> float:
        return self.theirs.median / self.ours.median


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: the length it was cut to, and what is asked."""

    length: int
    prompt: Prompt


def compare_side(endpoint: Endpoint, lengths: Sequence[int], repeats: int, vllm: Path, folder: Path) -> list[Compared]:
    """Raises ClientError, NotRun."""
    endpoint = replace(endpoint, media_path=None)  # both send the pages' bytes
    asks = _asks(endpoint.role, lengths, 2 * repeats, folder)
    cancel = threading.Event()
    ask_cold(endpoint, asks[-1].prompt, 4, cancel)  # connections, kernels and allocators that grow on first use
    half = len(asks) // 2
    ours = [(ask.length, _ours(endpoint, ask, cancel)) for ask in asks[:half]]
    theirs = _theirs(endpoint, asks, vllm, folder)
    ours += [(ask.length, _ours(endpoint, ask, cancel)) for ask in asks[half:]]
    return [_compared(endpoint.role, length, ours, theirs) for length in lengths]


def _ours(endpoint: Endpoint, ask: Ask, cancel: threading.Event) -> float:
    found = ask_cold(endpoint, ask.prompt, ANSWER_TOKENS, cancel).latencies.ttft_ms
    if found is None:
        raise NotRun(f"{endpoint.name} does not stream, so no first token can be timed.")
    return found


def _theirs(endpoint: Endpoint, asks: Sequence[Ask], vllm: Path, folder: Path) -> list[tuple[int, float]]:
    """One run of `vllm bench serve`, a request after the other, each timed by itself."""
    if login_in(endpoint.base_url) is not None:
        raise NotRun(
            f"The address of {endpoint.name} has a user and password, which no other program's command line may show."
        )
    requests = folder / f"{endpoint.role}.jsonl"
    requests.write_text("\n".join(json.dumps({"content": _parts(ask.prompt)}) for ask in asks), encoding="utf-8")
    cold = make_cold(endpoint, ImageLedger())
    extra: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": False}}
    if cold.salt is not None:
        extra["cache_salt"] = cold.salt
    options = {
        "--backend": "openai-chat",
        "--endpoint": "/v1/chat/completions",
        "--base-url": endpoint.base_url,
        "--model": endpoint.model,
        "--dataset-name": "custom_image",
        "--dataset-path": str(requests),
        "--custom-output-len": str(ANSWER_TOKENS),
        "--num-prompts": str(len(asks)),
        "--max-concurrency": "1",
        "--ready-check-timeout-sec": "0",
        "--temperature": "0",
        "--extra-body": json.dumps(extra),
        "--result-dir": str(folder),
        "--result-filename": f"{endpoint.role}.result.json",
    }
    flags = [
        "--skip-tokenizer-init",
        "--enable-multimodal-chat",
        "--disable-shuffle",
        "--disable-tqdm",
        "--save-result",
    ]
    command = [str(vllm), "bench", "serve", *flags, "--save-detailed"]
    command += [part for pair in options.items() for part in pair]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRun(f"`vllm bench serve` could not be run: {error}") from error
    result = folder / f"{endpoint.role}.result.json"
    if done.returncode or not result.exists():
        raise NotRun(f"`vllm bench serve` ended with status {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    told = json.loads(result.read_text())
    failed = [words for words in told["errors"] if words]
    if failed or len(told["ttfts"]) != len(asks):
        hint = " Is the server started with --sse-keep-alive-interval? Then start it without." if failed else ""
        raise NotRun(
            f"`vllm bench serve` measured {told['completed']} of {len(asks)} requests: {(failed or [''])[0]}{hint}"
        )
    return [(ask.length, 1000 * seconds) for ask, seconds in zip(asks, told["ttfts"], strict=True)]


def _compared(
    role: Role, length: int, ours: Sequence[tuple[int, float]], theirs: Sequence[tuple[int, float]]
) -> Compared:
    mine = [ms for at, ms in ours if at == length]
    others = [ms for at, ms in theirs if at == length]
    one, other = spread(mine), spread(others)
    assert one is not None
    assert other is not None
    return Compared(role.value, length, one, other)


def _asks(role: Role, lengths: Sequence[int], repeats: int, folder: Path) -> list[Ask]:
    """Lengths by turns; every text begins at another place of the novel."""
    config = RenderConfig.load(CONFIGS / "en.json")
    longest = max(lengths)
    text = synthetic_novel(text_tokens=2 * longest + 40 * repeats * len(lengths) + 2_000, seed=0).book.text
    asks = []
    for number in range(repeats * len(lengths)):
        length = lengths[number % len(lengths)]
        part = excerpts(text[120 * number :], (length,))[length].text
        if role is Role.TEXT:
            asks.append(Ask(length, TextPrompt(part, QUESTION)))
            continue
        drawn = write_pages(part, "a novel", config, folder / f"pages-{number}")
        pages = tuple(PageFile(page.path, page.png_sha256, page.width_px, page.height_px) for page in drawn.pages)
        asks.append(Ask(length, PagesPrompt(pages, QUESTION)))
    return asks


def _parts(prompt: Prompt) -> list[dict[str, Any]]:
    """The user's message as we send it, without the ids that let a server keep pictures."""
    if isinstance(prompt, TextPrompt):
        return [{"type": "text", "text": f"{prompt.document}\n\n{prompt.question}"}]
    pictures = [
        {"type": "image_url", "image_url": "data:image/png;base64," + base64.b64encode(page.path.read_bytes()).decode()}
        for page in prompt.pages
    ]
    return [*pictures, {"type": "text", "text": prompt.question}]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    found: list[Compared] = []
    simulated = False
    try:
        with tempfile.TemporaryDirectory() as folder:
            for role, url in ((Role.TEXT, options.text_url), (Role.PAGES, options.pages_url)):
                if url is None:
                    continue
                server, trouble = looked_at(Endpoint(role, f"{role} server", url, ""))
                if trouble:
                    raise NotRun(f"The {role} server does not answer: {trouble}")
                simulated = simulated or server.endpoint.simulated
                found += compare_side(server.endpoint, options.lengths, options.repeats, options.vllm, Path(folder))
    except (NotRun, ClientError) as error:
        print(f"compare_with_bench_serve: {error}", file=sys.stderr)
        return 3
    if not found:
        print("compare_with_bench_serve: name a server with --text-url or --pages-url.", file=sys.stderr)
        return 2
    for line in table(found, "simulated" if simulated else "measured"):
        print(line)
    rows = [{**asdict(one), "ratio": one.ratio, "agrees": one.agrees} for one in found]
    print(json.dumps({"simulated": simulated, "rows": rows}))
    return 0 if all(one.agrees for one in found) else 1


def table(found: Sequence[Compared], word: str) -> list[str]:
    """Markdown, for people."""
    lines = [
        f"| side | text tokens | ours, {word}: median (quartiles) | `vllm bench serve`: median (quartiles) | theirs / ours |",
        "|---|---|---|---|---|",
    ]
    return lines + [
        f"| {one.side} | {one.text_tokens:,} | {one.ours.median:,.0f} ms ({one.ours.q1:,.0f} to {one.ours.q3:,.0f}) | "
        f"{one.theirs.median:,.0f} ms ({one.theirs.q1:,.0f} to {one.theirs.q3:,.0f}) | "
        f"{one.ratio:.2f}{'' if one.agrees else ', apart'} |"
        for one in found
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--text-url", help="server of the text side")
    parser.add_argument("--pages-url", help="server of the pages side")
    parser.add_argument(
        "--lengths",
        type=lambda words: tuple(int(one) for one in words.split(",")),
        default=(1024, 4096),
        metavar="N,N",
        help="text tokens (default 1024,4096)",
    )
    parser.add_argument("--repeats", type=positive, default=4, help="pairs of requests a length and side (default 4)")
    parser.add_argument(
        "--vllm", type=Path, default=VLLM_VENV / "bin" / "vllm", help="the vllm command (default: .venv-vllm's)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
