#!/usr/bin/env python3
"""Prove without a GPU that trainers read our rows and use our rewards: TRL takes a few steps with a tiny random Glm4v on the CPU.

    bash scripts/setup-trainers && python scripts/prove_training.py
    bash scripts/setup-trainers --swift && python scripts/prove_training.py --swift     ms-swift too, with configs/training
    bash scripts/setup-trainers --llama-factory && python scripts/prove_training.py --llama-factory     LLaMA-Factory too

Makes rows of the bundled samples, a model of the right shape with random weights (scripts/tiny_models.py), and a judge that
follows a rule behind an OpenAI-compatible address on this machine. Prints each claim with what was seen, then a JSON line.
Exit status: 0 all claims hold, 1 one does not, 2 an environment is missing. It proves that the parts fit together: the model
is random, and nothing is said of how well a trained one would read.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import tiny_models

ROOT = Path(__file__).resolve().parent.parent
# One page or two, and answers of some dozens of words: a step of the tiny model takes seconds then. Some pages are above
# LLaMA-Factory's own limit.
ROWS = ("--samples", "--seed", "1", "--count", "8", "--least-tokens", "400", "--most-tokens", "1500", "--held-out", "0")
TRL = Path(os.environ.get("GLYPH_TRAINERS_VENV") or ROOT / ".venv-trainers") / "bin" / "python"
SWIFT = Path(os.environ.get("GLYPH_SWIFT_VENV") or ROOT / ".venv-swift") / "bin" / "python"
LLAMA_FACTORY = Path(os.environ.get("GLYPH_LLAMA_FACTORY_VENV") or ROOT / ".venv-llama-factory") / "bin" / "python"
LIMIT_S = 1_500
# Of the answers that trl_steps.py plants: what each reward is by its definition; None where it is not about the row.
EXPECTED: dict[tuple[str, str], tuple[float | None, ...]] = {
    ("grpo-ocr", "glyph_judge"): (None, None, None, None),
    ("grpo-ocr", "glyph_format"): (1, 1, 0, 0),
    ("grpo-ocr", "glyph_ocr"): (1, 0.5, 1, 0),
    ("grpo-qa", "glyph_judge"): (1, 0, 1, 0),
    ("grpo-qa", "glyph_format"): (1, 1, 0, 0),
    ("grpo-qa", "glyph_ocr"): (None, None, None, None),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed, whether it was seen to hold, and what was seen."""

    words: str
    holds: bool
    seen: str


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--swift", action="store_true", help="ms-swift as well")
    parser.add_argument("--llama-factory", action="store_true", help="LLaMA-Factory as well")
    parser.add_argument("--out", type=Path, help="keep rows, model and logs in this folder (default: a temporary one)")
    options = parser.parse_args(arguments)
    wanted = [(TRL, "")]
    wanted += [(SWIFT, " --swift")] if options.swift else []
    wanted += [(LLAMA_FACTORY, " --llama-factory")] if options.llama_factory else []
    for python, flag in wanted:
        if not python.exists():
            print(f"{python} is missing; run: bash scripts/setup-trainers{flag}", file=sys.stderr)
            return 2
    with tempfile.TemporaryDirectory() as temporary, rule_judge() as judge:
        claims = proved((options.out or Path(temporary)).resolve(), judge, {python for python, _ in wanted})
    for claim in claims:
        print(f"{'holds' if claim.holds else 'FAILS'}  {claim.words}: {claim.seen}")
    print(json.dumps({"claims": [asdict(claim) for claim in claims]}, ensure_ascii=False))
    return 0 if all(claim.holds for claim in claims) else 1


def proved(folder: Path, judge: str, pythons: set[Path]) -> list[Claim]:
    rows, models, out = folder / "rows", folder / "models", folder / "trl"
    _run([sys.executable, str(ROOT / "scripts" / "make_training_data.py"), *ROWS, "--out", str(rows)], {})
    tiny_models.build(models)
    environment = {"GLYPH_JUDGE_URL": judge, "GLYPH_JUDGE_MODEL": "rule"}

    def steps(python: Path, script: str, model: Path, to: Path) -> Any:
        named = ["--rows", str(rows), "--model", str(model), "--out", str(to)]
        return _run([str(python), str(ROOT / "scripts" / script), *named], environment)

    claims = trl_claims(steps(TRL, "trl_steps.py", models / "tiny-glm4v", out))
    if SWIFT in pythons:
        claims += swift_claims(steps(SWIFT, "swift_steps.py", out / "model", folder / "swift"))
    if LLAMA_FACTORY in pythons:
        claims += llama_factory_claims(
            steps(LLAMA_FACTORY, "llama_factory_steps.py", out / "model", folder / "llama-factory")
        )
    return claims


