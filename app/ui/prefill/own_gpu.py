"""A GPU of the reader's own: three figures of its datasheet, entered on the Prefill screen."""

from __future__ import annotations

import streamlit as st

from app.projection import DEFAULT_GPU, Gpu, ProjectionError, own_gpu
from app.ui.outside import plain


def draw_own_gpu() -> Gpu:
    """The GPU as entered; the default one where a figure is none that a GPU has."""
    rate, memory, bandwidth = st.columns(3)
    figures = (
        rate.number_input(
            "Dense bf16 rate (TFLOPS)",
            0.1,
            20_000.0,
            float(DEFAULT_GPU.bf16_tflops),
            key="own-tflops",
            help="Datasheets often print twice this, “with sparsity”.",
        ),
        memory.number_input("Memory (GB)", 1.0, 2_000.0, float(DEFAULT_GPU.memory_gb), key="own-memory"),
        bandwidth.number_input(
            "Memory bandwidth (GB/s)", 1.0, 100_000.0, float(DEFAULT_GPU.memory_bandwidth_gbps), key="own-bandwidth"
        ),
    )
    try:
        return own_gpu(*figures)
    except ProjectionError as error:
        st.warning(plain(str(error)))
        return DEFAULT_GPU
