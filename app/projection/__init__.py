"""GPU and model shapes in, prefill, decode and KV-cache figures out: projections on paper, labelled as such.

Knows nothing of ours: no servers, no books, no screens. Quick enough to be called while a slider is dragged.
"""

from app.projection.alone import AloneProjection, prefill_speedup_alone, project_alone
from app.projection.assumptions import ASSUMPTIONS
from app.projection.batch_speedup import BatchSpeedup, Swing, batch_speedup, tornado
from app.projection.errors import ProjectionError
from app.projection.gpus import DEFAULT_GPU, GPUS, OWN_GPU_ID, Gpu, own_gpu
from app.projection.prompts import PATCHES_PER_TOKEN, TOKENS_PER_PAGE, PromptSize, pages_prompt, text_prompt
from app.projection.published import (
    PUBLISHED_COMPRESSION,
    PUBLISHED_OUTPUT_TOKENS,
    PUBLISHED_SPEEDUPS,
    PublishedSpeedup,
)
from app.projection.roofline import ASSUMED, LABEL, Efficiency, Projection, prefill_speedup, project
from app.projection.serving import (
    ALONE,
    ASSUMED_SERVING,
    FACTORS,
    BatchProjection,
    Factor,
    Serving,
    kv_bytes_per_request,
    kv_room_bytes,
    kv_saving,
    longest_prompt,
    most_users,
    project_batch,
)
from app.projection.shapes import GLYPH, QWEN3_8B, ModelShape, VisionShape, shape_named

__all__ = [
    "ALONE",
    "ASSUMED",
    "ASSUMED_SERVING",
    "ASSUMPTIONS",
    "DEFAULT_GPU",
    "FACTORS",
    "GLYPH",
    "GPUS",
    "LABEL",
    "OWN_GPU_ID",
    "PATCHES_PER_TOKEN",
    "PUBLISHED_COMPRESSION",
    "PUBLISHED_OUTPUT_TOKENS",
    "PUBLISHED_SPEEDUPS",
    "QWEN3_8B",
    "TOKENS_PER_PAGE",
    "AloneProjection",
    "BatchProjection",
    "BatchSpeedup",
    "Efficiency",
    "Factor",
    "Gpu",
    "ModelShape",
    "Projection",
    "ProjectionError",
    "PromptSize",
    "PublishedSpeedup",
    "Serving",
    "Swing",
    "VisionShape",
    "batch_speedup",
    "kv_bytes_per_request",
    "kv_room_bytes",
    "kv_saving",
    "longest_prompt",
    "most_users",
    "own_gpu",
    "pages_prompt",
    "prefill_speedup",
    "prefill_speedup_alone",
    "project",
    "project_alone",
    "project_batch",
    "shape_named",
    "text_prompt",
    "tornado",
]
