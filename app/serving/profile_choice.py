"""Choose a profile by what the machine has, and say why.

In: hardware and the profiles. Out: a name and a sentence. Tries the profiles from the fairest comparison to
the simulator and keeps why each was passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.serving.errors import MemoryTooSmall
from app.serving.gpu_memory import plan_memory
from app.serving.hardware import Hardware, detect
from app.serving.profiles import ServerProfile, load_profiles

BEST_FIRST = ("two-gpus", "one-gpu", "small", "smallest")
LAST_RESORT = "simulator"


class Choice(NamedTuple):
    profile: ServerProfile
    reason: str

    @property
    def name(self) -> str:
        return self.profile.name


def choose_profile(hardware: Hardware | None = None, profiles: Mapping[str, ServerProfile] | None = None) -> Choice:
    """The first profile whose GPUs are there and whose servers fit; `hardware` is this machine's when not given."""
    hardware = detect() if hardware is None else hardware
    profiles = load_profiles() if profiles is None else profiles
    candidates = [profiles[name] for name in BEST_FIRST if name in profiles]
    if not hardware.gpus:
        return Choice(
            profiles[LAST_RESORT],
            "No NVIDIA GPU was found (nvidia-smi), so the simulator answers; all it says is labelled as simulated. "
            "Real but small models on the processor: --profile cpu; servers elsewhere: --profile remote.",
        )
    passed_over = []
    for profile in candidates:
        if profile.gpus_needed > len(hardware.gpus):
            passed_over.append(f"{profile.name} needs {profile.gpus_needed} GPUs")
            continue
        try:
            plan = plan_memory(profile, hardware)
        except MemoryTooSmall:
            passed_over.append(f"{profile.name} does not fit in its memory")
            continue
        why = f"{hardware.summary.split(';')[0]}: profile {profile.name} ({profile.title}) fits."
        if passed_over:
            why += f" Passed over: {'; '.join(passed_over)}."
        return Choice(profile, " ".join([why, *plan.notes]))
    return Choice(
        profiles[LAST_RESORT],
        f"{hardware.summary.split(';')[0]} is too small ({'; '.join(passed_over)}), so the simulator answers. "
        "`python scripts/launch.py --profile one-gpu --check` shows the figures.",
    )
