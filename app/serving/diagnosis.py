"""Say why a server ended, from the end of its log and its exit status.

In: the last lines of a log, the exit status. Out: a Diagnosis: the likely cause in plain words, what to do,
and whether starting it again can help. Knows nothing of processes.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    cause: str
    what_to_do: str
    worth_retrying: bool

    @property
    def sentence(self) -> str:
        return f"{self.cause} {self.what_to_do}".strip()


@dataclass(frozen=True, slots=True)
class _Sign:
    pattern: re.Pattern[str]
    cause: str
    what_to_do: str
    worth_retrying: bool = False


def _sign(pattern: str, cause: str, what_to_do: str, worth_retrying: bool = False) -> _Sign:
    return _Sign(re.compile(pattern, re.IGNORECASE), cause, what_to_do, worth_retrying)


# The first that matches counts: particular signs stand before general ones. {1} is the pattern's first group.
_SIGNS = (
    _sign(
        r"max seq len[\s\S]{0,400}?estimated maximum model length is (\d+)",
        "The context is too long for the KV cache: this share of memory holds {1} tokens.",
        "Lower max_model_len to {1} or less in configs/servers.toml, or give the server more memory.",
    ),
    _sign(
        r"To serve at least one request with the model'?s max seq len|larger than the available KV cache",
        "The context is too long for the KV cache.",
        "Lower max_model_len in configs/servers.toml, or give the server more memory.",
    ),
    _sign(
        r"No available memory for the cache blocks",
        "Out of memory: the weights leave no room for the KV cache.",
        "Use a smaller model or a larger share of the GPU (see --check for the figures).",
    ),
    _sign(
        r"Free memory on device[^\n]*?\(([\d./]+) ?GiB\)[^\n]*less than desired GPU memory utilization",
        "Out of memory before it began: {1} GiB of the GPU are free, less than its share.",
        "End the other programs on that GPU (nvidia-smi lists them), or lower the share.",
    ),
    _sign(
        r"Free memory on device[^\n]*less than desired GPU memory utilization",
        "Out of memory before it began: other programs hold the GPU.",
        "End them (nvidia-smi lists them), or choose a smaller profile.",
    ),
    _sign(
        r"CUDA out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED|DefaultCPUAllocator: can't allocate",
        "Out of memory.",
        "Close other programs on the device, lower max_model_len, or choose a smaller profile.",
        True,
    ),
    _sign(
        r"address already in use|Errno 98",
        "Its port is taken by another program.",
        "End that program, or give the server another port in configs/servers.toml.",
    ),
    _sign(
        r"unrecognized arguments: ([^\n]+)",
        "This vLLM does not know the arguments {1}.",
        "Install the version of requirements-vllm.txt (bash scripts/setup-vllm), or drop them from extra_args.",
    ),
    _sign(
        r"error: argument (--[\w-]+): ([^\n]+)",
        "vLLM refuses the argument {1}: {2}.",
        "Correct it in configs/servers.toml.",
    ),
    _sign(r"No space left on device", "The disk is full.", "Make room, or point HF_HOME to a larger disk."),
    _sign(
        r"401 Client Error|403 Client Error|GatedRepoError|gated repo",
        "Hugging Face refuses the download: the model asks for permission or a token.",
        "Ask for access on its page, then set HF_TOKEN, or give a local folder as the model's id.",
    ),
    _sign(
        r"is not a local folder and is not a valid model identifier|Repository Not Found|RepositoryNotFoundError"
        r"|Invalid repository ID or local directory",
        "The model was not found, neither as a folder nor on Hugging Face.",
        "Correct the model's id in configs/servers.toml.",
    ),
    _sign(
        r"LocalEntryNotFoundError|couldn't connect to 'https://huggingface\.co'|Can't load the configuration of"
        r"|Temporary failure in name resolution|OfflineModeIsEnabled",
        "The model is not on this machine and could not be downloaded.",
        "Check the network, or give a local folder as the model's id.",
    ),
    _sign(
        r"CUDA driver version is insufficient|no kernel image is available|Torch not compiled with CUDA"
        r"|Failed to infer device type|No CUDA GPUs are available",
        "vLLM and the GPU's driver do not go together, or no GPU is visible.",
        "Check nvidia-smi and the driver; .venv-vllm must hold the GPU build (bash scripts/setup-vllm --gpu).",
    ),
    _sign(
        r"EngineDeadError|EngineCore encountered a fatal error|died unexpectedly",
        "vLLM's engine process died.",
        "The log shows what it did last.",
        True,
    ),
)


def diagnose(log_tail: str, exit_status: int | None) -> Diagnosis:
    """`exit_status` as subprocess gives it: negative is the signal that ended it; None when it still runs."""
    for sign in _SIGNS:
        if match := sign.pattern.search(log_tail):
            groups = ("", *(group or "" for group in match.groups()))
            fill = [group.strip().rstrip(".,;") for group in groups]
            return Diagnosis(sign.cause.format(*fill), sign.what_to_do.format(*fill), sign.worth_retrying)
    return _by_status(exit_status)


def _by_status(status: int | None) -> Diagnosis:
    see = "The end of its log is below."
    if status == -signal.SIGKILL:
        return Diagnosis(
            "It was killed (SIGKILL): by the system when memory ran out, or by someone.",
            "`dmesg` tells whether memory ran out.",
            True,
        )
    if status is not None and status < 0:
        return Diagnosis(f"It was ended by signal {signal.Signals(-status).name}.", see, True)
    if status == 0:
        return Diagnosis("It ended by itself with status 0, which vLLM does when its engine dies.", see, True)
    if status == 2:
        return Diagnosis("It refused its arguments (exit status 2).", see, False)
    return Diagnosis(f"It ended with status {status} for a reason its log does not name.", see, True)
