"""A job in, datatrove's executor for it out. Which tasks run where, and again after a stop, is its business."""

import math
import shlex
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.paths import IN_CHECKOUT, ROOT

from .errors import InputError, PackageMissing
from .job import Job
from .parquet_shards import ParquetShards
from .steps import DrawPages, ReadTexts
from .tar_shards import TarShards
from .values import Shards

if TYPE_CHECKING:
    from datatrove.executor.base import PipelineExecutor


class Where(StrEnum):
    """LOCAL: processes of this machine. SLURM: a job array (sbatch, a folder that all nodes see). RAY: a running cluster."""

    LOCAL = "local"
    SLURM = "slurm"
    RAY = "ray"


@dataclass(frozen=True, slots=True)
class Means:
    """What a job may use. `workers`: tasks at once. The rest is for Slurm; a time limit for Ray too."""

    where: Where = Where.LOCAL
    workers: int = 1
    partition: str = ""
    time_limit: str = "24:00:00"
    sbatch: tuple[tuple[str, str], ...] = ()
    """More of sbatch's options, such as account or qos, by name and value."""


def executor_of(job: Job, means: Means) -> "PipelineExecutor":
    """Ready to `run()`. Raises PackageMissing, and InputError for what Slurm needs and is not given."""
    common: dict[str, Any] = {
        "pipeline": pipeline_of(job),
        "tasks": job.tasks,
        "workers": means.workers,
        "logging_dir": str(job.log),
    }
    if means.where is Where.LOCAL:
        from datatrove.executor import LocalPipelineExecutor

        return LocalPipelineExecutor(**common)
    memory = memory_gb(job)
    if means.where is Where.RAY:
        try:
            import ray  # noqa: F401
        except ImportError:
            raise PackageMissing("ray") from None
        from datatrove.executor import RayPipelineExecutor

        found = {"runtime_env": {"env_vars": {"PYTHONPATH": str(ROOT)}}} if IN_CHECKOUT else None
        return RayPipelineExecutor(**common, cpus_per_task=1, mem_per_cpu_gb=memory, ray_remote_kwargs=found)
    if not means.partition:
        raise InputError("Slurm needs the name of a partition; give --partition (sinfo lists them).")
    from datatrove.executor import SlurmPipelineExecutor

    return SlurmPipelineExecutor(
        **common,
        time=means.time_limit,
        partition=means.partition,
        cpus_per_task=1,
        mem_per_cpu_gb=memory,
        job_name="glyph-pages",
        qos="",  # datatrove's "normal" is not known everywhere; sbatch's own default is
        sbatch_args=dict(means.sbatch),
        env_command=_environment_of_this_process(),
    )


def pipeline_of(job: Job) -> list[Any]:
    """The steps, each of which is sent to the workers as a pickle."""
    writers = {Shards.TAR: TarShards, Shards.PARQUET: ParquetShards}
    return [
        ReadTexts(job.folder, job.files_list, job.keys, job.bounds),
        DrawPages(job.look, job.bounds, job.out),
        *(writers[kind](job.shards(kind), job.shard_bytes) for kind in job.kinds),
    ]


def memory_gb(job: Job) -> int:
    """To ask a cluster for, a worker: whole gigabytes, the job's own bound rounded up."""
    return math.ceil(job.bounds.memory_bytes / (1 << 30))


def _environment_of_this_process() -> str:
    """One line of bash: a node uses the Python and, in a checkout, the sources that the job was submitted with."""

    lines = [f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"]
    if IN_CHECKOUT:
        lines.append(f"export PYTHONPATH={shlex.quote(str(ROOT))}${{PYTHONPATH:+:$PYTHONPATH}}")
    return "; ".join(lines)
