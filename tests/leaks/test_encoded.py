"""Means of the target without the row itself: of two rows it is the other one's."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.leaks._encoded import Levels, _without_itself

Y = np.random.default_rng(0).normal(size=12)


@pytest.mark.parametrize(
    ("of_row", "words"),
    [
        (np.repeat(range(6), 2), "the mean, without the row itself,"),
        (np.repeat(range(4), 3), "the mean, without the row itself,"),
        (np.array([0, *np.repeat(range(1, 6), 2), 5]), ""),  # a level of one row has no others
    ],
)
def test_the_mean_of_all_others_of_one_value(of_row, words):
    counts = np.bincount(of_row)
    levels = Levels(np.arange(float(len(counts))), of_row, counts)
    sums = np.bincount(of_row, Y)[of_row]
    others = (sums - Y) / np.maximum(counts[of_row] - 1, 1)
    assert _without_itself(others, {0: levels}, Y) == words
    assert _without_itself(others + 1e-8, {0: levels}, Y) == ""
    assert _without_itself(others, {}, Y) == ""
    coarse = Levels(np.arange(2.0), np.tile([0, 1], 6), np.array([6, 6]))
    assert _without_itself(others, {3: coarse, 5: levels}, Y) == words
