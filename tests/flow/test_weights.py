"""Weights of rows: checked, and named so that the fit of what holds the model takes them."""

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingRegressor,
    RandomForestRegressor,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.flow import as_weights, weight_params

WEIGHT = np.arange(40.0)
PIPE = make_pipeline(MinMaxScaler(), Ridge())


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (Ridge(), "sample_weight"),
        (PIPE, "ridge__sample_weight"),
        (make_pipeline(MinMaxScaler(), PIPE), "pipeline__ridge__sample_weight"),
        (GridSearchCV(PIPE, {"ridge__alpha": [1.0]}), "ridge__sample_weight"),
        (TransformedTargetRegressor(PIPE, transformer=MinMaxScaler()), "ridge__sample_weight"),
        (TransformedTargetRegressor(), "sample_weight"),
        (RandomForestRegressor(2), "sample_weight"),
        (BaggingRegressor(Ridge(), 2), "sample_weight"),
        (VotingRegressor([("a", Ridge()), ("b", Ridge(2.0))]), "sample_weight"),
        (StackingRegressor([("a", Ridge())], Ridge()), "sample_weight"),
        (sp.AtRate(PIPE, factor=2), "sample_weight"),
        (sp.make_pipeline(sp.Scaler(), sp.PerRegime(PIPE)), "perregime__sample_weight"),
        (sp.AtRate(sp.FitOnInliers(sp.ConformalBands(PIPE))), "sample_weight"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_the_fit_takes_weights_by_the_name_given(estimator, name):
    assert weight_params(estimator, None) == {}
    assert list(weight_params(estimator, WEIGHT)) == [name]
    X = np.random.default_rng(0).normal(size=(40, 2))
    estimator.fit(X, X[:, 0], **weight_params(estimator, WEIGHT))


@pytest.mark.parametrize(
    ("estimator", "named"),
    [
        (KNeighborsRegressor(), r"'kneighborsregressor' \(KNeighborsRegressor\): its fit has no"),
        (make_pipeline(MinMaxScaler(), KNeighborsRegressor()), "'kneighborsregressor'"),
        (make_pipeline(MinMaxScaler(), "passthrough"), "'passthrough'"),
        (GridSearchCV(make_pipeline(KNeighborsRegressor()), {}), "kneighborsregressor"),
        (sp.AtRate(sp.PerRegime(KNeighborsRegressor())), "atrate > perregime > kneigh"),
        (sp.FitOnInliers(make_pipeline(MinMaxScaler(), KNeighborsRegressor())), "> kneighbors"),
        (VotingRegressor([("a", Ridge()), ("b", KNeighborsRegressor())]), "KNeighbors"),
        (VotingRegressor([("a", Ridge()), ("b", PIPE)]), "VotingRegressor"),
        (MultiOutputRegressor(PIPE), "MultiOutputRegressor"),
        (make_pipeline(FeatureUnion([("a", MinMaxScaler())])), "FeatureUnion"),
        (FrozenEstimator(Ridge().fit([[0.0], [1.0]], [0, 1])), "frozen"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_what_takes_no_weights_is_named(estimator, named):
    with pytest.raises(InvalidParameterError, match=named):
        weight_params(estimator, WEIGHT)


def test_a_fallback_that_takes_no_weights_is_refused_before_any_fit(make_log):
    X = make_log(lengths=(40,))
    model = sp.PerRegime(Ridge(), fallback=KNeighborsRegressor())
    with pytest.raises(InvalidParameterError, match="kneighborsregressor"):
        model.fit(X, X["c0"], sample_weight=WEIGHT)
    assert not hasattr(model, "fallback_")


def test_routing_of_scikit_learn_is_followed():
    X = np.random.default_rng(0).normal(size=(40, 2))
    with config_context(enable_metadata_routing=True):
        with pytest.raises(InvalidParameterError, match="set_fit_request"):
            weight_params(PIPE, WEIGHT)
        asks = make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            Ridge().set_fit_request(sample_weight=True),
        )
        told = weight_params(asks, WEIGHT)
        assert list(told) == ["sample_weight"]
        found = asks.fit(X, X[:, 0] ** 2, **told).predict(X)
    plain = make_pipeline(StandardScaler(), Ridge())
    expected = plain.fit(X, X[:, 0] ** 2, ridge__sample_weight=WEIGHT).predict(X)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        (np.ones(39), InvalidParameterError, r"shape \(40,\).*got \(39,\)"),
        (np.where(np.arange(40) == 3, np.nan, 1.0), InvalidParameterError, "got nan in row 3"),
        (np.where(np.arange(40) == 4, -1.0, 1.0), InvalidParameterError, "got -1 in row 4"),
        (["a"] * 40, InvalidParameterError, "must be numbers"),
        (pd.Series(np.ones(40)), InvalidLogError, "sample_weight must carry the index of X"),
    ],
)
def test_weights_are_checked(make_log, given, error, match):
    with pytest.raises(error, match=match):
        as_weights(given, make_log(lengths=(40,)))


def test_rows_that_all_weigh_nothing_are_refused():
    with pytest.raises(InvalidParameterError, match="zero in every row"):
        weight_params(Ridge(), np.zeros(3))
