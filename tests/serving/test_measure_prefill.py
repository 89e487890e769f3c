"""The prefill measurement's arithmetic and table; the measuring itself runs in tests/vllm, where PyTorch is."""

from __future__ import annotations

import argparse
import importlib.util
import sys

import pytest

from app.paths import ROOT


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("measure_prefill", ROOT / "scripts" / "measure_prefill.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


OPTIONS = argparse.Namespace(tiny=False, compression=3.0, repeats=3)


def test_speedups_count_the_vision_encoder(script):
    row = script.Row(32768, 17, 10744, qwen_text_s=3.0, glm_text_s=2.0, vision_s=0.4, glm_pages_s=0.6)
    assert row.glyph_s == pytest.approx(1.0)
    assert row.speedup_over(row.qwen_text_s) == pytest.approx(3.0)


def test_what_did_not_fit_is_said_and_never_guessed(script):
    row = script.Row(131072, 69, 43608, None, 9.0, 1.0, None)
    assert row.glyph_s is None
    assert row.speedup_over(row.qwen_text_s) is None
    line = script.table([row], "NVIDIA H200", "2.13", OPTIONS).splitlines()[-1]
    assert line.count("out of memory") == 2


def test_the_table_stands_beside_the_paper_and_the_projection(script):
    row = script.Row(131072, 69, 43608, 30.0, 24.0, 1.0, 4.0)
    text = script.table([row], "NVIDIA H200", "2.13", OPTIONS)
    assert "NVIDIA H200" in text
    cells = [cell.strip() for cell in text.splitlines()[-1].split("|")]
    assert cells[7:10] == ["6.0 x", "4.8 x", "4.8 x"]
    assert 3 < float(cells[10].removesuffix(" x")) < 6


def test_a_device_the_projection_does_not_know_gets_no_projection(script):
    row = script.Row(4096, 2, 1264, 1.0, 1.0, 0.1, 0.4)
    assert script.projected_speedup(row, "Some Accelerator") is None
