"""What stands before the model of every composite: nothing of it is fitted on other rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge

import signalprep as sp
from flow.composites import COMPOSITES, TREE, data, fitted
from signalprep.errors import InvalidLogError
from signalprep.flow import before_model, holds_own_steps, walk, with_model
from signalprep.trial import split_model

CAUSAL = sp.HampelFilter(window_length=5, threshold=1.0)
ONE_TARGET = [name for name in COMPOSITES if COMPOSITES[name].target != "two"]


def counted(out, X):
    assert len(out) == len(X)
    return out


@pytest.mark.parametrize("name", ONE_TARGET)
def test_the_parts_of_a_split_model_give_what_the_whole_does(name):
    X, y = data(COMPOSITES[name].target)
    whole = COMPOSITES[name].around(clone(CAUSAL))
    split = split_model(whole, X, y)
    table, target, rows = split.features
    again = split.apply(X)
    pd.testing.assert_frame_equal(again.X, table)
    assert again.y is None
    np.testing.assert_array_equal(again.rows, rows)
    assert len(X) == len(rows) * (COMPOSITES[name].factor if COMPOSITES[name].parted else 1)
    pd.testing.assert_series_equal(target, y.iloc[rows].set_axis(table.index))
    expected = clone(whole).fit(X, y).predict(X)[rows]
    model = clone(split.model).fit(table, target)
    np.testing.assert_array_equal(model.predict(table), expected)
    assert (type(split.model) is not type(whole)) == COMPOSITES[name].parted


@pytest.mark.parametrize("name", COMPOSITES)
def test_fitted_steps_are_used_as_they_are(name):
    X, y = data(COMPOSITES[name].target)
    whole = fitted(name, CAUSAL)
    before = before_model(whole)
    found = before.passed(X, y, counted)
    expected = np.asarray(whole.predict(X))[found.rows]
    np.testing.assert_array_equal(before.model.predict(found.X), expected)


class Attentive(Ridge):
    """Keeps what it is fitted on."""

    def fit(self, X, y):
        self.heard_ = X, y
        return super().fit(X, y)


APART = ["StackingClassifier", "StackingRegressor", "VotingRegressor"]


@pytest.mark.parametrize("name", COMPOSITES)
def test_another_model_takes_the_place_of_the_last(name):
    X, y = data(COMPOSITES[name].target)
    whole = COMPOSITES[name].around(clone(CAUSAL))
    other = with_model(whole, Attentive())
    held = [type(part) for _, part in walk(other)]
    assert Attentive in held
    apart = name.startswith(tuple(APART))
    assert (sp.HampelFilter in held) != apart
    assert (holds_own_steps(whole) is not None) == apart
    alters = ("TransformedTargetRegressor", "FitOnInliers")
    assert (type(other) is type(whole)) == (COMPOSITES[name].parted or name in alters)
    if COMPOSITES[name].parted:
        back, given = with_model(other, before_model(whole).model), clone(whole)
        expected = given.fit(X, y).predict(X)
        np.testing.assert_array_equal(back.fit(X, y).predict(X), expected)


@pytest.mark.parametrize(
    "name",
    ["GridSearchCV", "PerRegime", "FitOnInliers", "ConformalBands", "BaggingRegressor"],
)
def test_another_model_learns_behind_the_same_steps(name):
    X, y = data("numbers")
    other = with_model(COMPOSITES[name].around(clone(CAUSAL)), Attentive()).fit(X, y)
    (heard,) = [part.heard_ for _, part in walk(other) if hasattr(part, "heard_")]
    expected = clone(CAUSAL).fit_transform(X).loc[heard[0].index]
    pd.testing.assert_frame_equal(heard[0], expected)
    assert (len(expected) < len(X)) == (name == "FitOnInliers")


@pytest.mark.parametrize(
    "model",
    [
        VotingRegressor([("a", Ridge()), ("b", TREE)]),
        sp.make_pipeline(CAUSAL, VotingRegressor([("a", Ridge()), ("b", TREE)])),
        sp.PerRegime(sp.AtRate(Ridge(), 2)),
    ],
)
def test_no_steps_are_lost_where_none_stand_in_several_models(model):
    assert holds_own_steps(model) is None


@pytest.mark.parametrize("name", [name for name in COMPOSITES if "Frozen" not in name])
def test_what_is_not_fitted_cannot_be_used_as_it_is(name):
    X, y = data(COMPOSITES[name].target)
    before = before_model(COMPOSITES[name].around(clone(CAUSAL)))
    with pytest.raises(NotFittedError):
        before.model.predict(before.passed(X, y, counted).X)


def test_nothing_at_the_end_gives_way_to_a_model():
    given = sp.AtRate(sp.make_pipeline(CAUSAL, "passthrough"), 2)
    assert before_model(given).model == "passthrough"
    assert before_model(with_model(given, TREE)).model.get_params() == TREE.get_params()
    assert isinstance(before_model(sp.AtRate(factor=2)).model, Ridge)


def test_a_target_must_belong_to_the_rows():
    X, y = data("numbers")
    slowed = before_model(sp.AtRate(TREE, 2))
    with pytest.raises(InvalidLogError, match="y must carry the index of X"):
        slowed.fitted(X, y.droplevel("cycle"), counted)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        slowed.fitted(X, y.to_numpy()[1:], counted)
