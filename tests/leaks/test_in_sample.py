"""audit: predictions for rows that a model has learned from, as a column; and honest columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict

from leaks.small_drive import small_drive
from signalprep.leaks._in_sample import in_sample_findings
from signalprep.trial import Case


def said(column, y: pd.Series) -> list[str]:
    """Words for a column that gives the target nearly, beside others that do not."""
    X, _ = small_drive()
    X = X.assign(made=column)
    rows = np.arange(len(X))
    case = Case(estimator=None, X=X, y=y, folds=[(rows[:500], rows[500:])], cv="cv")
    found = list(in_sample_findings(case, list(range(X.shape[1])), [0.5] * 4 + [1.0]))
    assert {one.channel for one in found} <= {"made"}
    return [one.what.split("them: ")[1] for one in found]


MEAN = "its mean is that of the target over all rows, to the last digits."


@pytest.mark.parametrize("model", [GradientBoostingRegressor(n_estimators=20), Ridge()])
def test_predictions_with_the_mean_of_the_target_are_found(model):
    X, y = small_drive()
    assert said(model.fit(X, y).predict(X), y) == [MEAN]


def test_predictions_of_a_forest_for_its_own_rows_are_found():
    X, y = small_drive()
    forest = RandomForestRegressor(20, random_state=0)
    (what,) = said(forest.fit(X, y).predict(X), y)
    assert what.startswith("it errs as a forest does that has not seen the row")
    groups = X.index.get_level_values("cycle")
    left_out = cross_val_predict(forest, X, y, groups=groups, cv=GroupKFold(4))
    assert said(left_out, y) == [], "cycles left out"


def test_sensors_that_give_the_target_nearly_are_not_told():
    _, y = small_drive()
    rng = np.random.default_rng(0)
    spread, noise = float(y.std()), rng.normal(size=len(y))
    lag = y.groupby(level="cycle").transform(lambda part: part.ewm(span=4, adjust=False).mean())
    assert said(y + 0.1 * spread * noise, y) == []
    assert said(lag, y) == []
    assert said(y.mean() + 0.85 * (y - y.mean()) + 0.1 * noise, y) == [], "a gain of its own"
    assert said(y, y + 0.2 * spread * noise) == [], "a better sensor of a noisy target"
    assert said(y.round(), y.round() + 0.0) == [], "a copy is told of elsewhere"
