"""scikit-learn's checks over every public estimator; exceptions are listed, with their reasons."""

from __future__ import annotations

import inspect

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
    sp.AtRate(Ridge(), factor=1),
    sp.ClarkeTransformer(),
    sp.ClarkeTransformer(columns=(1, 0), power_invariant=True),
    sp.Decimator(),
    sp.Decimator(1, nan_policy="omit"),
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
    sp.KalmanFilter("trend", nan_policy="omit"),
    sp.KalmanFilter(process_variance=1.0, measurement_variance=2.0, lag=2),
    # The checks' arrays have as few as two channels: a rotor at rest stands in for the angle.
    sp.ParkTransformer(columns=(0, 1), angle=0.5),
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
    sp.Scaler("unit"),
    sp.TrainOnly(),
    sp.TrainOnly(MinMaxScaler()),
    sp.ZScoreFilter(),
    sp.ZScoreFilter(1.0, action="clip", nan_policy="propagate"),
    *HOLDING,
]

ROWS_IN_ORDER = "a filter sees neighbouring rows, so their order and presence matter"
FEWER_ROWS = "the check assumes that rows are kept; a decimator keeps every n-th"
UNRELATED_ROWS = "the check's rows are unrelated, so a low-pass filter leaves nothing to learn from"
NAMED_SCALER = "the check sets with_mean on every class named Scaler; tested below by another name"

ORDER = {
    "check_methods_sample_order_invariance": ROWS_IN_ORDER,
    "check_methods_subset_invariance": ROWS_IN_ORDER,
}
FEWER = {
    "check_transformer_data_not_an_array": FEWER_ROWS,
    "check_transformer_general": FEWER_ROWS,
}
SLOW = {"check_regressors_train": UNRELATED_ROWS}
SPARSE = {
    "check_estimator_sparse_array": NAMED_SCALER,
    "check_estimator_sparse_matrix": NAMED_SCALER,
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
    if isinstance(estimator, sp.Scaler):
        return SPARSE
    if getattr(estimator, "factor", None) == 1:
        return {}
    if isinstance(estimator, sp.Decimator):
        return ORDER | FEWER
    if isinstance(estimator, sp.AtRate):
        return ORDER | SLOW
    if getattr(estimator, "method", None) == "constant":  # a mean knows no order
        return {"check_methods_subset_invariance": ROWS_IN_ORDER}
    return ORDER if sees_neighbours(estimator) else {}


def public_estimators():
    found = [getattr(sp, name) for name in sp.__all__]
    return {one for one in found if inspect.isclass(one) and issubclass(one, BaseEstimator)}


def test_every_public_estimator_is_checked():
    assert public_estimators() == {type(instance) for instance in INSTANCES}


@parametrize_with_checks(
    INSTANCES, expected_failed_checks=expected_failed_checks, xfail_strict=True
)
def test_scikit_learn_conventions(estimator, check):
    check(estimator)


@pytest.mark.parametrize("check", SPARSE)
@pytest.mark.parametrize("method", ["zscore", "minmax", "robust", "unit"])
def test_the_scaler_refuses_sparse_data(check, method):
    getattr(estimator_checks, check)("ChannelScaler", sp.Scaler(method))


TRANSFORMERS = [one for one in INSTANCES if hasattr(one, "transform")]
# Clarke looks for i_a, i_b, i_c in a frame when no columns are given; a decimator gives fewer rows.
ON_ANY_FRAME = [
    one
    for one in TRANSFORMERS
    if not (isinstance(one, sp.ClarkeTransformer) and one.columns is None)
    and not (isinstance(one, sp.Decimator) and one.factor > 1)
]


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=repr)
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


@pytest.mark.parametrize("estimator", INSTANCES, ids=repr)
def test_names_of_inputs_are_checked(estimator):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 3)), columns=["i_a", "i_b", "i_c"])
    target = frame["i_a"] > 0 if is_classifier(estimator) else frame["i_a"]
    fitted = estimator.fit(frame, target)
    method = fitted.transform if hasattr(fitted, "transform") else fitted.predict
    with pytest.raises(ValueError, match="feature names"):
        method(frame.iloc[:, ::-1])
