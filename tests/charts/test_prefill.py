"""The projection's chart: what it says of the open book."""

import math

import pytest

from app.charts import projection_chart

LENGTHS = [4_000, 32_000, 240_000]


def test_this_book_is_named_where_its_line_stands():
    figure = projection_chart(LENGTHS, [0.1, 1.5, 44.0], [0.1, 0.7, 9.0], 3.0, "a GPU", book_tokens=60_000)
    [line] = figure.layout.shapes
    [words] = figure.layout.annotations
    assert (line.x0, words.text) == (60_000, "this book")
    assert words.x == pytest.approx(math.log10(line.x0))  # the axis is logarithmic: words are placed by exponent


def test_without_a_book_no_line_is_drawn():
    figure = projection_chart(LENGTHS, [0.1, 1.5, 44.0], [0.1, 0.7, 9.0], 3.0, "a GPU")
    assert (len(figure.layout.shapes), len(figure.layout.annotations)) == (0, 0)
