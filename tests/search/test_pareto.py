"""Fronts, ranks and areas of points whose answers are known by hand."""

import random

from app.search import hypervolume, non_dominated
from app.search.pareto import best_first, ranks

POINTS = [(0.9, 2.0), (0.5, 4.0), (0.9, 1.5), (0.4, 3.0), (0.5, 4.0), (1.0, 1.0)]


def test_the_front_holds_what_nothing_dominates():
    assert sorted(POINTS[i] for i in non_dominated(POINTS)) == [(0.5, 4.0), (0.9, 2.0), (1.0, 1.0)]


def test_equal_points_have_one_rank_and_stand_once_on_the_front():
    assert ranks(POINTS) == [0, 0, 1, 1, 0, 0]
    assert len(non_dominated([(0.5, 2.0)] * 4)) == 1


def test_the_area_is_that_of_the_steps():
    assert hypervolume([(0.5, 3.0)]) == 0.5 * 2
    assert hypervolume([(0.9, 2.0), (0.5, 4.0)]) == 0.9 * 1 + 0.5 * 2
    assert hypervolume([]) == 0
    assert hypervolume([(1.0, 0.8)]) == 0, "pages dearer than the text hold no area"


def test_no_point_ever_shrinks_the_area_and_dominated_ones_leave_it():
    rng = random.Random(3)
    points: list[tuple[float, float]] = []
    before = 0.0
    for _ in range(200):
        point = rng.random(), 1 + 4 * rng.random()
        hidden = any(one[0] >= point[0] and one[1] >= point[1] for one in points)
        points.append(point)
        area = hypervolume(points)
        assert area == before if hidden else area > before
        before = area


def test_the_best_come_first_and_the_ends_before_the_crowd():
    points = [(0.5, 2.0), (0.51, 1.99), (0.0, 4.0), (1.0, 1.0), (0.2, 1.1)]
    order = best_first(points)
    assert set(order[:2]) == {2, 3}
    assert order[-1] == 4
