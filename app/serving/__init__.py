"""Start, watch and end the servers that answer: vLLM here, the simulator, or endpoints elsewhere.

    profiles -> gpu_memory -> commands -> preflight -> supervisor (kept servers, each one process) -> state file -> the app

In: configs/servers.toml and the machine. Out: command lines, running servers, and DATA/serving/state.json.
Knows nothing of requests, of pages or of screens; imports only app.paths and app.outbound. Run by scripts/launch.py, outside
the app's process.
"""

from app.serving.commands import Places, ServerCommand, build_commands
from app.serving.diagnosis import Diagnosis, diagnose
from app.serving.errors import (
    LauncherRuns,
    LogUnwritable,
    MemoryTooSmall,
    ProfileError,
    ServingError,
    SimulatorFailed,
    StateUnwritable,
    UnknownProfile,
)
from app.serving.gpu_memory import MemoryPlan, MemoryShare, plan_memory
from app.serving.hardware import GpuDevice, Hardware, assume_gpus, detect
from app.serving.health import Health, ServedModel, check_health, served_models
from app.serving.leftovers import is_alive, is_same
from app.serving.phases import Phase
from app.serving.preflight import Finding, Severity, preflight
from app.serving.process import LAUNCHER_VARIABLE, Process, ProcessIdentity, stop_all
from app.serving.profile_choice import Choice, choose_profile
from app.serving.profiles import ServerProfile, load_profile, load_profiles
from app.serving.server_specs import RemoteSpec, ServerKind, ServerRole, ServerSpec, SimulatorSpec, VllmSpec
from app.serving.simulator import SimulatorHandle, start_simulator
from app.serving.state_file import LAUNCHER_LOG, LauncherState, ServerStatus, last_errors, read_state
from app.serving.supervisor import Supervisor

__all__ = [
    "LAUNCHER_LOG",
    "LAUNCHER_VARIABLE",
    "Choice",
    "Diagnosis",
    "Finding",
    "GpuDevice",
    "Hardware",
    "Health",
    "LauncherRuns",
    "LauncherState",
    "LogUnwritable",
    "MemoryPlan",
    "MemoryShare",
    "MemoryTooSmall",
    "Phase",
    "Places",
    "Process",
    "ProcessIdentity",
    "ProfileError",
    "RemoteSpec",
    "ServedModel",
    "ServerCommand",
    "ServerKind",
    "ServerProfile",
    "ServerRole",
    "ServerSpec",
    "ServerStatus",
    "ServingError",
    "Severity",
    "SimulatorFailed",
    "SimulatorHandle",
    "SimulatorSpec",
    "StateUnwritable",
    "Supervisor",
    "UnknownProfile",
    "VllmSpec",
    "assume_gpus",
    "build_commands",
    "check_health",
    "choose_profile",
    "detect",
    "diagnose",
    "is_alive",
    "is_same",
    "last_errors",
    "load_profile",
    "load_profiles",
    "plan_memory",
    "preflight",
    "read_state",
    "served_models",
    "start_simulator",
    "stop_all",
]
