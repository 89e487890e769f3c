"""The searched space: what is drawn from it can be printed, conditions hold, and what lies outside is named and refused."""

import random

import pytest

from app.search import Genome, Space
from app.search.run import published
from app.styles import excluded_by
from tests.search.by_formula import documents


@pytest.fixture(scope="module")
def space() -> Space:
    return Space(documents().fonts())


def test_every_random_genome_can_be_printed_and_has_a_value_for_each_active_factor_alone(space):
    rng = random.Random(1)
    for _ in range(60):
        genome = space.random(rng)
        values = genome.to_mapping()
        assert excluded_by(space.config(genome)) == ""
        assert list(values) == [factor.name for factor in space.active(values)]
        assert all(space.factor(name).accepts(value) for name, value in values.items())


def test_a_dependent_factor_has_a_value_only_under_its_condition(space):
    plain = space.genome({"indent": "none", "indent_em": 2.0, "border": "none", "border_width_pt": 1.0})
    assert plain.get("indent_em") is None
    assert plain.get("border_width_pt") is None
    hanging = space.genome({"indent": "hanging", "indent_em": 2.0, "font_size_pt": 10})
    config = space.config(hanging)
    assert (config.left_indent_pt, config.first_line_indent_pt) == (20, -20)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dpi": 44}, "dpi cannot be '44': 45 to 144"),
        ({"dpi": 72.5}, "dpi cannot be '72.5'"),
        ({"dpi": True}, "dpi cannot be 'True'"),
        ({"dpi": "72"}, "dpi cannot be '72'"),
        ({"page": "A9"}, "page cannot be 'A9': one of"),
        ({"horizontal_scale": 0.77}, "horizontal_scale cannot be"),
        ({"dots": 1}, "there is no factor 'dots'"),
    ],
)
def test_values_outside_are_named(space, changes, said):
    [problem] = space.problems(changes)
    assert problem.startswith(said)


def test_what_cannot_be_printed_is_refused_with_the_reason(space):
    faint = space.genome({"font_size_pt": 14, "page": "A5", "margin_x_pt": 40, "indent": "block", "indent_em": 2.5})
    assert space.refused(faint) == "" or "narrow" in space.refused(faint)
    assert "narrow" in space.refused(
        space.genome(
            {"dpi": 72, "font_size_pt": 14, "page": "A5", "margin_x_pt": 40, "indent": "block", "indent_em": 2.5}
        )
        if "narrow" in space.refused(faint)
        else Genome(tuple({**faint.to_mapping(), "margin_x_pt": 130}.items()))
    )


def test_the_published_settings_have_a_neighbour_in_the_space(space):
    for name, config in published():
        near = space.config(space.nearest(config))
        assert near.dpi == config.dpi, name
        assert (near.font_size_pt, near.leading_pt) == (config.font_size_pt, config.leading_pt)
        assert (near.page_width_pt, near.page_height_pt) == (config.page_width_pt, config.page_height_pt)
        assert near.newline_markup == config.newline_markup
