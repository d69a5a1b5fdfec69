"""audit: the target in bins that were left among the inputs, and honest inputs of few values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

import signalprep as sp
from leaks.small_drive import small_drive

CHECK = "columns encoded by the target"


def said(column: pd.Series, y: pd.Series) -> list[str]:
    X, _ = small_drive()
    found = sp.audit(Ridge(), X.assign(made=column), y, cv=4, checks=[CHECK]).findings
    assert set(found["channel"]) <= {"made"}
    return list(found["severity"])


BINS = {
    "quantiles": lambda y: pd.qcut(y, 5, labels=False).astype(float),
    "words in any order": lambda y: pd.qcut(y, 5, labels=list("cebad")).astype(str),
    "rounded": lambda y: (y / 4).round() * 4,
    "floor of the row before": lambda y: y.groupby(level="cycle").shift().bfill() // 3,
    "one bin of them": lambda y: y.between(*y.quantile([0.3, 0.6])),
}


@pytest.mark.parametrize("made", BINS)
def test_the_target_in_bins_is_found(made):
    _, y = small_drive()
    assert said(BINS[made](y), y) == ["leak"]


def test_a_flag_at_a_limit_may_be_that_of_a_controller():
    _, y = small_drive()
    assert said(y > y.median(), y) == ["warning"]


def test_honest_columns_of_few_values_are_not_told():
    X, y = small_drive()
    rng = np.random.default_rng(0)
    noisy = y + 0.02 * y.std() * rng.normal(size=len(y))
    assert said((noisy / 4).round(), y) == [], "another sensor"
    assert said((X["coolant"] / 3).round(), y) == []
    late = y.groupby(level="cycle").shift(4).bfill()
    assert said((y + 0.3 * (late - y) > y.median()) * 1.0, y) == [], "a flag with a delay"
    mode = pd.Series(rng.integers(0, 3, len(y)), y.index)
    assert said(mode * 1.0, mode * 40.0 + 0.1 * y) == [], "modes that lie apart"
    power = (y - y.median()).clip(lower=0)
    assert said((power > 0) * 1.0, power) == [], "standing still"
    grown = pd.Series(np.cumsum(np.abs(rng.normal(size=len(y)))), y.index)
    month = np.floor(np.arange(len(y)) / len(y) * 7)
    assert said(pd.Series(month, y.index), grown) == [], "a counter that passes each border once"
