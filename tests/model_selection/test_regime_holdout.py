"""RegimeHoldout: neither the regime nor the cycle of a test row is in training."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError


@pytest.fixture
def log(make_log):
    log = make_log(lengths=(60, 40, 80, 50, 70, 40))
    rng = np.random.default_rng(0)
    return log.assign(regime=rng.choice(["low", "mid", "high"], len(log)))


def test_a_fold_crosses_a_regime_with_cycles(log):
    cv = sp.RegimeHoldout("regime", n_splits=3)
    cycle, regime = log.index.codes[0], log["regime"].to_numpy()
    folds = list(cv.split(log))
    assert len(folds) == 9 == cv.get_n_splits(log)
    for train, test in folds:
        assert len(set(regime[test])) == 1
        other_cycle = ~np.isin(cycle, cycle[test])
        other_regime = regime != regime[test[0]]
        assert np.array_equal(train, np.flatnonzero(other_cycle & other_regime))


def test_the_table_of_folds_agrees_with_the_split(log):
    cv = sp.RegimeHoldout(log["regime"], n_splits=2)
    table = cv.folds(log)
    ids = log.index.get_level_values("cycle").to_numpy()
    for row, (train, test) in zip(table.itertuples(), cv.split(log), strict=True):
        assert set(log["regime"].iloc[test]) == {row.regime}
        assert set(ids[test]) <= set(row.cycles)
        assert not set(ids[train]) & set(row.cycles)
        assert (row.n_train, row.n_test) == (len(train), len(test))


def test_missing_regimes_are_neither_tested_nor_trained_on(log):
    labels = log["regime"].mask(log["c0"] > 1.0)
    folds = list(sp.RegimeHoldout(labels, n_splits=2).split(log))
    seen = np.concatenate([np.concatenate(fold) for fold in folds])
    assert not np.isin(np.flatnonzero(labels.isna()), seen).any()
    tested = np.concatenate([test for _, test in folds])
    assert np.array_equal(np.sort(tested), np.flatnonzero(labels.notna()))


def test_a_binner_labels_values_beyond_its_edges(log):
    binner = sp.RegimeBinner({"c0": [-1.0, 0.0, 1.0]})
    names = sp.RegimeHoldout(binner, n_splits=2).folds(log)["regime"]
    assert list(names.unique()) == ["below", "[-1, 0)", "[0, 1]", "above"]


def test_small_folds_can_be_left_out(log):
    labels = log["regime"].copy()
    labels.iloc[[3, 130]] = "rare"
    assert "rare" in set(sp.RegimeHoldout(labels, n_splits=2).folds(log)["regime"])
    large = sp.RegimeHoldout(labels, n_splits=2, min_rows=5)
    assert set(large.folds(log)["regime"]) == {"low", "mid", "high"}
    assert len(list(large.split(log))) == large.get_n_splits(log) == 6


def test_validate_takes_it(log):
    X, y = log[["c0"]], log["c1"]
    cv = sp.RegimeHoldout(log["regime"], n_splits=2)
    result = sp.validate(Ridge(), X, y, cv=cv, n_bootstrap=20)
    assert len(result.predictions) == len(log)


def test_seeds(log):
    def tests(seed):
        cv = sp.RegimeHoldout("regime", n_splits=3, random_state=seed)
        return [test.tolist() for _, test in cv.split(log)]

    assert tests(0) == tests(0)
    assert any(tests(0) != tests(seed) for seed in range(1, 5))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_splits": 1}, "n_splits must be an int >= 2; got 1"),
        ({"n_splits": 7}, "n_splits=7 and 6 cycles"),
        ({"min_rows": 0}, "min_rows must be an int >= 1; got 0"),
    ],
)
def test_wrong_parameters(log, parameters, message):
    with pytest.raises(InvalidParameterError, match=message):
        next(sp.RegimeHoldout("regime", **parameters).split(log))


def test_the_number_of_folds_needs_the_data():
    with pytest.raises(InvalidParameterError, match="X must be given"):
        sp.RegimeHoldout("regime").get_n_splits()


def test_one_regime_cannot_be_held_out(log):
    with pytest.raises(InvalidLogError, match="at least two regimes.*got all"):
        next(sp.RegimeHoldout(pd.Series("all", index=log.index)).split(log))


def test_a_fold_without_training_rows_says_why(log):
    kind = pd.Series(["a", "a", "a", "a", "a", "b"], index=range(6))
    with pytest.raises(
        InvalidLogError,
        match="holding out regime 'b' and cycle .* must leave|"
        "holding out regime 'a' and cycle .* must leave",
    ):
        next(sp.RegimeHoldout(kind, n_splits=2).split(log))


def test_no_fold_is_large_enough(log):
    with pytest.raises(InvalidLogError, match="must have min_rows=1000 rows"):
        next(sp.RegimeHoldout("regime", n_splits=2, min_rows=1000).split(log))
