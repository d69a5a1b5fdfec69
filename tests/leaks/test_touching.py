"""Pieces of one recording: how many borders, channels and steps tell that cycles are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import signalprep as sp
from signalprep.leaks._touching import _is_fast, touching_by_values
from signalprep.trial import Case

ROWS = 50


def case(n, going_on, jump=1.0, **channels):
    """Cycles of two walks in steps of one, of which the first so many go on in the next one."""
    rng = np.random.default_rng(0)
    levels = 100.0 * rng.permutation(n * 2).reshape(2, n)
    walks = np.cumsum(rng.choice([-1.0, 1.0], size=(2, n, ROWS)), axis=2)
    for k in range(n):
        goes_on = 0 < k <= going_on
        start = walks[:, k - 1, -1] + jump if goes_on else levels[:, k]
        walks[:, k] += (start - walks[:, k, 0])[:, None]
    index = pd.MultiIndex.from_product([range(n), np.arange(float(ROWS))], names=["cycle", "time"])
    X = pd.DataFrame({"x": walks[0].ravel()}, index).assign(**channels)
    y = pd.Series(walks[1].ravel(), index, name="y")
    return Case(None, X, y, list(sp.CycleKFold(2).split(X)), "cv")


@pytest.mark.parametrize(
    ("n", "going_on", "found"),
    [
        (21, 6, True),  # three borders in ten
        (21, 5, False),
        (12, 4, True),
        (11, 3, False),  # once in six thousand by chance
        (11, 4, True),
        (9, 4, True),
        (3, 2, False),
        (4, 3, False),
    ],
)
def test_borders_at_which_values_go_on(n, going_on, found):
    expected = [(k, k + 1) for k in range(going_on)] if found else []
    assert touching_by_values(case(n, going_on)) == expected


@pytest.mark.parametrize(("jump", "found"), [(3.0, 8), (-3.0, 8), (3.01, 0), (-3.01, 0)])
def test_values_go_on_within_three_usual_steps(jump, found):
    assert len(touching_by_values(case(12, 8, jump))) == found


def test_two_channels_must_tell_and_gaps_tell_nothing():
    one = case(12, 8)
    flat = Case(None, one.X.assign(x=1.0), one.y, one.folds, "cv")
    assert touching_by_values(flat) == []
    holed = one.X["x"].where(np.arange(12 * ROWS) != 70)
    assert touching_by_values(Case(None, one.X.assign(x=holed), one.y, one.folds, "cv")) == []
    both = Case(None, one.X.assign(z=holed, w="a"), one.y, one.folds, "cv")
    assert len(touching_by_values(both)) == 8
    third = np.repeat(1000.0 * np.random.default_rng(1).permutation(12), ROWS)
    third += np.cumsum(np.random.default_rng(2).choice([-1.0, 1.0], size=12 * ROWS))
    other = Case(None, one.X.assign(z=third), one.y, one.folds, "cv")
    assert touching_by_values(other) == [], "one in three does not go on"


@pytest.mark.parametrize(("share", "found"), [(0.0, 0), (0.19, 0), (0.21, 8)])
def test_drives_that_start_and_end_at_rest_say_nothing(share, found):
    """A fast channel of which the ends differ by so much of its deviation."""
    fast = np.tile(np.sin(np.arange(ROWS) * np.pi / (ROWS - 1)) ** 2, 12).reshape(12, ROWS)
    for _ in range(20):  # ends count in the deviation, too
        ends = share * fast.std() * (-1.0) ** np.arange(12)
        fast[:, 0] = fast[:, -1] = ends
    assert len(touching_by_values(case(12, 8, v=fast.ravel()))) == found


def test_what_changes_within_cycles():
    bounds = np.array([0, 4, 8])
    within, between = np.tile([1.0, -1.0], 4), np.repeat([1.0, -1.0], 4)
    values = np.column_stack([within, between, within + between, within + 1.01 * between])
    assert _is_fast(values, bounds).tolist() == [True, False, True, False]