def _run(command: list[str], environment: dict[str, str]) -> Any:
    """The JSON of the last line that a script prints. Ends with its words where it fails."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode:
        raise SystemExit(f"{Path(command[1]).name} ended with status {done.returncode}:\n{done.stderr[-4_000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def trl_claims(found: dict[str, Any]) -> list[Claim]:
    counted, planted = found["counted"], found["grpo_planted"]
    wrong = [one["id"] for one in counted if one["told"] != one["processor"]]
    claims = [
        Claim(
            "a row's text, visual and mark tokens are what the model's own tokenizer and processor make",
            len(counted) == sum(found["rows"].values()) > 0 and not wrong,
            f"{len(counted) - len(wrong)} of {len(counted)} rows",
        )
    ]
    for name, words in (
        ("cpt", "pre-training rows"),
        ("sft", "SFT"),
        ("grpo_sampled", "GRPO, its own samples"),
        ("grpo_planted", "GRPO, planted answers"),
    ):
        claims.append(_finite(f"TRL, {words}", found[name]))
    still = sorted(
        part for one in (found["cpt"], found["sft"], planted) for part, moved in one["moved"].items() if not moved > 0
    )
    claims.append(Claim("every part of the model is trained, vision included", not still, ", ".join(planted["moved"])))
    given = [_as_expected(one) for one in planted["rewards"]]
    claims.append(
        Claim(
            "planted answers get the rewards they deserve", len(given) == len(EXPECTED) and all(given), _told(planted)
        )
    )
    signal = [one["reward_std"] for one in planted["logged"]]
    claims.append(
        Claim("a group of planted answers has something to learn from", min(signal) > 0.1, f"reward's spread {signal}")
    )
    return claims


def _finite(words: str, one: dict[str, Any]) -> Claim:
    losses = one["loss"]
    holds = bool(losses) and all(math.isfinite(value) for value in (*losses, *one["grad_norm"]))
    return Claim(f"{words}: losses and gradients are finite", holds, ", ".join(f"{loss:.3f}" for loss in losses))


def _as_expected(one: dict[str, Any]) -> bool:
    (task,) = set(one["task"])
    expected = EXPECTED[task, one["reward"]]
    return len(expected) == len(one["given"]) and all(
        given is meant if meant is None or given is None else abs(given - meant) < 0.02
        for given, meant in zip(one["given"], expected, strict=True)
    )


def _told(planted: dict[str, Any]) -> str:
    about = [one for one in planted["rewards"] if None not in one["given"]]
    return "; ".join(f"{one['task'][0]} {one['reward']} {[round(value, 2) for value in one['given']]}" for one in about)


def swift_claims(found: dict[str, Any]) -> list[Claim]:
    claims = []
    for stage, one in found.items():
        replaced = {"model"}  # by the tiny one
        other = [name for name, pair in one["values"].items() if name not in replaced and not _same(*pair)]
        seen = f"{len(one['values'])} values, unknown {one['unknown']}, read otherwise {other}"
        claims.append(
            Claim(f"ms-swift reads configs/training/{stage}.yaml as it is written", not other + one["unknown"], seen)
        )
        losses = [line["loss"] for line in one["logged"]]
        holds = one["status"] == 0 and bool(losses) and all(math.isfinite(float(loss)) for loss in losses)
        seen = f"loss {losses}" if holds else one["said"][-600:]
        claims.append(Claim(f"ms-swift takes a step of {stage} on our rows", holds, seen))
    logged = found["grpo"]["logged"][-1] if found["grpo"]["logged"] else {}
    rewards = {name: value for name, value in logged.items() if name.startswith("rewards/") and name.endswith("mean")}
    holds = {name.split("/")[1] for name in rewards} == {"glyph_judge", "glyph_format", "glyph_ocr"}
    return [*claims, Claim("ms-swift asks our three rewards", holds, str(rewards))]


def llama_factory_claims(found: dict[str, Any]) -> list[Claim]:
    told, raised, default = (sum(one[key] for one in found.values()) for key in ("told", "raised", "default"))
    losses = [one["loss"] for one in found.values()]
    return [
        Claim(
            "LLaMA-Factory gives our pages the tokens that the rows tell, once image_max_pixels is raised as we say",
            all(one["told"] == one["raised"] > 0 for one in found.values()),
            f"{raised:,} of {told:,} tokens",
        ),
        Claim("with its own limit it shrinks some, as we warn", default < told, f"{default:,} of {told:,} tokens"),
        Claim(
            "LLaMA-Factory takes a step on SFT and pre-training rows",
            bool(losses) and all(math.isfinite(loss) for loss in losses),
            ", ".join(f"{loss:.3f}" for loss in losses),
        ),
    ]


def _same(written: str, parsed: str) -> bool:
    """Written and parsed value in words: 160 is 160.0, bfloat16 is torch.bfloat16, one file is a list of one."""
    try:
        return float(written) == float(parsed)
    except ValueError:
        return parsed.removeprefix("torch.") in (written, f"['{written}']")


@contextmanager
def rule_judge() -> Iterator[str]:
    """An OpenAI-compatible address on this machine that says YES where the answer holds the reference. It reads no meaning."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            said = asked["messages"][1]["content"]
            _, _, _, reference, _, answer, *_ = said.split(said.split("\n")[1])
            verdict = "YES" if reference.strip().lower() in answer.lower() else "NO"
            body = json.dumps({"choices": [{"message": {"role": "assistant", "content": verdict}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
