"""What an evaluation will cost, before its start: calls, tokens, time and price, by the function of scripts/evaluate.py --dry-run."""

from __future__ import annotations

import streamlit as st

from app.evaluation import EvaluationPlan, Forecast, Price, Sources, forecasts
from app.measurement import duration_words
from app.ui.guard import draw_again, safely, ticking
from app.ui.outside import plain

RECKONED_AT_ONCE = 2_000_000  # tokens of documents: some seconds of work; more is reckoned when somebody asks for it
_ASKED = "evaluate-cost-asked"


def draw_cost(plan: EvaluationPlan, sources: Sources) -> None:
    price = _price()
    told = forecasts().look(plan, sources) if _is_wanted(plan) else None
    if told is not None and told.forecast is not None:
        st.dataframe(cost_rows(told.forecast, price), hide_index=True, width="stretch", height="content")
        st.caption(plain(told.forecast.words(price)))
    elif told is not None:
        st.caption(plain(f"What it will cost cannot be told: {told.trouble}"))
    elif _is_wanted(plan):
        _draw_waiting(plan, sources)
    else:
        st.button(
            "Tell calls, tokens and time",
            icon=":material/calculate:",
            key="evaluate-cost",
            on_click=safely(_ask_for),
            args=(plan,),
            help="Every document is made and laid out for it; with as many as these that takes a while.",
        )


def cost_rows(told: Forecast, price: Price) -> list[dict[str, str]]:
    """The digits of scripts/evaluate.py --dry-run."""
    priced = price != Price()
    return [
        {
            "Arm": one.arm.label,
            "Calls": f"{one.calls:,}",
            "Prompt tokens": f"{one.prompt_tokens:,}",
            "Answers, some": f"{one.answer_tokens:,}",
            "Time, projected": duration_words(1000 * one.seconds),
            **({"Price": f"{one.price(price):,.4f}"} if priced else {}),
        }
        for one in told.arms
    ]


def _price() -> Price:
    prompt, answer = st.columns(2)
    return Price(
        prompt.number_input("Price of a million prompt tokens", 0.0, 1e6, 0.0, key="evaluate-price-prompt"),
        answer.number_input("Price of a million answer tokens", 0.0, 1e6, 0.0, key="evaluate-price-answer"),
    )


@ticking(0.5)
def _draw_waiting(plan: EvaluationPlan, sources: Sources) -> None:
    if forecasts().look(plan, sources) is not None:
        draw_again()
        return
    st.caption(":material/hourglass_top: Reckoning calls, tokens and time …")


def _is_wanted(plan: EvaluationPlan) -> bool:
    small = len(plan.tasks) * plan.count * plan.length <= RECKONED_AT_ONCE
    return small or st.session_state.get(_ASKED) == plan


def _ask_for(plan: EvaluationPlan) -> None:
    st.session_state[_ASKED] = plan
