"""Weights of rows in validate: they go to fits alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor

import signalprep as sp
from signalprep.errors import InvalidLogError, InvalidParameterError

CV = sp.CycleKFold(3)


@pytest.fixture(scope="module")
def data():
    log = sp.datasets.simulate_pmsm(n_cycles=6, rate=0.5, random_state=0)
    return log.drop(columns="T_pm"), log["T_pm"]


@pytest.fixture(scope="module")
def weight(data):
    return np.random.default_rng(0).uniform(0.0, 1.0, len(data[0])) ** 4


def validated(estimator, data, **options):
    return sp.validate(estimator, *data, cv=CV, n_bootstrap=20, **options)


def test_each_fold_is_fitted_with_the_weights_of_its_training_rows(data, weight):
    X, y = data
    pipe = sp.make_pipeline(sp.Scaler(), Ridge())
    expected = pd.Series(np.nan, X.index)
    for train, test in CV.split(X):
        pipe.fit(X.iloc[train], y.iloc[train], ridge__sample_weight=weight[train])
        expected.iloc[test] = pipe.predict(X.iloc[test])
    result = validated(pipe, data, sample_weight=pd.Series(weight, X.index))
    np.testing.assert_array_equal(result.predictions["prediction"], expected)
    error = expected - y
    assert result.overall["rmse"] == pytest.approx(np.sqrt((error**2).mean()), rel=1e-12)


def test_weights_never_change_how_errors_are_scored(data):
    plain = validated(Ridge(), data)
    weighed = validated(Ridge(), data, sample_weight=np.ones(len(data[1])))
    pd.testing.assert_series_equal(weighed.overall, plain.overall)
    assert "weights" not in repr(plain)
    assert "; weights: sample_weight in fits\n" in repr(weighed)


def test_the_page_says_that_fits_are_weighed(data, weight, tmp_path):
    speed = data[0]["omega_m"]
    fast = (speed > speed.median()).rename("fast")
    result = validated(
        sp.make_pipeline(sp.Scaler(), LogisticRegression()),
        (data[0].drop(columns="omega_m"), fast),
        sample_weight=weight,
    )
    assert "; weights: sample_weight in fits\n" in repr(result)
    result.to_html(tmp_path / "page.html")
    assert "weights: sample_weight in fits" in (tmp_path / "page.html").read_text("utf-8")


class Counting(Ridge):
    fitted = 0

    def fit(self, X, y, sample_weight=None):
        Counting.fitted += 1
        return super().fit(X, y, sample_weight)


def test_what_cannot_be_weighed_is_refused_before_any_fit(data, weight):
    X = data[0]
    pipe = sp.make_pipeline(sp.Scaler(), KNeighborsRegressor())
    with pytest.raises(InvalidParameterError, match="'kneighborsregressor' .*its fit has no"):
        validated(pipe, data, sample_weight=weight)
    train, _ = list(CV.split(X))[1]
    nothing = np.ones(len(X))
    nothing[train] = 0.0
    with pytest.raises(InvalidParameterError, match="zero in every row"):
        validated(Counting(), data, sample_weight=nothing)
    with pytest.raises(InvalidLogError, match="sample_weight must carry the index"):
        validated(Counting(), data, sample_weight=pd.Series(weight))
    assert Counting.fitted == 0
