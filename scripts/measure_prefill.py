#!/usr/bin/env python3
"""Measure prefill of the real shapes with random bf16 weights: Qwen3-8B over text, Glyph over pages of the same text.

Needs PyTorch and transformers only: no model is downloaded, no server started. In: text lengths in tokens. Out: a
Markdown table for people, with the device named, and one JSON object as the last line. Speed does not depend on what
the weights are, so random ones tell the truth about time and nothing about quality. Not in it: tokenising, decoding
images, a serving engine's batching and paging, the network. The paper's speedups and our projection stand beside.

    python scripts/measure_prefill.py                        4K to 128K tokens; one GPU of 80 GB or more
    python scripts/measure_prefill.py --lengths 4096,8192    a part of it
    python scripts/measure_prefill.py --tiny                 toy shapes, runs on a CPU in seconds: proves the script
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.projection import PUBLISHED_SPEEDUPS
from scripts.option_types import above_zero, positive, token_counts

LENGTHS = (4096, 8192, 16384, 32768, 65536, 131072)
PUBLISHED_PREFILL = {point.text_tokens: point.prefill for point in PUBLISHED_SPEEDUPS}
PAGE_GRID = (30, 21)  # tokens down and across: a page of 590x842 pixels
MERGE = 2
PATCH_VALUES = 3 * 2 * 14 * 14
BEGIN_AND_END_OF_IMAGE = 2
PAGES_A_BATCH = 16  # as a serving engine encodes them: a bounded number at once


@dataclass(frozen=True, slots=True)
class Row:
    """One text length. Seconds are medians; None: it did not fit in memory."""

    text_tokens: int
    pages: int
    page_tokens: int
    qwen_text_s: float | None
    glm_text_s: float | None  # Glyph's own backbone over the text: what the paper compares with
    vision_s: float | None
    glm_pages_s: float | None

    @property
    def glyph_s(self) -> float | None:
        return None if self.vision_s is None or self.glm_pages_s is None else self.vision_s + self.glm_pages_s

    def speedup_over(self, seconds: float | None) -> float | None:
        return None if seconds is None or not self.glyph_s else seconds / self.glyph_s


@dataclass(frozen=True, slots=True)
class Models:
    """Built one at a time by the caller: two of them do not fit on a small GPU together with a long cache."""

    qwen: Callable[[], Any]  # transformers' models, which this environment need not have
    glyph: Callable[[], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if lacking := [name for name in ("torch", "transformers") if find_spec(name) is None]:
        here = f"measure_prefill: this Python has no {' and no '.join(lacking)}"
        print(f"{here}; give the command in an environment that has both, as the one of vLLM.", file=sys.stderr)
        return 2
    import torch

    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if device.type == "cpu" and not options.tiny:
        print("No GPU was found: the real shapes would take hours here. Use --tiny to try the script.", file=sys.stderr)
        return 3
    models = tiny_models(device) if options.tiny else real_models(device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"Measuring on {name}, torch {torch.__version__}, {options.repeats} repeats ...", file=sys.stderr, flush=True)
    rows = measure(models, options.lengths, options.compression, options.repeats, device)
    print(table(rows, name, torch.__version__, options))
    print(
        json.dumps(
            {
                "device": name,
                "torch": torch.__version__,
                "compression": options.compression,
                "tiny": options.tiny,
                "rows": [asdict(row) for row in rows],
            }
        )
    )
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lengths", type=token_counts, metavar="N,N", help="text tokens; 4K is 4,096")
    parser.add_argument("--compression", type=above_zero, default=3.0, help="text tokens a visual token (default 3)")
    parser.add_argument("--repeats", type=positive, default=3)
    parser.add_argument("--device", help="cuda, cuda:1 or cpu; default: what is there")
    parser.add_argument("--tiny", action="store_true", help="toy shapes that a CPU measures in seconds")
    options = parser.parse_args(arguments)
    options.lengths = options.lengths or ((256, 1024) if options.tiny else LENGTHS)
    return options


# --- models ----------------------------------------------------------------------------------------------------------


def real_models(device) -> Models:
    """Qwen3-8B's config.json; GLM-4.1V-9B from transformers' own defaults, which are that model's."""
    from transformers import Glm4vConfig, Qwen3Config

    qwen = Qwen3Config(
        vocab_size=151936,
        hidden_size=4096,
        intermediate_size=12288,
        num_hidden_layers=36,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=128,
        max_position_embeddings=131072,
    )
    glyph = Glm4vConfig(text_config=glm_text({"max_position_embeddings": 131072}, [8, 12, 12]))
    return builders(qwen, glyph, device)


def tiny_models(device) -> Models:
    from transformers import Glm4vConfig, Qwen3Config

    small = {
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "vocab_size": 1000,
    }
    vision = {"depth": 2, "hidden_size": 128, "num_heads": 4, "out_hidden_size": 128, "intermediate_size": 256}
    glyph = Glm4vConfig(text_config=glm_text(small, [2, 3, 3]), vision_config=vision)
    return builders(Qwen3Config(**small), glyph, device)


def glm_text(sizes: dict, mrope_section: list[int]) -> dict:
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": mrope_section, "partial_rotary_factor": 0.5}
    return {**sizes, "rope_parameters": rope}


def builders(qwen_config, glyph_config, device) -> Models:
    from transformers import Glm4vModel, Qwen3Model

    return Models(lambda: build(Qwen3Model, qwen_config, device), lambda: build(Glm4vModel, glyph_config, device))


