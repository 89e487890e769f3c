"""The tornado's bars reach from a factor's low end to its high end, the widest on top."""

from app.charts import tornado_chart
from app.projection import ASSUMED_SERVING, FACTORS, GLYPH, batch_speedup, tornado


def result(serving) -> float:
    return batch_speedup(32_768, 3, text_shape=GLYPH, serving=serving).per_sample


def test_bars_hold_both_ends_and_the_widest_is_on_top():
    swings = tornado(result)
    assumed = result(ASSUMED_SERVING)
    figure = tornado_chart(swings, assumed, "Speedup")
    (bars,) = figure.data
    assert list(bars.y) == [swing.label for swing in reversed(swings)]
    assert list(bars.base) == [swing.at_low for swing in reversed(swings)]
    assert [base + length for base, length in zip(bars.base, bars.x, strict=True)] == [
        swing.at_low + (swing.at_high - swing.at_low) for swing in reversed(swings)
    ]
    assert {swing.factor for swing in swings} == set(FACTORS)
    assert figure.layout.shapes[0].x0 == assumed
    assert "projected" in figure.layout.xaxis.title.text
