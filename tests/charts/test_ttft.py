"""The chart tells measured from simulated, and leaves out what is not there."""

from app.charts import QuestionTimes, ttft_chart


def bars(figure):
    return {bar.name: bar for bar in figure.data}


def test_simulated_bars_are_hatched_and_measured_ones_are_not():
    shown = bars(ttft_chart([QuestionTimes("Question 1", 9000, 3000, text_simulated=False, pages_simulated=True)]))
    assert set(shown) == {"Text model, measured", "Glyph, simulated"}
    assert shown["Glyph, simulated"].marker.pattern.shape == "/"
    assert shown["Text model, measured"].marker.pattern.shape is None


def test_a_side_without_a_time_has_no_bar():
    shown = bars(ttft_chart([QuestionTimes("Question 1", None, 3000, False, False)]))
    assert set(shown) == {"Glyph, measured"}


def test_bars_are_in_seconds():
    shown = bars(ttft_chart([QuestionTimes("Question 1", 9000, 3000, False, False)]))
    assert list(shown["Text model, measured"].x) == [9.0]
