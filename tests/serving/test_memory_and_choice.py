"""Which profile a machine gets, and how a shared GPU is split, on machines described by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.serving import GpuDevice, Hardware, MemoryTooSmall, assume_gpus, choose_profile, load_profile, plan_memory
from app.serving.hardware import parse_gpus

CORES = (0, 1, 2, 3)


def machine(*sizes_gib: float, used_gib: float = 0.0) -> Hardware:
    gpus = tuple(GpuDevice(i, f"GPU-{size:.0f}", size, used_gib) for i, size in enumerate(sizes_gib))
    return Hardware(gpus, 64.0, CORES)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), "simulator"),
        ((80, 80), "two-gpus"),
        ((40, 40), "two-gpus"),
        ((80,), "one-gpu"),
        ((141,), "one-gpu"),
        ((48,), "small"),
        ((24,), "small"),
        ((24, 24), "small"),
        ((16,), "smallest"),
        ((8,), "simulator"),
    ],
)
def test_the_machine_decides_the_profile_and_the_reason_says_so(sizes, expected):
    profile, reason = choose_profile(machine(*sizes))
    assert profile.name == expected
    assert ("No NVIDIA GPU" if not sizes else f"GPU-{sizes[0]}") in reason


def test_a_passed_over_profile_is_explained():
    reason = choose_profile(machine(24)).reason
    assert "two-gpus needs 2 GPUs" in reason
    assert "one-gpu does not fit" in reason


def test_one_gpu_of_80_gb_holds_both_at_full_length():
    plan = plan_memory(load_profile("one-gpu"), machine(79.6))
    text, pages = plan.shares
    assert (text.context_tokens, pages.context_tokens) == (131_072, 131_072)
    # Qwen3-8B: 131,072 tokens x 147,456 B = 19.3 GB; Glyph: x 40,960 B = 5.4 GB (shapes from the models' configs).
    assert text.kv_cache_gb == pytest.approx(19.33, abs=0.01)
    assert pages.kv_cache_gb == pytest.approx(5.37, abs=0.01)


@pytest.mark.parametrize("size", [22, 40, 66, 79.6, 94, 141])
@pytest.mark.parametrize("name", ["one-gpu", "small"])
def test_shares_cover_the_needs_and_never_exceed_the_gpu(name, size):
    hardware = machine(size)
    try:
        plan = plan_memory(load_profile(name), hardware)
    except MemoryTooSmall:
        return
    total = hardware.gpus[0].memory_gb
    assert sum(share.gpu_fraction for share in plan.shares) <= 0.92
    for share in plan.shares:
        assert share.gpu_fraction * total >= share.need_gb - total * 0.001


def test_contexts_are_shortened_together_before_a_profile_is_refused():
    plan = plan_memory(load_profile("one-gpu"), machine(66))
    text, pages = plan.shares
    assert text.context_tokens == pages.context_tokens == 98_304
    assert any("98,304 tokens instead of 131,072" in note for note in plan.notes)


def test_a_refusal_shows_the_figures_and_the_way_out():
    with pytest.raises(MemoryTooSmall) as caught:
        plan_memory(load_profile("one-gpu"), machine(24))
    message = str(caught.value)
    for part in ("25.8 GB", "23.7 GB usable", "weights 16.4", "weights 20.6", "32,768 tokens", "small"):
        assert part in message


def test_memory_used_by_others_counts():
    free = plan_memory(load_profile("one-gpu"), machine(80)).shares[0]
    crowded = plan_memory(load_profile("one-gpu"), machine(80, used_gib=16)).shares[0]
    assert crowded.gpu_fraction < free.gpu_fraction
    with pytest.raises(MemoryTooSmall, match="in use by others"):
        plan_memory(load_profile("one-gpu"), machine(80, used_gib=60))


def test_assumed_gpus_are_said_to_be_assumed():
    plan = plan_memory(load_profile("two-gpus"), assume_gpus(machine(), 2, None))
    assert "assumed" in plan.notes[0]
    assert "80 GB" in plan.notes[0]
    assert "stated" in plan_memory(load_profile("one-gpu"), assume_gpus(machine(), 1, 96)).notes[0]


def test_nvidia_smi_lines_are_read_and_odd_ones_left_out():
    answer = "0, NVIDIA H100 80GB HBM3, 81559, 4\n1, NVIDIA H100 80GB HBM3, [N/A], 4\nfailure\n"
    (gpu,) = parse_gpus(answer)
    assert gpu.index == 0
    assert gpu.memory_gib == pytest.approx(79.6, abs=0.1)


def with_servers(name, **changes_by_role):
    profile = load_profile(name, environment={})
    servers = tuple(replace(spec, **changes_by_role.get(spec.role.value, {})) for spec in profile.servers)
    return replace(profile, servers=servers)


def test_two_copies_need_on_each_gpu_what_one_needs_and_two_gpus_for_one_copy_need_half_of_it():
    alone = plan_memory(load_profile("two-gpus"), machine(80, 80)).shares
    copies = plan_memory(load_profile("four-gpus"), machine(80, 80, 80, 80)).shares
    split = plan_memory(
        with_servers(
            "four-gpus", **{role: {"data_parallel_size": 1, "tensor_parallel_size": 2} for role in ("text", "pages")}
        ),
        machine(80, 80, 80, 80),
    ).shares
    for one, two, half in zip(alone, copies, split, strict=True):
        assert (two.weights_gb, two.kv_cache_gb) == (one.weights_gb, one.kv_cache_gb)
        assert (half.weights_gb, half.kv_cache_gb) == (one.weights_gb / 2, one.kv_cache_gb / 2)
        assert "on each of 2 GPUs" in two.told
        assert "2 copies of the model" in two.told


def test_two_heads_of_keys_and_values_are_repeated_on_four_gpus_not_split_in_four():
    four = with_servers("glyph-only", pages={"gpus": (0, 1, 2, 3), "tensor_parallel_size": 4})
    (share,) = plan_memory(four, machine(80, 80, 80, 80)).shares
    assert share.weights_gb == pytest.approx(20.6 / 4)
    assert share.kv_cache_gb == pytest.approx(131_072 * 40_960 / 1e9 / 2)  # Glyph has 2 heads of them


def test_servers_that_share_only_some_of_their_gpus_are_planned_together():
    profile = with_servers("two-gpus", text={"gpus": (0, 1), "tensor_parallel_size": 2}, pages={"gpus": (1,)})
    text, pages = plan_memory(profile, machine(80, 80)).shares
    assert text.gpu_fraction + pages.gpu_fraction <= 0.92
    with pytest.raises(MemoryTooSmall, match="GPU 1"):  # the second holds half of one and the whole of the other
        plan_memory(profile, machine(40, 28))
