"""Weights beside the borders of a map, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.compose._soft_cells import SoftCells, _narrower
from signalprep.errors import InvalidParameterError

EDGES = np.array([0.0, 1.0, 5.0, 7.0])


def test_the_narrower_interval_beside_each_edge():
    assert _narrower(EDGES).tolist() == [1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("value", "code", "border"),
    [
        (-3.0, 0, 0),
        (0.4, 1, 0),
        (0.5, 1, 0),  # in the middle: the lower
        (0.6, 1, 1),
        (2.9, 2, 1),
        (3.1, 2, 2),
        (6.1, 3, 3),
        (9.0, 4, 3),
    ],
)
def test_the_border_next_to_a_value(value, code, border):
    found = SoftCells._nearest_border(EDGES, np.array([code]), np.array([value]))
    assert found.tolist() == [border]


@pytest.mark.parametrize(
    ("value", "code", "weights"),
    [
        (3.0, 2, {2: 1.0}),
        (1.0, 2, {1: 0.5, 2: 0.5}),  # on the border: half of each
        (1.2, 2, {1: 0.1, 2: 0.9}),  # 0.2 of a half width of 0.25
        (0.9, 1, {1: 0.7, 2: 0.3}),
        (1.25, 2, {2: 1.0}),  # where the zone ends
        (4.75, 2, {2: 0.75, 3: 0.25}),  # the zone is as wide as the narrower interval asks
        (-0.05, 0, {0: 0.6, 1: 0.4}),
        (7.25, 4, {3: 0.25, 4: 0.75}),
        (np.nan, 5, {5: 1.0}),
    ],
)
def test_how_much_a_row_belongs_to_the_cells_beside_it(value, code, weights):
    cells = SoftCells([EDGES], 0.5)
    assert cells.shape == (6,)
    found = {}
    for cell, weight in cells.corners(np.array([[code]]), np.array([[value]])):
        found[int(cell[0])] = found.get(int(cell[0]), 0.0) + float(weight[0])
    assert {cell: weight for cell, weight in found.items() if weight} == pytest.approx(weights)


def test_corners_of_two_columns():
    other = np.array([0.0, 2.0, 4.0])
    cells = SoftCells([EDGES, other], 0.5)
    codes, values = np.array([[2, 1], [2, 1]]), np.array([[1.2, 1.75], [3.0, 1.0]])
    found = list(cells.corners(codes, values))
    assert sum(weight for _, weight in found).tolist() == pytest.approx([1.0, 1.0])
    first = {int(cell[0]): float(weight[0]) for cell, weight in found if weight[0]}
    columns = len(other) + 2
    expected = {
        2 * columns + 1: 0.9 * 0.75,
        2 * columns + 2: 0.9 * 0.25,
        1 * columns + 1: 0.1 * 0.75,
        1 * columns + 2: 0.1 * 0.25,
    }
    assert first == pytest.approx(expected)
    assert [int(cell[1]) for cell, weight in found if weight[1]] == [2 * columns + 1]


def test_hard_cells_have_one_corner():
    cells = SoftCells([EDGES], 0.0)
    ((cell, weight),) = cells.corners(np.array([[2], [1]]), np.array([[1.0], [0.5]]))
    assert cell.tolist() == [2, 1]
    assert weight.tolist() == [1.0, 1.0]


def test_more_cells_than_a_number_can_name():
    wide = np.arange(2.0**10 - 2)
    assert SoftCells([wide] * 6, 0.0).shape == (1024,) * 6
    with pytest.raises(InvalidParameterError, match=r"2\*\*62 cells; got 4.61e\+18 of 7 columns"):
        SoftCells([*[wide] * 6, np.arange(2.0)], 0.0)
