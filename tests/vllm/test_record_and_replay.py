"""A comparison on real vLLM is recorded whole and replayed with the figures it had; the same on the simulator, labelled so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.clients import ImageLedger, Role, SamplingSettings, Timeouts
from app.comparisons import BookText, ComparisonSpec, Phase, Registry
from app.measurement import Provenance
from app.recordings import Recorder, RecordingStore, played, read_run
from tests.comparisons.comparisons import wait_until
from tests.vllm.pairs import draw_pages


@pytest.mark.timeout(600)
def test_a_recorded_run_is_replayed_with_the_figures_it_had(pair, tmp_path):
    text = "The keeper lit the lamp at nine. " * 40
    store, kept = RecordingStore(tmp_path / "recordings"), Registry(ledger=ImageLedger(), timeouts=Timeouts())
    recorder = Recorder(store)
    kept.observe(recorder)
    pages = draw_pages(pair.folder, "recorded", [(224, 224), (224, 224)])
    spec = ComparisonSpec(
        title="Lamps",
        document=text,
        question="When was the lamp lit?",
        pages=lambda cancelled, on_progress: pages,
        text_endpoint=pair.text,
        pages_endpoint=pair.pages,
        sampling=SamplingSettings(max_tokens=24),
        book=BookText(text, "0" * 64),
    )
    shot = wait_until(kept, kept.start(spec), lambda shot: not shot.running, 300)
    recorder.close(30)
    assert [side.phase for side in shot.sides] == [Phase.DONE] * 2
    recording = read_run(store.stream(shot.comparison_id))
    assert not recording.broken_off
    again = played(recording).snapshot()
    for role in Role:
        ran, replayed = shot.side(role), again.side(role)
        assert (replayed.answer, replayed.reasoning) == (ran.answer, ran.reasoning)
        assert replace(replayed.usage, at=0.0) == replace(ran.usage, at=0.0)
        assert replayed.latencies.ttft_ms == pytest.approx(ran.latencies.ttft_ms, abs=0.001)
        assert replayed.provenance is (Provenance.MEASURED if pair.real else Provenance.SIMULATED)
    assert again.recorded.sentence.count("simulated") == (0 if pair.real else 2)
