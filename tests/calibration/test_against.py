"""A sweep's speedups stand beside the projection's of the same prompts and the paper's of the same length, and never as more
than they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.calibration import speedup_rows
from app.measurement import Provenance
from app.projection import ALONE, PUBLISHED_SPEEDUPS
from app.sweep import Journal
from scripts.prefill_table import main
from tests.calibration.test_calibration import GLM, H100, LENGTHS, QWEN, header, sweep

TWO = LENGTHS[:2]


def kept(path, records, *servers):
    with Journal.create(path, header(servers or (QWEN, GLM), TWO)) as journal:
        for record in records:
            journal.append(record)
    return path


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_server_that_is_as_assumed_shows_the_projected_speedups():
    rows = speedup_rows(header(), sweep(ALONE), H100)
    assert [row.text_tokens for row in rows] == list(LENGTHS)
    for row in rows:
        assert row.seen.ratio == pytest.approx(row.seen.projected, rel=0.02)
        assert row.seen.provenance is Provenance.MEASURED
    assert [row.published for row in rows] == [one.prefill for one in PUBLISHED_SPEEDUPS]


def test_the_papers_pair_is_projected_apart_and_close_to_what_was_published():
    for row in speedup_rows(header(), sweep(ALONE), H100):
        assert row.paper_projected == pytest.approx(row.published, rel=0.10)
        assert row.paper_projected != row.seen.projected


def test_pages_that_are_slow_to_fetch_lower_what_was_seen_and_not_what_is_projected():
    quick, slow = (
        speedup_rows(header(), sweep(replace(ALONE, page_ms=page_ms)), H100)[-1].seen for page_ms in (0.0, 8.5)
    )
    assert slow.ratio < 0.95 * quick.ratio
    assert slow.projected == quick.projected
    assert slow.headers_ms > quick.headers_ms


def test_a_length_that_was_not_swept_has_the_published_figure_alone():
    rows = speedup_rows(header(lengths=TWO), sweep(ALONE, lengths=TWO), H100)
    assert [row.text_tokens for row in rows if row.seen is None] == list(LENGTHS[2:])


def test_the_table_calls_a_simulators_times_simulated_beside_every_figure_and_below(tmp_path, capsys):
    played = [replace(one, provenance=Provenance.SIMULATED) for one in sweep(ALONE, lengths=TWO)]
    servers = [replace(one, simulated=True, simulated_gpu=H100.name, simulated_speedup=40.0) for one in (QWEN, GLM)]
    assert main([str(kept(tmp_path / "sweep.jsonl", played, *servers))]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [cells(line) for line in lines if line.startswith("| ") and line[2].isdigit()]
    assert [row[0] for row in rows] == [f"{tokens:,}" for tokens in LENGTHS]
    assert all("simulated" in row[2] for row in rows[:2])
    assert {row[2] for row in rows[2:]} == {"–"}
    assert [row[-1] for row in rows] == [f"{one.prefill:.1f}" for one in PUBLISHED_SPEEDUPS]
    assert "simulated, then made 40× faster, not measured" in lines[-1]


def test_a_measured_sweep_is_called_measured(tmp_path, capsys):
    assert main([str(kept(tmp_path / "sweep.jsonl", sweep(ALONE, lengths=TWO)))]) == 0
    told = capsys.readouterr().out
    assert "times are measured" in told
    assert "simulated" not in told


def test_what_cannot_be_put_beside_a_projection_is_refused_in_a_sentence(tmp_path, capsys):
    other = replace(QWEN, model="somebody/Other-7B")
    assert main([str(kept(tmp_path / "sweep.jsonl", sweep(ALONE, lengths=TWO), other, GLM))]) == 2
    assert "Other-7B" in capsys.readouterr().err
    assert main([str(tmp_path / "nowhere.jsonl")]) == 2
    assert "no journal" in capsys.readouterr().err
