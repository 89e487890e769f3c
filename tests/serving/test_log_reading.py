"""What the log says, in phases and in causes: lines as real vLLM wrote them (CPU) or as its source has them (GPU)."""

from __future__ import annotations

import signal

import pytest

from app.serving import Phase, diagnose
from app.serving.phases import PhaseReader

STORY = [
    ("(APIServer pid=1) INFO 11-21 [api_utils.py:286] non-default args: {'port': 8001}", Phase.RESOLVING),
    ("(APIServer pid=1) INFO [model.py:733] Resolved architecture: Qwen3ForCausalLM", Phase.RESOLVING),
    ("model-00001-of-00005.safetensors:  37%|███▋      | 1.47G/3.99G", Phase.DOWNLOADING),
    (
        "(EngineCore pid=2) INFO [weight_utils.py:533] Time spent downloading weights for Qwen/Qwen3-8B: 61.0 s",
        Phase.LOADING,
    ),
    ("Loading safetensors checkpoint shards:  60% Completed | 3/5 [00:02<00:01]", Phase.LOADING),
    ("(EngineCore pid=2) INFO [default_loader.py:502] Loading weights took 3.21 seconds", Phase.PROFILING),
    ("(EngineCore pid=2) INFO [gpu_worker.py:760] Available KV cache memory: 21.4 GiB", Phase.CAPTURING),
    ("Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  50%|█████     | 8/16", Phase.CAPTURING),
    (
        "(EngineCore pid=2) INFO [gpu_model_runner.py:6582] Graph capturing finished in 4 secs, took 0.61 GiB",
        Phase.FINISHING,
    ),
    ("INFO:     Application startup complete.", Phase.FINISHING),
]


def test_a_whole_start_is_read_phase_by_phase():
    reader = PhaseReader()
    seen = []
    for line, _ in STORY:
        reader.feed(line.encode() + b"\n")
        seen.append(reader.phase)
    assert seen == [phase for _, phase in STORY]


def test_percentages_are_kept_while_they_mean_something():
    reader = PhaseReader()
    reader.feed(
        b"Loading safetensors checkpoint shards:  20% Completed\rLoading safetensors checkpoint shards:  60% Com"
    )
    assert (reader.phase, reader.detail) == (Phase.LOADING, "20 %")
    reader.feed(b"pleted\n")
    assert reader.detail == "60 %"
    reader.feed(b"INFO Loading weights took 3 seconds\n")
    assert reader.detail == ""


@pytest.mark.parametrize("size", [1, 7, 100])
def test_lines_may_arrive_in_any_pieces(size):
    text = "\n".join(line for line, _ in STORY).encode() + b"\n"
    reader = PhaseReader()
    for i in range(0, len(text), size):
        reader.feed(text[i : i + size])
    assert reader.phase is Phase.FINISHING


def test_a_phase_never_goes_back():
    reader = PhaseReader()
    reader.feed(b"INFO Graph capturing finished in 4 secs\nINFO Starting to load model x...\n")
    assert reader.phase is Phase.FINISHING


@pytest.mark.parametrize(
    ("log", "status", "cause", "again"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", 1, "Out of memory", True),
        (
            "ValueError: Free memory on device cuda:0 (3.1/79.6 GiB) on startup is less than desired GPU memory utilization",
            1,
            "3.1/79.6 GiB of the GPU are free",
            False,
        ),
        ("ValueError: No available memory for the cache blocks. Try increasing", 1, "no room for the KV cache", False),
        (
            "To serve at least one request with the model's max seq len (131072), (18 GiB KV cache is needed, which is larger "
            "than the available KV cache memory (9 GiB). Based on the available memory, the estimated maximum model length is "
            "66240.",
            1,
            "holds 66240 tokens",
            False,
        ),
        ("OSError: [Errno 98] Address already in use", 1, "port is taken", False),
        (
            "vllm: error: unrecognized arguments: --rope-scaling {}",
            2,
            "does not know the arguments --rope-scaling",
            False,
        ),
        ("OSError: [Errno 28] No space left on device", 1, "disk is full", False),
        ("huggingface_hub.errors.GatedRepoError: 401 Client Error.", 1, "refuses the download", False),
        ("Invalid repository ID or local directory specified: '/nowhere'.", 1, "was not found", False),
        ("RuntimeError: Failed to infer device type", 1, "no GPU is visible", False),
        ("EngineCore encountered a fatal error.", 1, "engine process died", True),
        ("nothing known", 0, "status 0, which vLLM does when its engine dies", True),
        ("nothing known", -signal.SIGKILL, "SIGKILL", True),
        ("nothing known", -signal.SIGSEGV, "SIGSEGV", True),
        ("nothing known", 7, "status 7", True),
    ],
)
def test_a_crash_is_given_its_likely_cause(log, status, cause, again):
    found = diagnose(f"INFO something before\n{log}\nINFO shutdown\n", status)
    assert cause in found.cause
    assert found.worth_retrying is again
    assert found.what_to_do
