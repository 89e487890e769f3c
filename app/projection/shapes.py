"""The two models as matrix sizes, and what they cost in operations and bytes. Knows nothing of GPUs or of time.

Sources: Qwen3-8B's config.json; GLM-4.1V-9B (Glyph's backbone) from the defaults of transformers' Glm4vConfig, whose
vision blocks use the text width (4096) as their MLP width and whose merger uses 13,696.
One multiply-add counts as two operations. Norms, activations and rotary embeddings are left out (well under 1 %).
"""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_VALUE = 2  # bf16


@dataclass(frozen=True, slots=True)
class VisionShape:
    """A vision transformer that attends within each page, then merges squares of patches into one token."""

    layers: int
    hidden: int
    intermediate: int
    patch_px: int
    merge: int  # patches a side that become one token
    out_hidden: int
    merger_intermediate: int

    @property
    def patches_per_token(self) -> int:
        return self.merge * self.merge

    @property
    def block_params(self) -> int:
        return self.layers * (4 * self.hidden**2 + 3 * self.hidden * self.intermediate)

    @property
    def merger_params(self) -> int:
        downsample = self.patches_per_token * self.hidden * self.out_hidden
        return downsample + self.out_hidden**2 + 3 * self.out_hidden * self.merger_intermediate

    @property
    def params(self) -> int:
        patch_values = 3 * 2 * self.patch_px**2  # three colours, two frames: a still picture is doubled
        return patch_values * self.hidden + self.block_params + self.merger_params

    def page_operations(self, patches: int) -> float:
        linear = 2 * self.block_params * patches
        attention = 4 * self.layers * self.hidden * patches**2
        merger = 2 * self.merger_params * (patches / self.patches_per_token)
        return float(linear + attention + merger)


@dataclass(frozen=True, slots=True)
class ModelShape:
    name: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    vision: VisionShape | None = None

    @property
    def linear_params(self) -> int:
        """Weights that every token passes through: projections and MLP of all layers, no embedding, no head."""
        attention = 2 * self.hidden * self.heads * self.head_dim + 2 * self.hidden * self.kv_heads * self.head_dim
        return self.layers * (attention + 3 * self.hidden * self.intermediate)

    @property
    def head_params(self) -> int:
        return self.vocabulary * self.hidden

    @property
    def params(self) -> int:
        vision = self.vision.params if self.vision else 0
        return self.linear_params + 2 * self.head_params + vision

    @property
    def weight_bytes(self) -> int:
        return self.params * BYTES_PER_VALUE

    @property
    def bytes_read_per_step(self) -> int:
        """Weights that one decoding step reads: layers and head; of the embedding only a row, of the ViT nothing."""
        return (self.linear_params + self.head_params) * BYTES_PER_VALUE

    @property
    def kv_bytes_per_token(self) -> int:
        return 2 * self.layers * self.kv_heads * self.head_dim * BYTES_PER_VALUE

    def linear_operations(self, tokens: int) -> float:
        """Of a prefill of so many tokens; the head runs once, for the last of them."""
        return float(2 * self.linear_params * tokens + 2 * self.head_params) if tokens else 0.0

    def attention_operations(self, tokens: int, cached_tokens: int = 0) -> float:
        """Causal attention of the tokens after the cached ones: each looks at all before it, half a square in all."""
        return float(2 * self.layers * self.heads * self.head_dim * (tokens**2 - cached_tokens**2))


QWEN3_8B = ModelShape(
    name="Qwen3-8B", layers=36, hidden=4096, heads=32, kv_heads=8, head_dim=128, intermediate=12288, vocabulary=151936
)

GLYPH = ModelShape(
    name="Glyph (GLM-4.1V-9B)",
    layers=40,
    hidden=4096,
    heads=32,
    kv_heads=2,
    head_dim=128,
    intermediate=13696,
    vocabulary=151552,
    vision=VisionShape(
        layers=24, hidden=1536, intermediate=4096, patch_px=14, merge=2, out_hidden=4096, merger_intermediate=13696
    ),
)


def shape_named(model: str) -> ModelShape | None:
    """The shape of a model by the name that its server gives it; None: not one of ours, or in fewer bits than bf16.

    Folders before the name do not matter.
    """
    name = model.rstrip("/").rpartition("/")[2].lower()
    if any(word in name for word in ("fp8", "fp4", "int4", "int8", "awq", "gptq", "bnb", "gguf")):
        return None
    if name.startswith("qwen3-8b"):
        return QWEN3_8B
    return GLYPH if name.startswith(("glyph", "glm-4.1v-9b")) else None
