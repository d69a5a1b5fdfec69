"""scikit-learn's checks over every public estimator; exceptions are listed, with their reasons."""

from __future__ import annotations

import inspect
from itertools import chain

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, is_classifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

import signalprep as sp

# Filters that find outliers among the rows of the checks and look at neighbouring rows for others.
HOLDING = [
    sp.IQRFilter(0.1, action="interpolate", add_indicator=True),
    sp.IsolationForestFilter(n_estimators=10),
    sp.ResidualFilter(threshold=0.5),
    sp.ZScoreFilter(0.5, action="hold"),
]
# Every public estimator, at least once. To add one: an instance here and, if it must fail a check,
# the reason below.
INSTANCES = [
    sp.AtRate(),
    sp.AtRate(sp.make_pipeline(Ridge()), factor=1),
    sp.BayesianSearchCV(Ridge(), {"alpha": [1.0]}, n_trials=2, cv=2, random_state=0),
    sp.BayesianSearchCV(LogisticRegression(), {"C": [1.0]}, n_trials=1, cv=2, random_state=0),
    sp.ClarkeTransformer(),
    sp.ClarkeTransformer(columns=(1, 0), power_invariant=True),
    sp.ConformalBands(),
    sp.ConformalBands(Ridge(), sp.RegimeBinner(), coverage=0.8, min_cycles=5),
    sp.Decimator(),
    sp.Decimator(causal=False, nan_policy="omit"),
    sp.Detrender(),
    sp.Detrender("linear", nan_policy="omit"),
    sp.Detrender("highpass", cutoff=0.1),
    sp.Detrender("baseline", window_length=5),
    sp.Detrender("baseline", baseline="lowess"),
    sp.ExponentialFeatures(),
    sp.ExponentialFeatures([3], statistics=["std"], keep_inputs=False, nan_policy="omit"),
    sp.FitOnInliers(),
    sp.FitOnInliers(LogisticRegression(), sp.IQRFilter()),
    sp.HampelFilter(),
    sp.HampelFilter(5, 2.0, causal=False, action="interpolate", add_indicator=True),
    sp.HampelFilter(5, action="hold", nan_policy="propagate"),
    sp.IQRFilter(),
    sp.IsolationForestFilter(0.2, n_estimators=10, action="keep", nan_policy="omit"),
    sp.LocalOutlierFactorFilter(action="keep"),
    sp.LocalOutlierFactorFilter(3, contamination=0.1, add_indicator=True),
    sp.KalmanFilter(),
    sp.KalmanFilter("trend", add_slope=True, nan_policy="omit"),
    sp.KalmanFilter(process_variance=1.0, measurement_variance=2.0, lag=2),
    # The checks' arrays have as few as two channels: a rotor at rest stands in for the angle.
    sp.ParkTransformer(columns=(0, 1), angle=0.5),
    sp.PerRegime(),
    sp.PerRegime(sp.make_pipeline(sp.Scaler(), Ridge()), softness=0.5, min_rows=5),
    sp.PhysicalLimits(),
    sp.PhysicalLimits({0: (0.5, 2)}, add_indicator=True),
    sp.RegimeBinner(),
    sp.ResidualFilter(),
    sp.ResidualFilter(detector="hampel", action="clip", nan_policy="omit"),
    sp.SavitzkyGolayFilter(),
    sp.SavitzkyGolayFilter(5, 2, deriv=1, causal=False, edge="mirror"),
    sp.Scaler(),
    sp.Scaler("minmax"),
    sp.Scaler("robust", nan_policy="omit"),
    sp.Scaler("robust", with_mean=False),
    sp.Scaler("unit"),
    sp.SignedCodes(),
    # A scale so fine that any number of the checks is a whole code.
    sp.SignedCodes(not_available={0: [255, 0]}, lsb={0: 2.0**-80}, add_indicator=True),
    sp.TrainOnly(),
    sp.TrainOnly(MinMaxScaler()),
    sp.ZScoreFilter(),
    sp.ZScoreFilter(1.0, action="clip", nan_policy="propagate"),
    *HOLDING,
]

# A lower rate gives fewer rows, or a held prediction a row: other than the checks take for granted.
AT_LOWER_RATE = [sp.AtRate(factor=10), sp.AtRate(Ridge(), factor=4), sp.Decimator(2)]
NOT_AT_LOWER_RATE = (  # told for a lower rate further below
    "check_transformer_data_not_an_array",
    "check_transformer_general",
    "check_regressors_train",
)

ROWS_IN_ORDER = "a filter sees neighbouring rows, so their order and presence matter"