def build(kind, config, device):
    """Random weights, made where they are used. The language head is left out: it runs for one token of a prompt."""
    import torch

    config._attn_implementation = "sdpa"
    previous = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            return kind(config).eval()
    finally:
        torch.set_default_dtype(previous)


# --- measuring -------------------------------------------------------------------------------------------------------


def measure(models: Models, lengths: Sequence[int], compression: float, repeats: int, device) -> list[Row]:
    qwen_s = text_seconds(models.qwen(), lengths, repeats, device)
    release(device)  # two models and a long cache do not fit together on 80 GB
    glyph = models.glyph()
    rows = []
    for tokens, qwen_seconds in zip(lengths, qwen_s, strict=True):
        pages = max(1, round(tokens / compression / math.prod(PAGE_GRID)))
        page_tokens = pages * (math.prod(PAGE_GRID) + BEGIN_AND_END_OF_IMAGE)
        row = Row(
            tokens,
            pages,
            page_tokens,
            qwen_seconds,
            timed(partial(prefill, glyph.language_model, tokens, device), repeats, device),
            timed(partial(encode_pages, glyph.visual, pages, device), repeats, device),
            timed(partial(prefill, glyph.language_model, page_tokens, device), repeats, device),
        )
        rows.append(row)
        print(f"  {tokens:>7,} tokens: {row}", file=sys.stderr, flush=True)
    return rows


def text_seconds(model, lengths: Sequence[int], repeats: int, device) -> list[float | None]:
    return [timed(partial(prefill, model, n, device), repeats, device) for n in lengths]


def prefill(model, tokens: int, device) -> None:
    """One pass over the whole prompt, its keys and values kept as for the first answer token."""
    import torch

    hidden = model.config.get_text_config().hidden_size
    embeddings = torch.randn(1, tokens, hidden, device=device, dtype=torch.bfloat16) * 0.02
    model(inputs_embeds=embeddings, use_cache=True)


def encode_pages(vision, pages: int, device) -> None:
    """Patches of whole pages through the vision transformer, a bounded number of pages at once."""
    import torch

    down, across = PAGE_GRID[0] * MERGE, PAGE_GRID[1] * MERGE
    for first in range(0, pages, PAGES_A_BATCH):
        count = min(PAGES_A_BATCH, pages - first)
        patches = torch.randn(count * down * across, PATCH_VALUES, device=device, dtype=torch.bfloat16)
        vision(patches, grid_thw=torch.tensor([[1, down, across]] * count, device=device))


def timed(action: Callable[[], None], repeats: int, device) -> float | None:
    """The median after one run to warm up; None when memory runs out."""
    import torch

    seconds = []
    try:
        with torch.inference_mode():
            for _ in range(repeats + 1):
                synchronize(device)
                began = time.perf_counter()
                action()
                synchronize(device)
                seconds.append(time.perf_counter() - began)
    except torch.OutOfMemoryError:
        return None
    finally:
        release(device)
    return statistics.median(seconds[1:])


def synchronize(device) -> None:
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)


def release(device) -> None:
    import torch

    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


# --- telling ---------------------------------------------------------------------------------------------------------


def table(rows: Sequence[Row], device: str, torch_version: str, options: argparse.Namespace) -> str:
    shapes = "toy shapes (they prove the script, nothing else)" if options.tiny else "real shapes, random bf16 weights"
    lines = [
        f"Prefill on {device}, torch {torch_version}, {shapes}; pages of 630 tokens at compression "
        f"{options.compression:g}; medians of {options.repeats}, one request alone, SDPA attention.",
        "",
        "| text tokens | pages | page tokens | Qwen3-8B text | GLM backbone text | Glyph: vision + prefill "
        "| over Qwen3-8B | over GLM backbone | paper | projection |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        glyph = "out of memory" if row.glyph_s is None else f"{row.vision_s:.3f} + {row.glm_pages_s:.3f} s"
        cells = [
            f"{row.text_tokens:,}",
            f"{row.pages}",
            f"{row.page_tokens:,}",
            seconds(row.qwen_text_s),
            seconds(row.glm_text_s),
            glyph,
            times(row.speedup_over(row.qwen_text_s)),
            times(row.speedup_over(row.glm_text_s)),
            times(PUBLISHED_PREFILL.get(row.text_tokens)),
            times(None if options.tiny else projected_speedup(row, device)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def seconds(value: float | None) -> str:
    return "out of memory" if value is None else f"{value:.3f} s"


def times(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} x"


def projected_speedup(row: Row, device: str) -> float | None:
    """Our roofline's speedup over the GLM backbone; None for a GPU it does not know."""
    from app.projection import GLYPH, GPUS, prefill_speedup

    known = next((gpu for gpu in GPUS.values() if gpu_word(gpu.name) in device.upper()), None)
    if known is None:
        return None
    patches = math.prod(PAGE_GRID) * MERGE * MERGE
    return prefill_speedup(row.text_tokens, [patches] * row.pages, text_shape=GLYPH, gpu=known)


def gpu_word(name: str) -> str:
    """The word of a card's name that tells it apart: "H100" of "NVIDIA H100 SXM 80 GB"."""
    return next((word for word in name.upper().split() if any(c.isdigit() for c in word)), name.upper())


if __name__ == "__main__":
    sys.exit(main())
