#!/usr/bin/env python3
"""Build two tiny random models of the real architectures, for tests against real vLLM without a GPU.

In: a folder (and the Qwen tokenizer's ranks, which the dashscope package carries). Out: DIR/tiny-qwen3 and
DIR/tiny-glm4v, each a config, a tokenizer and a chat template that vLLM serves with `--load-format dummy`:
there are no weights to store, vLLM makes random ones. Their answers are noise; their token counts, limits,
caches and errors are the real server's. Knows nothing of PyTorch or vLLM: everything written is JSON.

    python scripts/tiny_models.py --out .data/tiny-models
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

VERSION = 3  # raise when what is written changes, so that folders made by older versions are made again

# Ordinary tokens are 0..151642; Qwen's special tokens follow. GLM's image tokens get ids after Qwen's, since
# GLM's own ids (151339...) are ordinary words here.
SPECIAL_TOKENS = {
    "<|endoftext|>": 151643,
    "<|im_start|>": 151644,
    "<|im_end|>": 151645,
    "<|begin_of_image|>": 151646,
    "<|end_of_image|>": 151647,
    "<|image|>": 151648,
    "<|begin_of_video|>": 151649,
    "<|end_of_video|>": 151650,
    "<|video|>": 151651,
    "<think>": 151667,
    "</think>": 151668,
}
WORDS_OF_REASONING = ("<think>", "</think>")  # not "special": they must appear in the text for the reasoning parsers
VOCABULARY_SIZE = 151936

# Qwen's word splitting, as published with its tokenizer.
SPLIT_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

CHAT_TEMPLATE = """\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}
{{- message.content }}
{%- else %}
{%- for part in message.content %}
{%- if part.type in ('image', 'image_url') %}
{{- '<|begin_of_image|><|image|><|end_of_image|>' }}
{%- elif part.type == 'text' %}
{{- part.text }}
{%- endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}
{{- '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}
{%- endif %}
"""

QWEN3_CONFIG = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "vocab_size": VOCABULARY_SIZE,
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "hidden_act": "silu",
    "max_position_embeddings": 40960,
    "rms_norm_eps": 1e-6,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1000000},
    "tie_word_embeddings": True,
    "attention_bias": False,
    "use_cache": True,
    "dtype": "bfloat16",
    "bos_token_id": 151643,
    "eos_token_id": 151645,
    "initializer_range": 0.02,
}

# head_dim 32, half of it rotary: 8 pairs, shared among time, height and width as [2, 3, 3] (real: [8, 12, 12]).
GLM4V_CONFIG = {
    "architectures": ["Glm4vForConditionalGeneration"],
    "model_type": "glm4v",
    "dtype": "bfloat16",
    "image_start_token_id": 151646,
    "image_end_token_id": 151647,
    "image_token_id": 151648,
    "video_start_token_id": 151649,
    "video_end_token_id": 151650,
    "video_token_id": 151651,
    "tie_word_embeddings": False,
    "text_config": {
        "model_type": "glm4v_text",
        "vocab_size": VOCABULARY_SIZE,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "hidden_act": "silu",
        "max_position_embeddings": 65536,
        "rms_norm_eps": 1e-5,
        "attention_bias": True,
        "dtype": "bfloat16",
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10000.0,
            "mrope_section": [2, 3, 3],
            "partial_rotary_factor": 0.5,
        },
        "pad_token_id": 151643,
        "eos_token_id": 151645,
    },
    "vision_config": {
        "model_type": "glm4v_vision",
        "depth": 2,
        "hidden_size": 128,
        "num_heads": 4,
        "in_channels": 3,
        "image_size": 336,
        "patch_size": 14,
        "rms_norm_eps": 1e-5,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": 128,
        "intermediate_size": 256,
        "hidden_act": "silu",
        "attention_bias": False,
    },
}

# Same limits as GLM-4.1V's processor: they decide a page's token count.
PIXELS = {
    "size": {"shortest_edge": 12544, "longest_edge": 9633792},
    "do_rescale": True,
    "patch_size": 14,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "processor_class": "Glm4vProcessor",
}


def find_ranks() -> Path:
    """The Qwen ranks inside the dashscope package, found without importing it."""
    package = importlib.util.find_spec("dashscope")
    if package is None or package.origin is None:
        raise SystemExit(
            "The package dashscope (it carries qwen.tiktoken) is not installed: pip install -r requirements.txt"
        )
    return Path(package.origin).parent / "resources" / "qwen.tiktoken"


def read_ranks(path: Path) -> dict[bytes, int]:
    lines = (line.split() for line in path.read_bytes().splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def printable_bytes() -> list[str]:
    """The character that stands for each byte in a byte-level vocabulary (printable ones stand for themselves)."""
    kept = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    characters, spare = [], 256
    for byte in range(256):
        if byte in kept:
            characters.append(chr(byte))
        else:
            characters.append(chr(spare))
            spare += 1
    return characters


def merge_of(token: bytes, rank: int, ranks: dict[bytes, int]) -> tuple[bytes, bytes]:
    """The two parts whose merge gives `token`: run the merges that rank before it, and two parts are left."""
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        best, at = rank, -1
        for i in range(len(parts) - 1):
            pair_rank = ranks.get(parts[i] + parts[i + 1], rank)
            if pair_rank < best:
                best, at = pair_rank, i
        if at < 0:
            raise ValueError(f"token {token!r} (rank {rank}) cannot be reached by merges")
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts[0], parts[1]


def tokenizer_json(ranks: dict[bytes, int]) -> dict:
    """A `tokenizers` file equal to the ranks: same vocabulary and merges, Qwen's splitting, special tokens added."""
    characters = printable_bytes()

    def text(token: bytes) -> str:
        return "".join(characters[byte] for byte in token)

    in_order = sorted(ranks.items(), key=lambda item: item[1])
    merges = [merge_of(token, rank, ranks) for token, rank in in_order if len(token) > 1]
    split = {"type": "Split", "pattern": {"Regex": SPLIT_PATTERN}, "behavior": "Isolated", "invert": False}
    by_bytes = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    added = [
        {
            "id": number,
            "content": token,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": token not in WORDS_OF_REASONING,
        }
        for token, number in SPECIAL_TOKENS.items()
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, by_bytes]},
        "post_processor": None,
        "decoder": by_bytes,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {text(token): rank for token, rank in in_order},
            "merges": [f"{text(left)} {text(right)}" for left, right in merges],
        },
    }


