"""Fit the projection's factors to a kept sweep, on request, and show what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.calibration import CalibrationError, calibrate, calibrations
from app.projection import GPUS, Gpu
from app.serving.hardware import detect
from app.sweep import Header, Record
from app.ui.guard import safely
from app.ui.outside import plain
from app.ui.prefill.factors import draw_calibration
from app.ui.session import say

_NAME_KEY = "calibration-machine"


def draw_calibrate(sweep_id: str, header: Header, records: Sequence[Record], gpu: Gpu) -> None:
    """Below a sweep that is over: the button, and the calibrations that are kept."""
    with st.expander("Calibrate the projection with this sweep", key="calibrate-open"):
        played = _played(header)
        measured_on = played or gpu
        st.caption(
            plain(
                f"The factors are fitted to this sweep's cold medians on {measured_on.name}"
                + (", which the simulator plays" if played else ", the GPU chosen above")
                + ", and kept under the machine's name in the data folder. Requests at once are held out, as a check."
            )
        )
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        name = left.text_input(
            "Machine", f"Simulated {played.name}" if played else _machine(), 120, key=f"{_NAME_KEY}-{sweep_id}"
        )
        right.button(
            "Calibrate",
            icon=":material/tune:",
            on_click=safely(_calibrate),
            args=(header, records, measured_on, sweep_id),
            key="calibrate",
            width="stretch",
        )
        found = next((one for one in calibrations().kept() if one.machine == " ".join(name.split())), None)
        if found is not None:
            draw_calibration(found)


def _calibrate(header: Header, records: Sequence[Record], gpu: Gpu, sweep_id: str) -> None:
    try:
        found = calibrate(header, records, gpu, st.session_state[f"{_NAME_KEY}-{sweep_id}"])
        calibrations().keep(found)
    except CalibrationError as error:
        say(str(error), grave=True)
    else:
        say(f"The factors fitted to this sweep are kept for “{found.machine}”. Choose them under Factors above.")


def _played(header: Header) -> Gpu | None:
    """The GPU that a simulator plays; None for real servers."""
    told = {note.simulated_gpu for note in header.servers if note.simulated}
    return next((gpu for gpu in GPUS.values() if told & {gpu.id, gpu.name}), None)


@st.cache_resource(show_spinner=False)
def _machine() -> str:
    """Of this machine; servers elsewhere are given their own name by who knows them."""
    return detect().summary
