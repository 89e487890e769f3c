"""A calibration finds the factors that made a sweep's times, tells how far off it is, and is kept one a machine."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from app import paths
from app.calibration import CalibrationError, CalibrationStore, Quantity, calibrate
from app.calibration.fitting import FITTED, LEAST_SHARE
from app.calibration.store import MAX_BYTES, MAX_KEPT
from app.clients import Role
from app.measurement import CacheState, Provenance
from app.projection import (
    ASSUMED_SERVING,
    GLYPH,
    GPUS,
    QWEN3_8B,
    Gpu,
    Serving,
    pages_prompt,
    project_alone,
    project_batch,
    text_prompt,
)
from app.sweep import Arm, Header, Kind, Outcome, Record, ServerNote, SweepPlan, Task

H100, L40S = GPUS["h100-80gb"], GPUS["l40s"]
LENGTHS = (4_096, 8_192, 16_384, 32_768, 65_536, 131_072)
TRUTH = Serving(
    linear=0.42,
    attention=0.30,
    vision=0.22,
    bandwidth=0.80,
    cache_bandwidth=0.35,
    step_ms=1.0,
    request_ms=12,
    page_ms=7,
)
QWEN, GLM = ServerNote(Role.TEXT, "Qwen/Qwen3-8B", False), ServerNote(Role.PAGES, "zai-org/Glyph", False)


def header(servers: Sequence[ServerNote] = (QWEN, GLM), lengths: Sequence[int] = LENGTHS) -> Header:
    return Header(SweepPlan(lengths=tuple(lengths)), "a novel", "0" * 64, "key", tuple(servers))


def sweep(truth: Serving, gpu: Gpu = H100, lengths: Sequence[int] = LENGTHS, noise: float = 0.0) -> list[Record]:
    """What a server with exactly these factors shows, each time `noise` (a share) off at random."""
    chance = Random(1)
    records = []
    for tokens, role, repeat in itertools.product(lengths, Role, (1, 2, 3)):
        shape, arm = (QWEN3_8B, Arm(role)) if role is Role.TEXT else (GLYPH, Arm(role, 72))
        prompt = text_prompt(tokens) if role is Role.TEXT else pages_prompt(tokens, 3.0)
        off = math.exp(chance.gauss(0, noise))
        step = project_batch(shape, gpu, prompt, 256, 1, truth).step_seconds
        for kind in (Kind.PREFILL, Kind.DECODE):
            ttft_ms = off * 1000 * project_alone(shape, gpu, prompt, truth).ttft_seconds
            records.append(
                Record(
                    Task(kind, arm, tokens, 1, repeat),
                    Outcome.MEASURED,
                    Provenance.MEASURED,
                    text_tokens=tokens,
                    visual_tokens=round(tokens / 3) if role is Role.PAGES else None,
                    pages=len(prompt.patches_per_page) or None,
                    prompt_tokens=prompt.tokens,
                    cache=CacheState.COLD,
                    ttft_ms=(ttft_ms,),
                    headers_ms=(off * 1000 * project_alone(shape, gpu, prompt, truth).host_seconds,),
                    tokens_per_second=1 / (off * step) if kind is Kind.DECODE else None,
                )
            )
    return records


def fitted(found) -> dict[str, float]:
    return {one.name: one.fitted for one in found.factors}


def test_the_factors_that_made_the_times_are_found_again():
    found = calibrate(header(), sweep(TRUTH), H100, "lab")
    for one in found.factors:
        assert one.low <= getattr(TRUTH, one.name) <= one.high, one
    for name in ("linear", "attention", "vision", "bandwidth", "page_ms"):
        assert fitted(found)[name] == pytest.approx(getattr(TRUTH, name), rel=0.12), name
    assert found.worst_off < 0.02
    assert found.worst_off_without < 0.05
    assert {one.name for one in found.factors if one.told} >= {"linear", "attention", "bandwidth", "page_ms"}


def test_with_noisy_repeats_it_stays_near_and_says_how_far_off_it_is():
    found = calibrate(header(), sweep(TRUTH, noise=0.05), H100, "lab")
    assert found.serving.linear == pytest.approx(TRUTH.linear, rel=0.2)
    assert 0 < found.worst_off < 0.2
    for one in found.factors:
        assert one.low <= one.fitted <= one.high


def test_a_length_that_was_left_out_is_projected_by_what_the_others_taught():
    odd = [
        replace(one, ttft_ms=(3 * one.ttft_ms[0],)) if one.task.text_tokens == 16_384 else one for one in sweep(TRUTH)
    ]
    found = calibrate(header(), odd, H100, "lab")
    missed = min((one for one in found.residuals if one.quantity is Quantity.TTFT), key=lambda one: one.off_without)
    assert missed.text_tokens == 16_384
    assert missed.off_without < -0.5


def test_what_a_sweep_does_not_depend_on_stays_as_assumed_and_is_said_to():
    found = calibrate(header(lengths=(4_096,)), sweep(TRUTH, lengths=(4_096,)), H100, "lab")
    untold = [one for one in found.factors if not one.told]
    assert {"attention", "cache_bandwidth"} <= {one.name for one in untold}
    for one in untold:
        assert one.low <= one.assumed <= one.high
    assert found.worst_off_without is None


def test_many_at_once_are_held_out_and_told():
    batch = project_batch(QWEN3_8B, H100, text_prompt(8_192), 256, 8, TRUTH)
    load = Record(
        Task(Kind.LOAD, Arm(Role.TEXT), 8_192, 8),
        Outcome.MEASURED,
        Provenance.MEASURED,
        text_tokens=8_192,
        prompt_tokens=8_192,
        cache=CacheState.COLD,
        ttft_ms=(1.0,) * 8,
        tokens_per_second=batch.output_tokens_per_second,
    )
    without = calibrate(header(), sweep(TRUTH), H100, "lab")
    found = calibrate(header(), [*sweep(TRUTH), load], H100, "lab")
    assert fitted(found) == fitted(without)
    (held_out,) = [one for one in found.residuals if one.quantity is Quantity.LOAD]
    assert abs(held_out.off) < 0.05


def test_a_simulator_made_faster_is_slowed_down_again_and_its_calibration_is_simulated():
    fast = [
        replace(
            one,
            ttft_ms=(one.ttft_ms[0] / 40,),
            headers_ms=(one.headers_ms[0] / 40,),
            tokens_per_second=40 * one.tokens_per_second if one.tokens_per_second else None,
        )
        for one in sweep(TRUTH)
    ]
    servers = [replace(one, simulated=True, simulated_gpu=H100.name, simulated_speedup=40.0) for one in (QWEN, GLM)]
    found = calibrate(header(servers), fast, H100, "simulated")
    assert found.provenance is Provenance.SIMULATED
    assert found.serving.linear == pytest.approx(TRUTH.linear, rel=0.15)


def test_another_gpu_than_the_one_measured_shows_as_a_share_of_all_of_its_peak():
    assert calibrate(header(), sweep(TRUTH), H100, "lab").at_the_peak == ()
    lengths = LENGTHS[::3]
    found = calibrate(header(lengths=lengths), sweep(TRUTH, lengths=lengths), L40S, "lab")
    assert "bandwidth" in found.at_the_peak
    assert all(LEAST_SHARE <= fitted(found)[name] <= 1 for name in ("linear", "bandwidth"))


@pytest.mark.parametrize(
    ("servers", "records", "machine", "word"),
    [
        ((replace(QWEN, model="tiny-qwen3"), GLM), sweep(TRUTH), "lab", "“tiny-qwen3”, whose shape is not known"),
        ((replace(QWEN, model="zai-org/Glyph"), GLM), sweep(TRUTH), "lab", "exchanged"),
        ((QWEN, GLM), [], "lab", "Nothing in this sweep"),
        ((QWEN, GLM), [replace(one, cache=CacheState.WARM) for one in sweep(TRUTH)], "lab", "Nothing in this sweep"),
        ((QWEN, GLM), sweep(TRUTH), " \n", "has no name"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(servers, records, machine, word):
    with pytest.raises(CalibrationError, match=word):
        calibrate(header(servers), records, H100, machine)


class TestStore:
    FOUND = calibrate(header(), sweep(TRUTH), H100, "lab / 1")

    def test_it_comes_back_as_it_was_and_a_later_one_of_the_machine_takes_its_place(self, tmp_path):
        store = CalibrationStore(tmp_path / "new")
        store.keep(self.FOUND)
        assert CalibrationStore(tmp_path / "new").kept() == (self.FOUND,)
        later = replace(self.FOUND, made_at="2030-01-01T00:00:00+00:00")
        store.keep(later)
        assert store.kept() == (later,)
        store.forget(later.machine)
        assert store.kept() == ()

    def test_only_its_owner_may_read_it(self, tmp_path):
        CalibrationStore(tmp_path / "new").keep(self.FOUND)
        assert (tmp_path / "new").stat().st_mode & 0o077 == 0

    def test_the_oldest_machine_goes_where_there_are_too_many(self, tmp_path):
        store = CalibrationStore(tmp_path)
        for number in range(MAX_KEPT + 2):
            store.keep(replace(self.FOUND, machine=f"m{number}", made_at=f"2026-01-01T00:{number:02}:00+00:00"))
        kept = [one.machine for one in store.kept()]
        assert len(kept) == MAX_KEPT
        assert "m0" not in kept
        assert kept[0] == f"m{MAX_KEPT + 1}"

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda value: {**value, "version": 99},
            lambda value: {**value, "factors": [["linear", 1.7, 0, 2, True]]},
            lambda value: {**value, "factors": [["__class__", 0.5, 0, 2, True]]},
            lambda value: {**value, "gpu": ["x", "x", -1, 80, 3350, "x"]},
            lambda value: {**value, "residuals": [["time to first token", "text", 1, 1, 0.0, 1.0, None]]},
            lambda value: {**value, "machine": 5},
            lambda value: [1, 2],
            lambda value: "a" * MAX_BYTES,
        ],
    )
    def test_a_file_that_is_none_of_ours_is_passed_over(self, tmp_path, spoil):
        store = CalibrationStore(tmp_path)
        store.keep(self.FOUND)
        (path,) = tmp_path.glob("*.json")
        path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
        assert store.kept() == ()

    def test_a_folder_that_cannot_be_written_is_said_with_the_next_step(self, tmp_path, monkeypatch):
        monkeypatch.setattr(paths, "DATA", tmp_path)
        (tmp_path / "file").write_text("")
        with pytest.raises(CalibrationError, match="GLYPH_DATA"):
            CalibrationStore(tmp_path / "file" / "below").keep(self.FOUND)


def test_every_fitted_factor_is_one_of_the_projections():
    assert set(FITTED) <= {name for name in ASSUMED_SERVING.__dataclass_fields__}
