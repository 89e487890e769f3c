"""GPU and model shapes in, prefill, decode and KV-cache figures out: projections on paper, labelled as such.

Knows nothing of ours: no servers, no books, no screens. Quick enough to be called while a slider is dragged.
"""

from app.projection.errors import ProjectionError
from app.projection.gpus import DEFAULT_GPU, GPUS, Gpu
from app.projection.roofline import ASSUMED, LABEL, Efficiency, Projection, prefill_speedup, project
from app.projection.shapes import GLYPH, QWEN3_8B, ModelShape, VisionShape

__all__ = [
    "ASSUMED",
    "DEFAULT_GPU",
    "GLYPH",
    "GPUS",
    "LABEL",
    "QWEN3_8B",
    "Efficiency",
    "Gpu",
    "ModelShape",
    "Projection",
    "ProjectionError",
    "VisionShape",
    "prefill_speedup",
    "project",
]
