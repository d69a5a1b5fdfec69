"""What validate and the learning curve refuse before anything is fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError, LeakError


class Unfitted(RegressorMixin, BaseEstimator):
    """Fails where it is fitted: what is refused is refused before."""

    def fit(self, X, y):
        raise AssertionError("it was fitted")

    def predict(self, X):
        raise AssertionError("it predicted")


def make():
    index = pd.MultiIndex.from_product([range(4), np.arange(3.0)], names=["cycle", "time"])
    rng = np.random.default_rng(0)
    log = pd.DataFrame(rng.normal(size=(12, 2)), index=index, columns=["a", "b"])
    return log, pd.Series(rng.normal(size=12), index, name="y")


ALL = pd.Series(True, index=make()[0].index)
SAME = pd.Series(["u", "u", "v", "v"], index=range(4))
CASES = {
    "interval": ({"interval": "wide"}, InvalidParameterError, "interval must be one of"),
    "weight": ({"weight": "rows"}, InvalidParameterError, "weight must be one of"),
    "bootstrap": ({"n_bootstrap": -1}, InvalidParameterError, "n_bootstrap"),
    "confidence": ({"confidence": 95}, InvalidParameterError, "confidence must lie between"),
    "min_cycles": ({"min_cycles": 0}, InvalidParameterError, "min_cycles"),
    "decide": ({"decide": "drive"}, InvalidParameterError, "decide"),
    "omit": ({"omit": ALL}, InvalidLogError, "omit leaves no row to learn in fold 0"),
    "omit and decide": (
        {"omit": ALL & (np.arange(12) == 1), "decide": "cycle"},
        InvalidParameterError,
        "omit leaves out rows, and decide='cycle' has one decision a cycle",
    ),
    "truth": ({"decide": "cycle"}, InvalidLogError, "needs one truth a cycle"),
    "cv": ({"cv": KFold(4, shuffle=True, random_state=0)}, LeakError, "unseen in training"),
    "groups": (
        {"cv": [(np.r_[0:3, 6:9], np.r_[3:6, 9:12])], "groups": SAME},
        LeakError,
        "groups must be whole",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_validate_refuses(case):
    X, y = make()
    options, error, message = CASES[case]
    if case == "omit and decide":
        y = y.groupby("cycle").transform("first")
    with pytest.raises(error, match=message):
        sp.validate(Unfitted(), X, y, **{"cv": 2} | options)


@pytest.mark.parametrize("judge", [sp.validate, sp.cycle_learning_curve])
def test_the_target_among_the_inputs_is_refused(judge):
    X, y = make()
    with pytest.raises(LeakError, match="'copy'"):
        judge(Unfitted(), X.assign(copy=3.0 * y), y, cv=2)
    with pytest.raises(LeakError, match="has its name"):
        judge(Unfitted(), X.rename(columns={"a": "y"}), y, cv=2)


def test_what_was_fitted_before_is_warned_of():
    X, y = make()
    frozen = FrozenEstimator(Ridge().fit(X, y))
    with pytest.warns(UserWarning, match="was fitted before and does not remember"):
        sp.validate(frozen, X, y, cv=2, n_bootstrap=0)
    with pytest.raises(AssertionError, match="it was fitted"):
        sp.validate(Unfitted(), X.assign(y=2.0 * y), y, cv=2, allow_leak=True)


CURVES = {
    "classifier": ({}, InvalidParameterError, "must be a regressor"),
    "weight": ({"weight": "rows"}, InvalidParameterError, "weight must be one of"),
    "omit": ({"omit": ALL}, InvalidLogError, "omit leaves no row to learn in fold 0"),
    "cv": ({"cv": KFold(4, shuffle=True, random_state=0)}, LeakError, "unseen in training"),
    "groups": (
        {"cv": [(np.r_[0:3, 6:9], np.r_[3:6, 9:12])], "groups": SAME},
        LeakError,
        "groups must be whole",
    ),
    "sizes": ({"sizes": [3]}, InvalidParameterError, "numbers of training cycles from 1 to 2"),
    "repeats": ({"n_repeats": 0}, InvalidParameterError, "n_repeats must be"),
}


@pytest.mark.parametrize("case", CURVES)
def test_learning_curves_refuse(case):
    X, y = make()
    options, error, message = CURVES[case]
    model = LogisticRegression() if case == "classifier" else Unfitted()
    with pytest.raises(error, match=message):
        sp.cycle_learning_curve(model, X, y, **{"cv": 2} | options)


def test_the_rate_of_the_shortest_cycles_that_have_one():
    index = pd.MultiIndex.from_product([range(4), [0.0, 0.5]], names=["cycle", "time"])
    X = pd.DataFrame({"a": np.arange(8.0) ** 2}, index=index)
    y = pd.Series(np.arange(8.0), index, name="y")
    assert sp.validate(Ridge(), X, y, cv=2, n_bootstrap=0).rate == 2.0
    alone = X.iloc[::2]
    assert np.isnan(sp.validate(Ridge(), alone, y.iloc[::2], cv=2, n_bootstrap=0).rate)
