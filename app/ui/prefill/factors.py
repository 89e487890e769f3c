"""The factors of the projections below: as assumed or fitted to a sweep; every assumption, and how far each moves a result."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.calibration import Calibration, CalibrationError, calibrations
from app.charts import tornado_chart
from app.measurement import Provenance
from app.projection import (
    ASSUMED_SERVING,
    ASSUMPTIONS,
    FACTORS,
    GLYPH,
    PUBLISHED_SPEEDUPS,
    QWEN3_8B,
    Gpu,
    ProjectionError,
    Serving,
    batch_speedup,
    longest_prompt,
    most_users,
    pages_prompt,
    prefill_speedup_alone,
    project_alone,
    text_prompt,
    tornado,
)
from app.ui.chart import draw_chart
from app.ui.guard import safely
from app.ui.outside import one_line, plain
from app.ui.session import say

_ASSUMED = ""
_ANSWER_TOKENS = 256


def draw_factors_choice(gpu: Gpu) -> Serving | None:
    """The factors chosen for everything below; None: as assumed."""
    kept = {one.machine: one for one in calibrations().kept()}
    chosen = st.selectbox(
        "Factors of the projections below",
        [_ASSUMED, *kept],
        format_func=lambda one: _name(kept[one]) if one else "As assumed",
        key="factors-choice",
        help="Shares of the datasheet's peaks, and what an engine adds. A sweep below can be fitted: it is then offered here.",
    )
    if not chosen:
        return None
    found = kept[chosen]
    st.caption(plain(f"What follows is projected with the factors of {_name(found)}."))
    if found.gpu.name != gpu.name:
        st.caption(
            plain(f"These factors were fitted on {found.gpu.name}; on {gpu.name} they are a guess that they are alike.")
        )
    return found.serving


def _name(found: Calibration) -> str:
    word = "fitted to a simulator" if found.provenance is Provenance.SIMULATED else "fitted to a sweep"
    return f"{one_line(found.machine, 60)}, {word}, {found.made_at[:10]}"


# --- what each factor moves -------------------------------------------------------------------------------------------


def draw_factors(gpu: Gpu, ratio: float, book_tokens: int | None, serving: Serving | None) -> None:
    with st.expander("Every assumption, and how far each moves the result", key="factors-all"):
        used = serving or ASSUMED_SERVING
        tokens = book_tokens or 32_768
        results = _results(gpu, ratio, tokens)
        name = st.selectbox("Result", list(results), key="tornado-result")
        try:
            swings = tornado(results[name], used)
            assumed = results[name](used)
        except ProjectionError:
            st.info("At an end of a range not even one such text fits this GPU, so no chart of the ranges is drawn.")
        else:
            moved = [swing for swing in swings if swing.width > 1e-9 * abs(assumed)]
            draw_chart(
                tornado_chart(moved, assumed, name),
                "prefill-factors",
                f"{name}: how far each assumption moves it, projected",
            )
            still = [swing.label for swing in swings if swing not in moved]
            if still:
                st.caption(f"Not moved at all by: {'; '.join(still)}.")
        st.table(
            [
                {
                    "Factor": factor.label,
                    "Used": f"{getattr(used, name):.3g}",
                    "Range": f"{factor.low:g} to {factor.high:g}",
                    "Where from": factor.source,
                }
                for name, factor in FACTORS.items()
            ]
        )
        st.markdown("Beside these figures it is taken for granted:\n\n" + "\n".join(f"- {one}" for one in ASSUMPTIONS))
        _draw_paper(used)


def _results(gpu: Gpu, ratio: float, tokens: int) -> dict[str, Callable[[Serving], float]]:
    """What can be asked about, for a text of `tokens`."""
    text, pages = text_prompt(tokens), pages_prompt(tokens, ratio)
    words = f"{tokens:,} tokens at {ratio:.2f}×"
    return {
        f"Speedup of the time to first token, {words}": lambda serving: prefill_speedup_alone(
            QWEN3_8B, text, GLYPH, pages, gpu, serving
        ),
        f"Speedup at the largest batch, {words}": lambda serving: (
            batch_speedup(tokens, ratio, gpu=gpu, output_tokens=_ANSWER_TOKENS, serving=serving).per_sample
        ),
        f"Time to first token of the text model (s), {words}": lambda serving: (
            project_alone(QWEN3_8B, gpu, text, serving).ttft_seconds
        ),
        f"Time to first token of Glyph (s), {words}": lambda serving: (
            project_alone(GLYPH, gpu, pages, serving).ttft_seconds
        ),
        f"Most readers of Glyph at once, {words}": lambda serving: float(
            most_users(GLYPH, gpu, pages, _ANSWER_TOKENS, serving)
        ),
        f"Longest text as pages at {ratio:.2f}× (tokens)": lambda serving: (
            ratio * longest_prompt(GLYPH, gpu, _ANSWER_TOKENS, 1, serving)
        ),
    }


def _draw_paper(used: Serving) -> None:
    st.table(
        [
            {
                "Text tokens": f"{point.text_tokens:,}",
                "Paper, measured": f"{point.decoding:.1f}×",
                "Projected as in the paper": f"{batch_speedup(point.text_tokens, 3.0, text_shape=GLYPH, serving=used).per_sample:.2f}×",
            }
            for point in PUBLISHED_SPEEDUPS
        ]
    )
    st.caption(
        "The paper's decoding figure: per-sample inference time at the largest batch, 256 output tokens, one H100 80 GB, Glyph "
        "over its own text backbone at some 3× compression. Three of the assumed factors were chosen with it in sight."
    )


# --- calibrations that are kept ---------------------------------------------------------------------------------------


def draw_calibration(found: Calibration) -> None:
    """One calibration: how well it fits, every factor, every residual."""
    simulated = found.provenance is Provenance.SIMULATED
    held_out = found.worst_off_without
    st.markdown(
        plain(
            f"{found.machine}: factors fitted to “{one_line(found.title, 60)}” on {found.gpu.name}, "
            f"{'simulated' if simulated else 'measured'}."
        )
        + f" The fit is off by at most **{100 * found.worst_off:.0f} %**"
        + ("." if held_out is None else f"; a length that it was not shown, by at most **{100 * held_out:.0f} %**.")
    )
    if simulated:
        st.caption("A simulator's times are a projection: this finds again what it was made of, and measures nothing.")
    if found.at_the_peak:
        labels = "; ".join(FACTORS[name].label for name in found.at_the_peak)
        st.warning(
            f"All of the datasheet's peak is reached in: {labels}. The GPU chosen above is hardly the one that was measured."
        )
    st.table(
        [
            {
                "Factor": FACTORS[one.name].label,
                "Assumed": f"{one.assumed:.3g}",
                "Fitted": f"{one.fitted:.3g}",
                "Left open (95 %)": f"{one.low:.3g} to {one.high:.3g}",
                "Told by the sweep": "yes" if one.told else "no: about as assumed",
            }
            for one in found.factors
        ]
    )
    st.dataframe(
        [
            {
                "What": one.quantity.value,
                "Side": one.side,
                "Text tokens": one.text_tokens,
                "At once": one.at_once,
                "Sweep (s)": round(one.measured_s, 5),
                "Fit (s)": round(one.fitted_s, 5),
                "Off": f"{100 * one.off:+.1f} %",
                "Not shown this length": "" if one.off_without is None else f"{100 * one.off_without:+.1f} %",
                "Used": "fitted" if one.quantity.fitted else "held out",
            }
            for one in found.residuals
        ],
        hide_index=True,
    )
    st.button(
        "Forget this calibration",
        icon=":material/delete:",
        on_click=safely(_forget),
        args=(found.machine,),
        key="calibration-forget",
    )


def _forget(machine: str) -> None:
    try:
        calibrations().forget(machine)
    except CalibrationError as error:
        say(str(error), grave=True)
