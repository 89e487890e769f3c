#!/usr/bin/env python3
"""Start the servers of a profile and keep them, in the foreground, until Ctrl-C.

    python scripts/launch.py                                 the profile this machine gets
    python scripts/launch.py --profile one-gpu               one of configs/servers.toml
    python scripts/launch.py --profile one-gpu --dry-run     print the commands, start nothing (or --json)
    python scripts/launch.py --profile one-gpu --check       say what is missing and start nothing
    python scripts/launch.py --list                          name the profiles

Exit status: 0 ended as asked, 1 every server failed, 2 wrong arguments or profile, 3 something is missing, 4
another launcher runs.
"""

from __future__ import annotations

import signal

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports below ends it without a traceback

import argparse
import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import IO

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.outbound import shown_address
from app.paths import prepare_data, why_unwritable
from app.serving.commands import Places, ServerCommand, build_commands
from app.serving.errors import LauncherRuns, MemoryTooSmall, ServingError, StateUnwritable
from app.serving.gpu_memory import MemoryPlan, plan_memory
from app.serving.hardware import Hardware, assume_gpus, detect
from app.serving.health import adoptable
from app.serving.installation import find_installation
from app.serving.preflight import Finding, Severity, preflight
from app.serving.profile_choice import choose_profile
from app.serving.profiles import SERVERS_TOML, ServerProfile, load_profiles
from app.serving.server_specs import Device, VllmSpec
from app.serving.supervisor import Supervisor, take_over
from scripts.option_types import above_zero
from scripts.stopping import ended

