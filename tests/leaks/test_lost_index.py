"""A step that loses the index is named wherever it is, though the estimator cannot be fitted."""

from __future__ import annotations

import pytest
from sklearn.base import BaseEstimator

import signalprep as sp
from flow.composites import COMPOSITES, data

LOSING = [
    name
    for name, composite in COMPOSITES.items()
    if composite.target != "two" and "Frozen" not in name
]


class Bare(BaseEstimator):
    """Gives bare numbers, whatever it is asked to give."""

    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X.to_numpy()

    def set_output(self, *, transform=None):
        return self


@pytest.mark.parametrize("name", LOSING)
def test_a_step_that_loses_the_index_is_named(name):
    X, y = data(COMPOSITES[name].target)
    timed = sp.make_pipeline(sp.Scaler(), Bare(), sp.ExponentialFeatures(spans=["1s"]))
    model = COMPOSITES[name].around(timed)
    if not COMPOSITES[name].opened or name == "HalvingGridSearchCV":  # known once it is fitted
        with pytest.raises(ValueError, match="spans='1s' is a duration"):
            sp.audit(model, X, y, cv=2)
        return
    found = sp.audit(model, X, y, cv=2).findings
    (step,) = found.loc[found["kind"] == "lost_index", "step"]
    assert step.split(" > ")[-1] == "bare"
