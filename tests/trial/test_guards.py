"""What a prediction owes to the cycles beside it: found in folds of any number of cycles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression

import signalprep as sp
from signalprep.errors import LeakError
from signalprep.trial._guards import check_isolation, largest_change, nudged


class BehindOne(RegressorMixin, BaseEstimator):
    """Predicts zeros, but `bump` where rows of cycle `cycle` have another cycle before them."""

    def __init__(self, cycle=0, bump=1.0):
        self.cycle = cycle
        self.bump = bump

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        ids = X.index.get_level_values("cycle").to_numpy()
        return np.where((ids == self.cycle) & (ids[0] != self.cycle), self.bump, 1.0)


@pytest.mark.parametrize("n_cycles", [2, 3, 4, 7])
def test_a_bleeding_cycle_is_found_among_any_number(make_log, n_cycles):
    log = make_log(lengths=(8,) * n_cycles)
    for cycle in range(1, n_cycles):
        model = BehindOne(cycle, bump=2.5).fit(log, None)
        words = rf"cycle {cycle} must not depend .* by up to 1.5\. BehindOne sees across"
        with pytest.raises(LeakError, match=words):
            check_isolation(model, log, model.predict)


def test_one_cycle_alone_tells_nothing(make_log):
    log = make_log(lengths=(20,))
    calls = []
    check_isolation(BehindOne(0), log, calls.append)
    assert calls == []


@pytest.mark.parametrize("cv", [2, 3, 6])
def test_validate_holds_every_fold_size_to_it(make_log, cv):
    log = make_log(lengths=(30,) * 6)
    model = sp.make_pipeline(FirstRowOff(), LinearRegression())
    with pytest.raises(LeakError, match="must not depend on the cycles beside it"):
        sp.validate(model, log, log["c0"].rename("y") ** 2, cv=cv, n_bootstrap=0)


class FirstRowOff(BaseEstimator):
    """Takes the first row of all from every row."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X - X.iloc[0]

    def set_output(self, *, transform=None):
        return self


def test_what_is_rounding_is_no_change_and_what_is_more_is(make_log):
    log = make_log(lengths=(10, 10, 10))
    for bump, found in [(1.0 + 1e-9, False), (1.0 + 1e-7, True), (np.nan, True)]:
        model = BehindOne(1, bump=bump).fit(log, None)
        if found:
            with pytest.raises(LeakError):
                check_isolation(model, log, model.predict)
        else:
            check_isolation(model, log, model.predict)


def test_single_precision_rounds_earlier(make_log):
    log = make_log(lengths=(10, 10, 10))

    def single(bump):
        return lambda X: BehindOne(1, bump=bump).predict(X).astype(np.float32)

    check_isolation(BehindOne(1), log, single(1.0 + 2e-5))
    with pytest.raises(LeakError):
        check_isolation(BehindOne(1).fit(log, None), log, single(1.0 + 1e-3))


def test_a_change_counts_from_a_hundred_times_what_the_last_digit_does(make_log):
    log = make_log(lengths=(10, 10, 10), n_channels=1)
    log["c0"] = 1.0

    def amplified(times):
        def output(X):
            digits = (X["c0"].to_numpy() - 1.0) * 2.0**52 * 1e-3  # 1e-3 where the last digit is up
            return digits + BehindOne(1, bump=1.0 + times * 1e-3).predict(X)

        return output

    check_isolation(LinearRegression(), log, amplified(99.0))
    with pytest.raises(LeakError):
        check_isolation(BehindOne(1).fit(log, None), log, amplified(101.0))


def test_changes_of_missing_values():
    nan = np.nan
    assert largest_change(np.array([1.0, nan]), np.array([1.5, nan])) == 0.5
    assert largest_change(np.array([1.0, nan]), np.array([1.5, 2.0])) == np.inf
    assert largest_change(np.array([]), np.array([])) == 0.0


def test_a_nudge_moves_every_second_row_of_what_is_no_whole_number(make_log):
    log = make_log(lengths=(5,), n_channels=1).assign(gear=3, name="a")
    moved = nudged(log)
    assert (moved["c0"] > log["c0"]).tolist() == [True, False, True, False, True]
    np.testing.assert_allclose(moved["c0"], log["c0"], rtol=1e-15)
    pd.testing.assert_frame_equal(moved[["gear", "name"]], log[["gear", "name"]])
    rows = log[["c0"]].to_numpy()
    np.testing.assert_array_equal(nudged(rows), moved[["c0"]].to_numpy())
