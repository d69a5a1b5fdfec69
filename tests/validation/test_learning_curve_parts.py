"""The learning curve piece by piece: sizes, draws, sums, the verdict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import Ridge, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from signalprep.errors import InvalidParameterError
from signalprep.validation._learning_curve import (
    HALF,
    _check_parameters,
    _checked_sizes,
    _compare,
    _counts,
    _gain,
    _half,
    _jobs,
    _Run,
    _run,
    _table,
    _verdict,
)


def test_sizes_by_share():
    assert _checked_sizes(None, 40) == [5, 10, 20, 30, 40]
    assert _checked_sizes(None, 3) == [1, 2, 3]
    assert _checked_sizes([4, 1, 4], 4) == [1, 4]


@pytest.mark.parametrize("tolerance", [0, 0.0, 0.5, 1 - 1e-9])
def test_parameters_that_just_work(tolerance):
    _check_parameters(Ridge(), np.int64(1), tolerance, np.int64(0))


@pytest.mark.parametrize(
    ("n_repeats", "tolerance", "seed", "message"),
    [
        (1.0, 0.1, 0, "n_repeats must be an int of at least 1; got 1.0"),
        (1, -1e-9, 0, "tolerance must be in"),
        (1, "0", 0, "tolerance must be in"),
        (1, 0.1, True, "random_state must be an int; got True"),
    ],
)
def test_parameters_that_do_not(n_repeats, tolerance, seed, message):
    with pytest.raises(InvalidParameterError, match=message):
        _check_parameters(Ridge(), n_repeats, tolerance, seed)


def test_half_and_gain():
    assert _half([2, 5, 6, 10]) == 5
    assert _half([1, 10]) == 1
    assert _half([4]) == 4
    table = pd.DataFrame({"test": [5.0, 4.0, 3.0]}, index=[2, 6, 10])
    assert _gain(table, [2, 6, 10]) == pytest.approx(0.25)


CYCLE = np.repeat(np.arange(8), 3)


def rows_of(cycles):
    return np.flatnonzero(np.isin(CYCLE, cycles))


def test_draws_hold_whole_cycles_and_grow():
    folds = [(rows_of([0, 1, 2, 3]), rows_of([4, 5, 6, 7])), (rows_of([4, 5, 6]), rows_of([0]))]
    models = {"model": Ridge(), "simpler": Ridge(), "more flexible": Ridge()}
    jobs = _jobs(models, folds, (CYCLE, np.arange(8)), [1, 2, 4], 2, 7)
    drawn = {}
    for name, train, test, size, repeat, seed in jobs:
        fold = 0 if len(test) == 12 else 1
        np.testing.assert_array_equal(test, folds[fold][1])
        cycles = np.unique(CYCLE[train])
        np.testing.assert_array_equal(train, rows_of(cycles))
        assert len(cycles) == min(size, 4 - fold)
        assert set(cycles) <= set(CYCLE[folds[fold][0]])
        assert seed == (7 + repeat if name == "model" else 7)
        drawn.setdefault((name, fold, repeat), []).append(set(cycles.tolist()))
    assert len(jobs) == 2 * (2 * 3 + 2)
    for (name, fold, repeat), sets in drawn.items():
        if name == "model":
            assert sets[0] < sets[1] <= sets[2]
        else:
            assert (repeat, len(sets), len(sets[0])) == (0, 1, 4 - fold)
    firsts = {tuple(sets[0]) for (name, *_), sets in drawn.items() if name == "model"}
    assert len(firsts) > 1


def test_the_largest_size_may_leave_cycles_out():
    folds = [(rows_of(range(6)), rows_of([6, 7]))]
    jobs = _jobs({"model": Ridge(), "simpler": Ridge()}, folds, (CYCLE, np.arange(8)), [2, 4], 1, 0)
    assert [(name, len(train) // 3) for name, train, *_ in jobs] == [
        ("model", 2),
        ("model", 4),
        ("simpler", 4),
    ]


def test_groups_are_drawn_together():
    folds = [(rows_of(range(6)), rows_of([6, 7]))]
    group = np.array([0, 1, 0, 1, 0, 1, 2, 2])
    jobs = _jobs({"model": Ridge()}, folds, (CYCLE, group), [3, 6], 5, 0)
    small = [set(CYCLE[train].tolist()) for _, train, _, size, *_ in jobs if size == 3]
    assert {frozenset(one) for one in small} == {frozenset({0, 2, 4}), frozenset({1, 3, 5})}


def test_rows_count_one_or_by_cycle():
    np.testing.assert_array_equal(_counts(None, np.arange(4)), np.ones(4))
    cycle = np.array([0, 0, 0, 1, 1, 2])
    np.testing.assert_allclose(_counts(cycle, np.array([0, 1, 3, 5])), [0.5, 0.5, 1.0, 1.0])


def run(size, repeat, model, train, test):
    return _Run(size, repeat, model, train, test)


def test_the_table_pools_folds_and_averages_repeats():
    runs = [
        run(2, 0, "model", (4.0, 4.0), {0: (2.0, 1.0), 1: (6.0, 1.0)}),
        run(2, 0, "model", (12.0, 4.0), {2: (10.0, 2.0)}),
        run(2, 1, "model", (8.0, 2.0), {0: (36.0, 4.0)}),
        run(4, 0, "model", (1.0, 1.0), {0: (1.0, 4.0)}),
    ]
    table = _table(runs)
    first = [np.sqrt(16 / 8), np.sqrt(8 / 2)]
    tested = [np.sqrt(18 / 4), np.sqrt(36 / 4)]
    assert table.loc[2].to_dict() == pytest.approx(
        {
            "train": np.mean(first),
            "test": np.mean(tested),
            "train_std": np.std(first),
            "test_std": np.std(tested),
        }
    )
    assert table.loc[4].to_dict() == {"train": 1.0, "test": 0.5, "train_std": 0.0, "test_std": 0.0}


def test_references_are_compared_on_the_same_resamples():
    def of(model, size, sums, repeat=0):
        return run(size, repeat, model, (1.0, 1.0), dict(enumerate(sums)))

    own = [(4.0, 4.0), (9.0, 3.0), (1.0, 2.0)]
    worse = [(8.0, 4.0), (18.0, 3.0), (2.0, 2.0)]
    runs = [
        of("model", 8, own),
        of("model", 8, worse, repeat=1),  # another draw: not compared
        of("simpler", 8, worse),
        of("more flexible", 8, own),
        of("model", 4, worse),
        of("model", 4, worse, repeat=1),
        of("model", 2, own),
    ]
    table = _compare(runs, [2, 4, 8], 3)
    rmse = np.sqrt(14 / 9)
    assert list(table.index) == ["model", "simpler", "more flexible", HALF]
    np.testing.assert_allclose(table["rmse"], rmse * np.sqrt([1, 2, 1, 2]))
    np.testing.assert_allclose(table["difference"], rmse * (np.sqrt([1, 2, 1, 2]) - 1))
    drawn = np.random.default_rng(3).integers(3, size=(1000, 3))
    sums = np.array(own)[drawn].sum(axis=1)
    again = np.sqrt(sums[:, 0] / sums[:, 1]) * (np.sqrt(2) - 1)
    for name in ("simpler", HALF):
        ends = np.quantile(again, [0.025, 0.975])
        np.testing.assert_allclose(table.loc[name, ["low", "high"]].astype(float), ends)
    assert (table.loc[["model", "more flexible"], ["low", "high"]] == 0.0).all(axis=None)
    assert HALF not in _compare([r for r in runs if r.size == 8], [8], 3).index


def references(simpler=(0.5, 0.4, 0.6), flexible=(0.5, 0.4, 0.6), half=None):
    rows = {"model": (0.0, 0.0, 0.0), "simpler": simpler, "more flexible": flexible}
    if half is not None:
        rows[HALF] = half
    table = pd.DataFrame(rows, index=["difference", "low", "high"]).T
    return table.assign(rmse=10.0 + table["difference"])


@pytest.mark.parametrize(
    ("table", "gain", "verdict"),
    [
        (references(), 1.0, "irreducible"),  # no half was tried
        (references(simpler=(-0.6, -0.9, -0.1)), 0.0, "overfit"),
        (references(flexible=(-0.6, -0.9, -0.1)), 0.0, "underfit"),
        (references((-0.6, -0.9, -0.1), (-0.7, -0.9, -0.1)), 0.0, "underfit"),
        (references((-0.8, -0.9, -0.1), (-0.7, -0.9, -0.1)), 0.0, "overfit"),
        (references(simpler=(-0.5, -0.5, -0.1)), 0.0, "irreducible"),
        (references(simpler=(-0.6, -0.9, 0.0)), 0.0, "underpowered"),
        (references(half=(0.9, 0.1, 1.2)), 0.06, "more cycles would help"),
        (references(half=(0.9, 0.1, 0.3)), 0.05, "irreducible"),
        (references(half=(0.9, 0.0, 0.3)), 0.06, "irreducible"),
        (references(half=(0.9, -0.1, 0.52)), 0.06, "irreducible"),
        (references(half=(0.9, -0.1, 0.54)), 0.06, "underpowered"),
        (references(simpler=(0.1, -0.49, 0.6)), 0.0, "irreducible"),
        (references(simpler=(0.1, -0.51, 0.6)), 0.0, "underpowered"),
        (references(half=(-0.2, -0.6, -0.1)), 0.0, "irreducible"),
    ],
)
def test_the_verdict(table, gain, verdict):
    table.loc["model", "rmse"] = 10.0
    assert _verdict(table, gain, 0.05) == verdict


@pytest.mark.parametrize("omit", [False, True])
def test_one_fit_with_its_seed_and_its_errors_by_cycle(omit):
    index = pd.MultiIndex.from_product([range(3), np.arange(4.0)], names=["cycle", "time"])
    X = pd.DataFrame({"a": np.arange(12.0)}, index)
    y = X["a"] % 4
    unit = index.codes[0].astype(int)
    omitted = np.isin(np.arange(12), [1, 9]) if omit else None
    model = make_pipeline(StandardScaler(), DummyRegressor())
    search = make_pipeline(StandardScaler(), SGDRegressor(max_iter=5, tol=None))
    train, test = np.arange(4), np.arange(4, 12)
    run = _run(model, X, y, (unit, None, omitted), train, test, 1, 0, "model", 5)
    mean = (0 + 2 + 3) / 3 if omit else 1.5
    squares = ((np.arange(4) - mean) ** 2).tolist()
    learned = [squares[k] for k in range(4) if not (omit and k == 1)]
    assert run.train == (pytest.approx(sum(learned)), len(learned))
    assert run.test[1] == (pytest.approx(sum(squares)), 4)
    third = [squares[k] for k in range(4) if not (omit and k == 1)]
    assert run.test[2] == (pytest.approx(sum(third)), len(third))
    _run(search, X, y, (unit, unit, None), train, test, 1, 0, "model", 5)
    assert search[-1].random_state == 5
    by_cycle = _run(DummyRegressor(), X, y, (unit, unit, None), train, test, 1, 0, "model", 5)
    assert by_cycle.test[2] == (pytest.approx(np.var(np.arange(4))), 1.0)