ORDER = {
    "check_methods_sample_order_invariance": ROWS_IN_ORDER,
    "check_methods_subset_invariance": ROWS_IN_ORDER,
}
FILTERS = (
    sp.Detrender,
    sp.ExponentialFeatures,
    sp.HampelFilter,
    sp.KalmanFilter,
    sp.SavitzkyGolayFilter,
)


def sees_neighbours(estimator):
    if isinstance(estimator, FILTERS) or getattr(estimator, "limits", None):
        return True
    return repr(estimator) in map(repr, HOLDING) or getattr(estimator, "detector", None) == "hampel"


def expected_failed_checks(estimator):
    if getattr(estimator, "method", None) == "constant":  # a mean knows no order
        return {"check_methods_subset_invariance": ROWS_IN_ORDER}
    return ORDER if sees_neighbours(estimator) else {}


def public_estimators():
    found = [getattr(sp, name) for name in sp.__all__]
    found = [one for one in found if inspect.isclass(one) and issubclass(one, BaseEstimator)]
    return {one for one in found if hasattr(one, "fit")}  # a Recipe has parameters alone


def test_every_public_estimator_is_checked():
    assert public_estimators() == {type(instance) for instance in INSTANCES}


@parametrize_with_checks(
    INSTANCES, expected_failed_checks=expected_failed_checks, xfail_strict=True
)
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


LOWER_RATE_CHECKS = [
    pytest.param(estimator, check, id=f"{estimator}-{check.func.__name__}")
    for estimator, check in chain.from_iterable(
        estimator_checks.estimator_checks_generator(estimator) for estimator in AT_LOWER_RATE
    )
    if check.func.__name__ not in (*ORDER, *NOT_AT_LOWER_RATE)
]


@pytest.mark.parametrize(("estimator", "check"), LOWER_RATE_CHECKS)
def test_scikit_learn_conventions_at_a_lower_rate(estimator, check):
    check(estimator)


def test_a_decimator_follows_the_transformer_checks_on_the_rows_it_keeps():
    X = np.random.default_rng(0).normal(size=(31, 2))
    for data in (X, X.tolist()):
        step = sp.Decimator(2)
        out = step.fit_transform(data)
        assert len(out) == 16
        np.testing.assert_array_equal(step.fit(data).transform(data), out)
    with pytest.raises(ValueError, match="features"):
        step.transform(X[:, :1])


@pytest.mark.parametrize("factor", [2, 10])
def test_a_slower_task_learns_what_changes_slowly(factor):
    X = np.cumsum(np.random.default_rng(0).normal(size=(20_000, 2)), axis=0)
    y = X @ [1.0, -0.5]
    model = sp.AtRate(factor=factor)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        model.fit(X, y[:-1])
    model.fit(X, y)
    np.testing.assert_array_equal(model.fit(X.tolist(), y.tolist()).predict(X), model.predict(X))
    assert model.predict(X).shape == y.shape
    assert model.score(X, y) > 0.5


TRANSFORMERS = [one for one in INSTANCES if hasattr(one, "transform")]
# Clarke looks for i_a, i_b, i_c in a frame when no columns are given.
ON_ANY_FRAME = [
    one
    for one in TRANSFORMERS
    if not (isinstance(one, sp.ClarkeTransformer) and one.columns is None)
]


@pytest.mark.parametrize("transformer", [*TRANSFORMERS, sp.Decimator(2)], ids=repr)
def test_names_of_outputs(transformer):
    name = type(transformer).__name__
    estimator_checks.check_transformer_get_feature_names_out(name, transformer)


@pytest.mark.parametrize("transformer", ON_ANY_FRAME, ids=repr)
@pytest.mark.filterwarnings("ignore:X (has|does not have valid) feature names")
def test_frames(transformer):
    name = type(transformer).__name__
    estimator_checks.check_transformer_get_feature_names_out_pandas(name, transformer)
    estimator_checks.check_set_output_transform(name, transformer)
    estimator_checks.check_set_output_transform_pandas(name, transformer)
    estimator_checks.check_global_output_transform_pandas(name, transformer)


@pytest.mark.parametrize("estimator", [*INSTANCES, *AT_LOWER_RATE], ids=repr)
def test_names_of_inputs_are_checked(estimator):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["i_a", "i_b", "i_c"])
    target = frame["i_a"] > 0 if is_classifier(estimator) else frame["i_a"]
    fitted = estimator.fit(frame, target)
    method = fitted.transform if hasattr(fitted, "transform") else fitted.predict
    with pytest.raises(ValueError, match="feature names"):
        method(frame.iloc[:, ::-1])
