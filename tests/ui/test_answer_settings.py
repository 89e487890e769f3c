"""Answer settings: the same on both sides until the user asks otherwise, all changeable, all back with one button."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.clients import SamplingSettings, Transport
from app.comparisons import Options, Order
from app.recordings import KeptConversation
from app.ui.answer_bounds import bounded_sampling
from app.ui.compare.answer_settings import differences
from app.ui.kept_conversations import take_settings


def panel():
    from app.ui.compare.answer_settings import draw_answer_panel
    from app.ui.session import session

    draw_answer_panel(session())


@pytest.fixture
def app():
    return AppTest.from_function(panel, default_timeout=60).run()


def kept(app):
    return app.session_state["glyph"]


def named(widgets, label, at=0):
    return [one for one in widgets if one.label == label][at]


def test_both_sides_get_the_same_settings_by_default(app):
    assert not app.exception
    assert kept(app).sampling == SamplingSettings()
    assert kept(app).pages_sampling is None
    assert any("same settings go to both" in one.value for one in app.caption)


def test_every_setting_reaches_the_session(app):
    named(app.number_input, "Maximum answer tokens").set_value(512)
    named(app.toggle, "Thinking").set_value(False)
    named(app.slider, "Temperature").set_value(0.0)
    named(app.slider, "Top p").set_value(0.5)
    named(app.number_input, "Top k").set_value(5)
    named(app.number_input, "Repetition penalty").set_value(1.1)
    named(app.text_area, "System prompt").set_value(" Answer in verse. ")
    named(app.number_input, "Seed").set_value(7).run()
    wanted = SamplingSettings(
        max_tokens=512,
        temperature=0.0,
        top_p=0.5,
        top_k=5,
        repetition_penalty=1.1,
        thinking=False,
        seed=7,
        system_prompt="Answer in verse.",
    )
    assert kept(app).sampling == wanted
    app.run()
    assert kept(app).sampling == wanted


def test_the_pages_side_can_differ_and_the_panel_says_in_what(app):
    named(app.toggle, "Same on both sides").set_value(False).run()
    assert kept(app).pages_sampling == SamplingSettings()
    named(app.slider, "Temperature", 1).set_value(1.0).run()
    assert kept(app).pages_sampling == replace(SamplingSettings(), temperature=1.0)
    assert kept(app).sampling == SamplingSettings()
    assert any("differ in temperature" in one.value for one in app.caption)
    named(app.toggle, "Same on both sides").set_value(True).run()
    assert kept(app).pages_sampling is None


def test_measuring_reaches_the_session_and_the_defaults_come_back(app):
    named(app.segmented_control, "Cold questions").set_value("every one")
    named(app.toggle, "Factsheet beside the pages").set_value(True)
    named(app.toggle, "Count preparation too").set_value(True).run()
    assert kept(app).options.cold
    assert kept(app).options.include_preparation
    assert kept(app).options.order is Order.TOGETHER
    assert kept(app).transport is Transport.AUTO
    named(app.button, "Back to the defaults").click().run()
    assert not kept(app).options.cold
    assert named(app.segmented_control, "Cold questions").value == "the first"
    assert kept(app).factsheet is False
    assert not [one for one in app.button if one.label == "Back to the defaults"]


def test_what_others_asked_counts_only_where_one_says_so(app):
    assert not kept(app).shared_caches
    named(app.segmented_control, "Cold questions").set_value("as it comes").run()
    assert kept(app).shared_caches
    assert not kept(app).options.cold
    app.run()
    assert kept(app).shared_caches
    named(app.button, "Back to the defaults").click().run()
    assert not kept(app).shared_caches


def test_differences_are_named_as_a_sentence_would():
    base = SamplingSettings()
    assert differences(base, base) == ""
    assert differences(base, replace(base, seed=1)) == "seed"
    assert differences(base, replace(base, seed=1, top_k=3, top_p=0.5)) == "top p, top k and seed"


@pytest.mark.parametrize("far", [-(10**15), 10**15])
def test_settings_of_a_file_that_lie_beyond_the_widgets_take_no_panel_away(far):
    odd = SamplingSettings(far, float(far), float(far), far, float(far), True, far, True, "x" * 100_000)
    asked = KeptConversation((), "", None, (), "", odd, replace(odd, temperature=0.5), Options(order=Order.PAGES_FIRST))
    app = AppTest.from_function(panel, default_timeout=60).run()
    take_settings(kept(app), asked)
    kept(app).answer_generation += 1  # as on a screen that was not drawn yet
    app.run()
    assert not app.exception
    assert kept(app).sampling == bounded_sampling(odd)
    assert kept(app).pages_sampling.temperature == 0.5
    assert kept(app).options.order is Order.RANDOM