def tokenizer_config() -> dict:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 1048576,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "processor_class": "Glm4vProcessor",
    }


def model_files(tokenizer: dict) -> dict[str, dict[str, object]]:
    generation = {
        "eos_token_id": [151645],
        "pad_token_id": 151643,
        "do_sample": True,
        "temperature": 0.6,
        "top_p": 0.95,
    }
    shared = {
        "tokenizer.json": tokenizer,
        "tokenizer_config.json": tokenizer_config(),
        "generation_config.json": generation,
        "chat_template.jinja": CHAT_TEMPLATE,
    }
    return {
        "tiny-qwen3": {**shared, "config.json": QWEN3_CONFIG},
        "tiny-glm4v": {
            **shared,
            "config.json": GLM4V_CONFIG,
            "preprocessor_config.json": {**PIXELS, "image_processor_type": "Glm4vImageProcessor"},
            "video_preprocessor_config.json": {**PIXELS, "video_processor_type": "Glm4vVideoProcessor"},
        },
    }


def build(out: Path) -> bool:
    """Write both models under `out`; False when they are there already. The stamp is written last."""
    ranks_file = find_ranks()
    identity = f"{VERSION} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()} {ranks_file.stat().st_size}"
    stamp = out / "built.txt"
    if stamp.is_file() and stamp.read_text() == identity:
        return False
    out.mkdir(parents=True, exist_ok=True)
    for name, files in model_files(tokenizer_json(read_ranks(ranks_file))).items():
        folder = out / name
        folder.mkdir(exist_ok=True)
        for file, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as temporary:
                temporary.write(text)
            os.replace(temporary.name, folder / file)
    stamp.write_text(identity)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder to write tiny-qwen3/ and tiny-glm4v/ into")
    out = parser.parse_args().out
    print(f"{'Built' if build(out) else 'Already there:'} {out / 'tiny-qwen3'}, {out / 'tiny-glm4v'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
