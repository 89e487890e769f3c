"""scripts/measure_prefill.py runs with PyTorch and transformers alone, on toy shapes."""

from __future__ import annotations

import json
import subprocess

import pytest

from app.paths import ROOT
from tests.vllm.pairs import VLLM_VENV, need_vllm

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(300)]


def test_it_prints_a_table_and_one_line_of_json():
    need_vllm()
    done = subprocess.run(
        [
            str(VLLM_VENV / "bin" / "python"),
            str(ROOT / "scripts" / "measure_prefill.py"),
            "--tiny",
            "--lengths",
            "64,128",
            "--repeats",
            "1",
        ],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert [row["text_tokens"] for row in result["rows"]] == [64, 128]
    assert all(row["vision_s"] > 0 and row["qwen_text_s"] > 0 for row in result["rows"])
    assert "| 64 | 1 | 632 |" in done.stdout
