"""What the formulas take for granted beside their factors, in words for people. Values only."""

from __future__ import annotations

ASSUMPTIONS = (
    "One GPU holds a model alone, in bf16: no quantised weights or caches, no second GPU, no speculative decoding.",
    "Shapes: Qwen3-8B's config.json; GLM-4.1V-9B, Glyph's backbone, by the defaults of its configuration in transformers. Norms, "
    "activations and rotary embeddings are left out (well under 1 %).",
    "A GPU is its datasheet's dense bf16 rate, memory and memory bandwidth; it does not slow down when it grows warm.",
    "A prefill costs the longer of its operations and of reading every weight once. Attention looks at half a square; in the vision "
    "encoder at a whole one within each page.",
    "One request alone: nothing else is asked, nothing of the prompt is in a cache. Pages lie ready: drawing them is not counted.",
    "Many at once: equal requests, prefilled one after the other, then decoded in step, their caches at mean length; nobody arrives "
    "later, nothing is preempted.",
    "Keys and values lie in blocks of 16 tokens. The memory ends the batch; a window, a server's limit of sequences or a queue may "
    "end it sooner.",
    "Pages are full but for the last one; a page costs its cells of 28 x 28 px, and two tokens around it.",
)
