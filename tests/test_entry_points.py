"""The same rows give the same predictions, by whichever door of scikit-learn one comes in."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error, r2_score
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate

import signalprep as sp


def conditioned(*last):
    return sp.make_pipeline(
        sp.PhysicalLimits({"c0": (-2.5, 2.5)}, action="hold"),
        sp.HampelFilter(window_length=7),
        sp.SavitzkyGolayFilter(window_length=5, polyorder=2),
        sp.ExponentialFeatures(spans=["1s", "5s"]),
        sp.Scaler(),
        *last,
    )


MODELS = {
    "full rate": conditioned(Ridge()),
    "at rate, inside": conditioned(sp.AtRate(Ridge(), factor=4)),
    "at rate, outside": sp.AtRate(conditioned(Ridge()), factor=4),
}


@pytest.fixture
def data(make_log):
    log = make_log(lengths=(160, 90, 240, 130, 175, 110), n_channels=3, seed=3)
    log["c0"] = log["c0"].groupby("cycle").cumsum()
    y = (2 * log["c0"] - log["c1"]).rename("y")
    return log, y


@pytest.fixture(params=MODELS, ids=str)
def model(request):
    return clone(MODELS[request.param])


@pytest.fixture
def expected(data, model):
    X, y = data
    prediction = np.empty(len(X))
    for train, test in sp.CycleKFold(3).split(X):
        fitted = clone(model).fit(X.iloc[train], y.iloc[train])
        prediction[test] = fitted.predict(X.iloc[test])
    return prediction


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_cross_val_predict(data, model, expected, n_jobs):
    X, y = data
    found = cross_val_predict(model, X, y, cv=sp.CycleKFold(3), n_jobs=n_jobs)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_cross_validate_with_string_and_several_metrics(data, model, expected, n_jobs):
    X, y = data
    cv = sp.CycleKFold(3)
    one = cross_validate(model, X, y, cv=cv, scoring="r2", n_jobs=n_jobs, error_score="raise")
    two = cross_validate(
        model,
        X,
        y,
        cv=cv,
        scoring=["r2", "neg_mean_squared_error"],
        n_jobs=n_jobs,
        error_score="raise",
    )
    for k, (_, test) in enumerate(cv.split(X)):
        truth, prediction = y.iloc[test], expected[test]
        assert one["test_score"][k] == r2_score(truth, prediction)
        assert two["test_r2"][k] == r2_score(truth, prediction)
        assert two["test_neg_mean_squared_error"][k] == -mean_squared_error(truth, prediction)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_nested_search(data, model, n_jobs):
    X, y = data
    name = next(name for name in model.get_params() if name.endswith("alpha"))
    search = GridSearchCV(model, {name: [1.0]}, cv=sp.CycleKFold(2), n_jobs=n_jobs)
    outer = sp.CycleKFold(3)
    found = cross_val_predict(search, X, y, cv=outer)
    for train, test in outer.split(X):
        alone = clone(model).fit(X.iloc[train], y.iloc[train])
        np.testing.assert_array_equal(found[test], alone.predict(X.iloc[test]))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_validate(data, model, expected, n_jobs):
    X, y = data
    result = sp.validate(model, X, y, cv=sp.CycleKFold(3), n_jobs=n_jobs, n_bootstrap=20)
    np.testing.assert_array_equal(result.predictions["prediction"], expected)


def test_predicting_a_cycle_alone_is_predicting_it_among_others(data, model):
    X, y = data
    fitted = clone(model).fit(X, y)
    together = fitted.predict(X)
    for cycle in sp.cycles(X):
        rows = X.index.get_level_values("cycle") == cycle
        np.testing.assert_allclose(fitted.predict(X[rows]), together[rows], rtol=0, atol=1e-12)
