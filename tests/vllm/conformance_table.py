"""Write CONFORMANCE.md from what the last runs of test_conformance.py observed on real vLLM and on the simulator.

bash scripts/test --vllm && python -m pytest tests/vllm -m "not vllm" && python tests/vllm/conformance_table.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from app.paths import DATA  # noqa: E402

INTRODUCTION = """\
# Our simulator against real vLLM

Every row is one question that `tests/vllm/test_conformance.py` asks both, through our own client, with both pairs of
servers started by our own launcher. The test fails when either answers otherwise than it demands, so a row is here
because both passed; the cells show what each said. Real vLLM is 0.32.0, its CPU build, with tiny random models of the
same two architectures (Qwen3, Glm4v) and dummy weights: counts, limits, caches and errors are real, answers are noise.
Where the simulator answers differently, the simulator is wrong. Written by `tests/vllm/conformance_table.py`.

"""

REMARKS = """
Differences that stay, and why:
- Times: the simulator's are projected for a named GPU (and divided by the speed-up), vLLM's are this CPU's.
- Prompt counts of the same chat differ by a few tokens: the tiny models have a plain chat template of ours. Image tokens
  and bare texts are equal to the token.
- Cached tokens come in whole blocks: 128 tokens on vLLM's CPU build, 16 in the simulator as on a GPU.
- With room for a few hundred tokens, random weights run into the limit (`length`) where the simulator has finished
  (`stop`); both keep prompt and answer within the window.

Real vLLM alone (`tests/vllm/test_lifecycle.py`): phases told while it loads, keep-alive lines during a long prefill, the
engine killed by SIGKILL in mid-answer (told to the reader, started once more), Ctrl-C and SIGKILL of the launcher during
loading, and nothing left running after each.
"""


def main() -> None:
    columns = {kind: json.loads((DATA / "conformance" / f"{kind}.json").read_text()) for kind in ("vllm", "simulator")}
    rows = [f"| {what} | {said} | {columns['simulator'].get(what, '')} |" for what, said in columns["vllm"].items()]
    table = "\n".join(["| asked | vLLM 0.32.0 | simulator |", "|---|---|---|", *rows])
    (HERE / "CONFORMANCE.md").write_text(INTRODUCTION + table + "\n" + REMARKS)


if __name__ == "__main__":
    main()
