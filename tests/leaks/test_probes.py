"""Steps tried one by one: what each alteration shows that the others do not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from sklearn.preprocessing import FunctionTransformer

from signalprep.flow import Stage, tree
from signalprep.leaks._probes import _moments, bleeding, lookahead, memory

BOUNDS = np.array([0, 60, 130, 190])
SPIKE = 1000.0


def data(levels=(0.0, 0.0, 0.0), gap=None):
    walk = np.cumsum(np.random.default_rng(0).normal(size=(190, 1)), axis=0)
    out = walk - walk.mean() + np.repeat(levels, np.diff(BOUNDS))[:, None]
    if gap is not None:
        out[gap] = np.nan
    return out


def stage(function, claims=None, final=False):
    node = tree(FunctionTransformer(function))
    return Stage("step", node, function, final, claims, Fraction(1))


def ahead(function, given=None, seed=0):
    given = data() if given is None else given
    found = lookahead(stage(function), given, BOUNDS, np.random.default_rng(seed))
    return 0 if found is None else found.samples


def later(values, rows):
    return np.concatenate([values[rows:], np.repeat(values[-1:], rows, axis=0)])[: len(values)]


def filled_from_behind(values):
    out = values.copy()
    for k in range(len(out) - 2, -1, -1):
        out[k] = np.where(np.isnan(out[k]), out[k + 1], out[k])
    return np.nan_to_num(out)


def carried_on(values):
    out = values.copy()
    for k in range(1, len(out)):
        out[k] = np.where(np.isnan(out[k]), out[k - 1], out[k])
    return np.nan_to_num(out)


def without_spikes(values):
    """Only where a value is a spike does it take the next one."""
    return np.where(np.abs(values) > 30.0, later(values, 1), values)


def refuses_spikes(function):
    def step(values):
        if np.nanmax(np.abs(values)) > 30.0:
            raise ValueError("no such rows")
        return function(values)

    return step


@pytest.mark.parametrize("rows", [0, 1, 4])
def test_later_rows(rows):
    assert ahead(lambda values: later(values, rows)) == rows


def test_causal_steps_see_nothing_ahead():
    assert ahead(np.cumsum) == 0
    assert ahead(carried_on, data(gap=[30, 31, 100])) == 0


def test_first_rows_are_filled_from_behind():
    def step(values):
        return np.concatenate([values[3:4], values[1:]]) if len(values) > 3 else values

    assert ahead(step) == 3


def test_how_long_a_cycle_is_cannot_be_known():
    assert ahead(lambda values: values * len(values)) > 0

    def needs_all(values):
        if len(values) < 60:
            raise ValueError("too short")
        return values

    assert ahead(needs_all) == 0, "one that is too short is refused, which shows nothing"


def test_spikes_and_gaps_beside_a_moment_show_more():
    assert ahead(without_spikes) == 1
    assert ahead(filled_from_behind) == 0, "nothing is missing"
    assert ahead(filled_from_behind, data(gap=[5])) >= 3, "three rows beside it are"
    assert ahead(refuses_spikes(filled_from_behind), data(gap=[5])) >= 3
    assert ahead(refuses_spikes(np.cumsum)) == 0


def test_what_refuses_the_rows_as_they_are_is_not_hidden():
    def never(values):
        raise ValueError("no rows at all")

    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="no rows at all"):
        lookahead(stage(never), data(), BOUNDS, rng)
    with pytest.raises(ValueError, match="no rows at all"):
        bleeding(stage(never), data(), BOUNDS)

    known = data()

    def once(values):
        if not np.isin(values, known).all():
            raise ValueError("other rows")
        return values

    with pytest.raises(ValueError, match="other rows"):
        lookahead(stage(once), data(), BOUNDS, rng)


def test_the_cycle_that_changes_most_without_its_neighbours():
    def steps(values):
        return np.diff(values, axis=0, prepend=values[:1])

    found = bleeding(stage(steps), data((0.0, 90.0, 89.0)), BOUNDS)
    assert found is not None
    cycle, change = found
    assert cycle == 1
    assert np.flatnonzero(change.rows).tolist() == [0]
    assert change.size == pytest.approx(90.0, abs=15.0)
    assert bleeding(stage(np.abs), data((0.0, 90.0, 89.0)), BOUNDS) is None
    assert bleeding(stage(lambda values: values - values.mean()), data(), BOUNDS) is not None


def test_gaps_beside_a_border_show_what_is_carried_over_it():
    assert bleeding(stage(carried_on), data(), BOUNDS) is None, "nothing is missing"
    assert bleeding(stage(carried_on), data(gap=[30]), BOUNDS) is not None
    assert bleeding(stage(refuses_spikes(carried_on)), data(gap=[30]), BOUNDS) is not None
    assert bleeding(stage(carried_on, final=True), data(gap=[30]), BOUNDS) is None, "a model"

    def spikes_over(values):
        return np.where(np.abs(values) > 30.0, np.roll(values, 5, axis=0), values)

    assert bleeding(stage(spikes_over), data(), BOUNDS) is not None


@pytest.mark.parametrize(
    ("weight", "claimed", "found"),
    [(1.0, 2, 5), (1.0, 4, 5), (1.0, 5, 0), (0.05, 2, 0), (0.3, 2, 5)],
)
def test_memory_beyond_the_claim_and_no_trifle(weight, claimed, found):
    def step(values):
        before = np.concatenate([np.repeat(values[:1], 5, axis=0), values[:-5]])
        return values + weight * before + np.concatenate([values[:1], values[:-1]])

    reaches = memory(stage(step), data(), BOUNDS, np.random.default_rng(0), claimed)
    assert (0 if reaches is None else reaches.samples) == found


def test_moments_lie_amid_the_cycle_and_behind_its_gap():
    rng = np.random.default_rng(0)
    assert _moments(np.zeros((3, 1)), rng) == []
    assert set(_moments(np.zeros((4, 1)), rng)) == {1, 2}
    seen = set()
    for _ in range(60):
        drawn = _moments(np.zeros((40, 1)), rng)
        assert len(drawn) <= 5
        assert drawn == sorted(drawn)
        seen |= set(drawn)
    assert seen == set(range(10, 30))
    holed = np.zeros((40, 2))
    holed[[1, 2, 34, 35], 1] = np.nan
    assert 3 in _moments(holed, rng)
    assert 36 not in _moments(holed, rng)
