"""Honest work: pipelines and splits as careful people write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import butter, lfilter, savgol_filter
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    StackingRegressor,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, PredefinedSplit
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

import signalprep as sp
from signalprep.neural import RecurrentRegressor

from .case import Shown, clean, show
from .looking_ahead import behind, boosted
from .worlds import battery, buildings, each, engines, faults, motor, trips


def ridge() -> Any:
    """A scaler and a model."""
    return make_pipeline(StandardScaler(), Ridge())


@clean(where="scaler and ridge, whole cycles left out")
def plain_ridge() -> Shown:
    return show(ridge(), *motor())


@clean(where="boosting without early stopping")
def plain_boosting() -> Shown:
    return show(HistGradientBoostingRegressor(max_iter=15, early_stopping=False), *battery())


@clean(where="a forest on flights")
def plain_forest() -> Shown:
    return show(RandomForestRegressor(10, random_state=0), *engines())


@clean(where="a classifier of faults")
def plain_classifier() -> Shown:
    return show(make_pipeline(StandardScaler(), LogisticRegression()), *faults())


@clean(where="rolling means of the past, drive by drive")
def causal_rolling() -> Shown:
    def rolled(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(each(X, lambda c: c.rolling(15, min_periods=1).mean()), rsuffix="_mean")

    return show(behind(rolled), *motor())


@clean(where="ewm of the past, drive by drive")
def causal_ewm() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(each(X, lambda c: c.ewm(span=30, adjust=False).mean()), rsuffix="_ewm")

    return show(behind(smoothed), *engines())


@clean(where="charge counted from the start of each discharge")
def charge_counted() -> Shown:
    def counted(X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(charge=X["current"].groupby(level="cycle").cumsum())

    return show(behind(counted), *battery())


@clean(where="time since the start of the drive")
def time_since_start() -> Shown:
    def timed(X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(t=X.index.get_level_values("time"))

    return show(behind(timed), *motor())


@clean(where="inputs of earlier rows")
def lagged_inputs() -> Shown:
    def lagged(X: pd.DataFrame) -> pd.DataFrame:
        by = X.groupby(level="cycle")
        return pd.concat([X, *[by.shift(k).fillna(X).add_suffix(f"_{k}") for k in (1, 5)]], axis=1)

    return show(behind(lagged), *trips())


@clean(where="relative to the first sample of each drive")
def zeroed_by_first() -> Shown:
    def zeroed(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(X - X.groupby(level="cycle").transform("first"), rsuffix="_rise")

    return show(behind(zeroed), *motor())


@clean(where="highest value so far, mean so far")
def expanding_statistics() -> Shown:
    def so_far(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(each(X, lambda c: c.expanding().max()), rsuffix="_max")

    return show(behind(so_far), *engines())


@clean(where="backward differences")
def backward_difference() -> Shown:
    def rates(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(X.groupby(level="cycle").diff().fillna(0.0), rsuffix="_rate")

    return show(behind(rates), *battery())


@clean(where="a causal low pass with its state set by the first sample")
def causal_low_pass() -> Shown:
    b, a = butter(1, 0.1)

    def filtered(X: pd.DataFrame) -> pd.DataFrame:
        state = (1 - b[0]) * 1.0
        return each(X, lambda c: c.apply(lambda s: lfilter(b, a, s, zi=[state * s.iloc[0]])[0]))

    return show(behind(filtered), *motor())


def _holes(X: pd.DataFrame) -> pd.DataFrame:
    return X.mask(np.random.default_rng(0).random(X.shape) < 0.1)


@clean(where="missing samples hold the last value, else the median of training")
def filled_by_earlier() -> Shown:
    X, y = battery()
    hold = FunctionTransformer(lambda f: f.groupby(level="cycle").ffill())
    return show(make_pipeline(hold, SimpleImputer(strategy="median"), ridge()), _holes(X), y)


@clean(where="IterativeImputer in the pipeline")
def iterative_imputer() -> Shown:
    X, y = trips()
    imputer = IterativeImputer(max_iter=3, random_state=0)
    return show(make_pipeline(imputer, ridge()), _holes(X), y)


@clean(where="a window of the past, first rows missing, a model that takes them")
def rolling_with_missing_start() -> Shown:
    def rolled(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(each(X, lambda c: c.rolling(10).std()), rsuffix="_sd")

    return show(make_pipeline(FunctionTransformer(rolled), boosted()), *motor())


@clean(where="PCA in the pipeline")
def components_in_pipeline() -> Shown:
    return show(make_pipeline(StandardScaler(), PCA(4), Ridge()), *engines())


@clean(where="polynomials of the inputs")
def polynomials() -> Shown:
    return show(make_pipeline(StandardScaler(), PolynomialFeatures(2), Ridge()), *trips())


@clean(where="SelectKBest in the pipeline")
def selected_in_pipeline() -> Shown:
    return show(make_pipeline(SelectKBest(f_regression, k=4), StandardScaler(), Ridge()), *motor())


@clean(where="QuantileTransformer in the pipeline")
def quantiles_in_pipeline() -> Shown:
    return show(make_pipeline(QuantileTransformer(n_quantiles=100), Ridge()), *battery())


@clean(where="distances to centres learned in training")
def distances_to_centres() -> Shown:
    union = FeatureUnion([("raw", "passthrough"), ("km", KMeans(3, n_init=1, random_state=0))])
    return show(make_pipeline(StandardScaler(), union, Ridge()), *trips())


@clean(where="the kind of building one-hot")
def kind_one_hot() -> Shown:
    X, y = buildings()
    pre = ColumnTransformer(
        [("use", OneHotEncoder(handle_unknown="ignore"), ["use", "weekday"])],
        remainder=StandardScaler(),
    )
    return show(make_pipeline(pre, Ridge()), X, y)


@clean(where="vehicle one-hot, whole vehicles left out")
def vehicle_one_hot() -> Shown:
    X, y = trips()
    pre = ColumnTransformer(
        [("car", OneHotEncoder(handle_unknown="ignore"), ["vehicle"])], remainder="passthrough"
    )
    cars = X.groupby(level="cycle")["vehicle"].first()
    return show(make_pipeline(pre, Ridge()), X, y, cv=sp.CycleKFold(3, together=cars))


@clean(where="hour as sine and cosine")
def hour_on_a_circle() -> Shown:
    def circle(X: pd.DataFrame) -> pd.DataFrame:
        angle = X["hour"] / 24 * 2 * np.pi
        return X.drop(columns="hour").assign(sin=np.sin(angle), cos=np.cos(angle))

    return show(behind(circle), *buildings())


@clean(where="weight of each vehicle from the fleet list, in a table")
def table_of_weights() -> Shown:
    class AddWeight(TransformerMixin, BaseEstimator):
        def __init__(self, weights: Any = None) -> None:
            self.weights = weights

        def fit(self, X: Any, y: Any = None) -> AddWeight:
            return self

        def transform(self, X: pd.DataFrame) -> pd.DataFrame:
            return X.assign(weight=X["vehicle"].map(self.weights))

    weights = pd.Series({0.0: 1250.0, 1.0: 1610.0, 2.0: 1890.0})
    return show(make_pipeline(AddWeight(weights), ridge()), *trips())


@clean(where="values of the data sheet in a closure")
def data_sheet_in_closure() -> Shown:
    rated = {"i_d": 380.0, "i_q": 380.0, "omega_m": 1200.0, "T_m": 250.0}
    return show(behind(lambda X: X.assign(**{c: X[c] / v for c, v in rated.items()})), *motor())


@clean(where="a search over whole cycles")
def grid_search_over_cycles() -> Shown:
    X, y = motor()
    search = GridSearchCV(ridge(), {"ridge__alpha": [0.1, 10.0]}, cv=sp.CycleKFold(3))
    return show(search, X, y)


@clean(where="stacking over whole cycles")
def stacking_over_cycles() -> Shown:
    tree = DecisionTreeRegressor(max_depth=4, random_state=0)
    model = StackingRegressor([("tree", tree), ("ridge", ridge())], cv=sp.CycleKFold(3))
    return show(model, *trips())


@clean(where="bagging")
def bagging() -> Shown:
    return show(BaggingRegressor(ridge(), 5, random_state=0), *battery())


@clean(where="target scaled within training")
def target_scaled_in_training() -> Shown:
    model = TransformedTargetRegressor(ridge(), transformer=StandardScaler())
    return show(model, *motor())


@clean(where="a small network without early stopping")
def small_network() -> Shown:
    net = MLPRegressor(hidden_layer_sizes=(8,), max_iter=30, random_state=0, early_stopping=False)
    return show(make_pipeline(StandardScaler(), net), *trips())


@clean(where="a recurrent network")
def recurrent_network() -> Shown:
    return show(RecurrentRegressor(hidden_size=4, max_epochs=2, random_state=0), *trips(6))


@clean(where="exponential features of the library")
def exponential_features() -> Shown:
    model = sp.make_pipeline(sp.ExponentialFeatures((5, 30)), StandardScaler(), Ridge())
    return show(model, *motor())


@clean(where="causal Hampel filter and limits of the library")
def causal_cleaning() -> Shown:
    model = sp.make_pipeline(
        sp.PhysicalLimits({"T_coolant": (-40, 150)}), sp.HampelFilter(7), StandardScaler(), Ridge()
    )
    return show(model, *motor())


@clean(where="an offline model that says how far it looks ahead")
def look_ahead_stated() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return each(
            X, lambda c: c.apply(savgol_filter, window_length=7, polyorder=2, mode="nearest")
        )

    return show(behind(smoothed), *motor(), lookahead=3)


@clean(where="one drive left out at a time, by scikit-learn")
def leave_one_drive_out() -> Shown:
    X, y = battery()
    cv = list(LeaveOneGroupOut().split(X, y, X.index.get_level_values("cycle")))
    return show(ridge(), X, y, cv=cv)


@clean(where="whole drives as the fixed test set")
def fixed_test_drives() -> Shown:
    X, y = trips()
    number = X.groupby(level="cycle").ngroup()
    return show(ridge(), X, y, cv=PredefinedSplit(np.where(number >= 9, 0, -1)))


@clean(where="trained on the past, tested on later drives")
def forward_in_time() -> Shown:
    return show(ridge(), *motor(), cv=sp.ForwardCycleSplit(3))


@clean(where="with an operating map")
def with_regimes() -> Shown:
    X, y = motor(12)
    return show(ridge(), X, y, regimes={"omega_m": [-10, 300, 2000]}, cv=sp.CycleKFold(4))