ENDED, ALL_FAILED, WRONG, MISSING, RUNS_ALREADY = 0, 1, 2, 3, 4


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Start the servers of a profile and keep them until Ctrl-C.")
    parser.add_argument("--profile", help="a profile of configs/servers.toml; default: what this machine can run")
    parser.add_argument("--servers", type=Path, default=SERVERS_TOML, metavar="FILE", help="another file of profiles")
    parser.add_argument("--list", action="store_true", help="name the profiles, and the one this machine gets")
    parser.add_argument("--dry-run", action="store_true", help="print the commands, start nothing")
    parser.add_argument("--json", action="store_true", help="with --dry-run: a JSON list of name, role, argv, env, url")
    parser.add_argument("--check", action="store_true", help="say what is missing, start nothing")
    parser.add_argument(
        "--gpu-memory-gb", type=above_zero, metavar="N", help="reckon with GPUs of this size (--dry-run, --check)"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where state, logs and pages lie (default: .data)")
    parser.add_argument(
        "--exit-with-parent", type=int, metavar="PID", help="end when this process, which started it, is gone"
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a KeyboardInterrupt, until the supervisor takes over
        profiles = load_profiles(options.servers)
        places = find_places(options.data_dir)
        only_tells = options.list or options.dry_run or options.check
        lock = None if only_tells else take_over(private(places).state_dir, tell_line)
        hardware = detect()
        if options.list:
            return list_profiles(profiles, hardware)
        profile, reason = pick(options.profile, profiles, hardware)
        if options.dry_run:
            return dry_run(profile, reason, hardware, places, options)
        if options.check:
            return check(profile, reason, hardware, places, options.gpu_memory_gb)
        return launch(profile, reason, hardware, places, options.exit_with_parent, lock)
    except LauncherRuns as error:
        print(f"error: {error}", file=sys.stderr)
        return RUNS_ALREADY
    except MemoryTooSmall as error:
        print(f"error: {error}", file=sys.stderr)
        return MISSING
    except ServingError as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:  # before the supervisor took the signals over
        return ENDED


def find_places(data: Path | None) -> Places:
    places = Places(vllm_venv=Path(os.environ["GLYPH_VLLM_VENV"])) if os.environ.get("GLYPH_VLLM_VENV") else Places()
    return replace(places, data=data.resolve(), pages=data.resolve() / "pages") if data else places


def private(places: Places) -> Places:
    """Logs name what is served and pages hold books: they are their owner's only. Raises StateUnwritable."""
    try:
        prepare_data(places.state_dir, places.pages)  # vLLM refuses a media path that does not exist
    except OSError as error:
        raise StateUnwritable(why_unwritable(places.data, error)) from error
    return places


def pick(name: str | None, profiles, hardware: Hardware) -> tuple[ServerProfile, str]:
    if name is None:
        return choose_profile(hardware, profiles)
    if name not in profiles:
        raise ServingError(f"There is no profile '{name}'; there are: {', '.join(profiles)}.")
    return profiles[name], "as asked"


def list_profiles(profiles, hardware: Hardware) -> int:
    chosen = choose_profile(hardware, profiles)
    print(f"This machine: {hardware.summary}\n")
    for name, profile in profiles.items():
        print(f"{'*' if name == chosen.name else ' '} {name:<11} {profile.title}. {profile.about}")
    print(f"\n* by default. {chosen.reason}")
    return ENDED


def reckoned(profile: ServerProfile, hardware: Hardware, gpu_memory_gb: float | None) -> Hardware:
    """The GPUs to plan for: the real ones, or assumed ones where they are absent or a size was given."""
    if gpu_memory_gb or (profile.uses_gpu and len(hardware.gpus) < profile.gpus_needed):
        return assume_gpus(hardware, profile.gpus_needed, gpu_memory_gb)
    return hardware


def dry_run(
    profile: ServerProfile, reason: str, hardware: Hardware, places: Places, options: argparse.Namespace
) -> int:
    planned_for = reckoned(profile, hardware, options.gpu_memory_gb)
    plan = plan_memory(profile, planned_for)
    commands = build_commands(profile, plan, planned_for, places)
    if options.json:
        print(json.dumps([command.to_mapping() for command in commands], indent=2, ensure_ascii=False))
        for note in plan.notes:
            print(note, file=sys.stderr)
        return ENDED
    print(f"# Profile {profile.name}: {profile.title} ({reason})")
    for line in (*plan.notes, *(share.told for share in plan.shares)):
        print(f"# {line}")
    for command in commands:
        print(
            f"\n# {command.name} at {shown_address(command.url) if command.url else '(no address yet)'}{_after(command)}"
        )
        print(shell_line(command) or "# runs elsewhere: only asked, never started")
    return ENDED


def _after(command: ServerCommand) -> str:
    return f", started when {command.start_after} is up: they share a GPU" if command.start_after else ""


def shell_line(command: ServerCommand) -> str:
    """The command as one can paste it."""
    if not command.argv:
        return ""
    words = [f"{key}={shlex.quote(value)}" for key, value in command.env.items()]
    return " ".join([*words, *(shlex.quote(word) for word in command.argv)])


def check(profile: ServerProfile, reason: str, hardware: Hardware, places: Places, gpu_memory_gb: float | None) -> int:
    print(f"Profile {profile.name}: {profile.title} ({reason})\nThis machine: {hardware.summary}")
    planned_for = reckoned(profile, hardware, gpu_memory_gb)
    findings: tuple[Finding, ...] = ()
    try:
        plan = plan_memory(profile, planned_for)
        for line in (*plan.notes, *(share.told for share in plan.shares)):
            print(f"  {line}")
    except MemoryTooSmall as error:
        findings, plan = (Finding(Severity.ERROR, "memory", str(error)),), MemoryPlan((), ())
    findings += preflight(profile, build_commands(profile, plan, planned_for, places), hardware, places)
    tell(findings)
    if not findings:
        print("Nothing is missing.")
    return MISSING if any(finding.severity is Severity.ERROR for finding in findings) else ENDED


def tell(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        print(f"{finding.severity.value}: {finding.sentence}", file=sys.stderr, flush=True)


def tell_line(line: str) -> None:
    """A terminal that was closed, or a full disk behind it, is no reason to leave servers unattended."""
    try:
        print(line, flush=True)
    except OSError:
        pass


def launch(
    profile: ServerProfile,
    reason: str,
    hardware: Hardware,
    places: Places,
    parent_pid: int | None,
    lock: IO[str] | None,
) -> int:
    tell_line(f"Profile {profile.name}: {profile.title} ({reason})")
    # A missing GPU is preflight's to tell; the plan then has no share for it.
    plan = plan_memory(profile, hardware)
    commands = build_commands(profile, plan, hardware, places, parent_pid=os.getpid())
    findings = preflight(profile, commands, hardware, places)
    tell(findings)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return MISSING
    supervisor = Supervisor(
        profile.name,
        " ".join([reason, *plan.notes]),
        commands,
        title=profile.title,
        state_dir=places.state_dir,
        tell=tell_line,
        cwd=places.root,
        parent_pid=parent_pid,
        lock=lock,
    )
    if any(isinstance(command.spec, VllmSpec) and adoptable(command.spec) is None for command in commands):
        supervisor.announce("vLLM's own environment is made or checked; the first time takes some minutes.")
        if not install_vllm(profile, places):
            supervisor.announce("vLLM could not be installed; the launcher's lines in the terminal say why.")
            return MISSING
    return supervisor.run()


def install_vllm(profile: ServerProfile, places: Places) -> bool:
    """Make vLLM's environment on first use; a no-op when it is right. Not for an environment of the user's own."""
    if os.environ.get("GLYPH_VLLM_VENV") and find_installation(places.vllm_venv):
        return True
    device = Device.GPU if profile.uses_gpu else Device.CPU
    installer = subprocess.Popen(
        ["bash", str(places.root / "scripts" / "setup-vllm"), f"--{device.value}"],
        env={**os.environ, "GLYPH_VLLM_VENV": str(places.vllm_venv)},
    )

    def pass_on(number: int, _frame: object) -> None:
        installer.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        return installer.wait() == 0
    except KeyboardInterrupt:
        installer.wait()
        return False
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(ended("launch", main))
