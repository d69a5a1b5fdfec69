"""Leaks by what steps hold: tables, targets, statistics and models made of all rows beforehand."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import signalprep as sp

from .case import Shown, leaky, show
from .looking_ahead import behind, boosted
from .worlds import battery, buildings, engines, motor, trips


@leaky("lag of the target at prediction time", where="a closure over the whole target")
def previous_target_from_closure() -> Shown:
    X, y = motor()
    previous = y.groupby(level="cycle").shift(1)

    def lagged(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(previous=previous.reindex(frame.index))

    return show(make_pipeline(FunctionTransformer(lagged), boosted()), X, y)


@leaky("target in inputs", where="a closure that joins a smoothed target")
def smoothed_target_from_closure() -> Shown:
    X, y = battery()
    smooth = y.groupby(level="cycle").transform(lambda s: s.rolling(15, min_periods=1).mean())
    return show(behind(lambda f: f.join(smooth.rename("trend")), boosted()), X, y)


@leaky("target encoding over all rows", where="a table of mean targets by drive, as a parameter")
def table_of_means_by_drive() -> Shown:
    class JoinTable(TransformerMixin, BaseEstimator):
        def __init__(self, table: Any = None) -> None:
            self.table = table

        def fit(self, X: Any, y: Any = None) -> JoinTable:
            return self

        def transform(self, X: pd.DataFrame) -> pd.DataFrame:
            return X.assign(usual=X.index.get_level_values("cycle").map(self.table))

    X, y = buildings()
    return show(make_pipeline(JoinTable(y.groupby(level="cycle").mean()), boosted()), X, y)


@leaky("target encoding over all rows", where="a dict of mean targets by hour, in a closure")
def dict_of_means_by_hour() -> Shown:
    X, y = buildings()
    usual = y.groupby(X["hour"]).mean().to_dict()
    return show(behind(lambda f: f.assign(usual=f["hour"].map(usual)), boosted()), X, y)


@leaky("fitted on test rows", where="kw_args with the mean and deviation of all rows")
def statistics_as_arguments() -> Shown:
    X, y = motor()

    def scaled(frame: pd.DataFrame, mean: pd.Series, std: pd.Series) -> pd.DataFrame:
        return (frame - mean) / std

    step = FunctionTransformer(scaled, kw_args={"mean": X.mean(), "std": X.std()})
    return show(make_pipeline(step, Ridge()), X, y)


@leaky("fitted on test rows", where="FunctionTransformer(scaler.transform), fitted on all rows")
def transform_of_a_fitted_scaler() -> Shown:
    X, y = battery()
    scaler = StandardScaler().fit(X)
    return show(make_pipeline(FunctionTransformer(scaler.transform), Ridge()), X, y)


@leaky("fitted on test rows", where="a frozen scaler of all rows")
def frozen_scaler() -> Shown:
    X, y = engines()
    return show(make_pipeline(FrozenEstimator(StandardScaler().fit(X)), Ridge()), X, y)


@leaky("feature selected on all rows", where="a frozen selector of all rows")
def frozen_selector() -> Shown:
    X, y = engines()
    rng = np.random.default_rng(0)
    for k in range(20):
        X[f"noise_{k}"] = rng.normal(size=len(X))
    selector = SelectKBest(f_regression, k=6).fit(X, y)
    return show(make_pipeline(FrozenEstimator(selector), StandardScaler(), Ridge()), X, y)


@leaky(
    "feature selected on all rows",
    where="a list of columns that correlate over all rows",
    trace=False,
)
def columns_by_correlation() -> Shown:
    X, y = engines()
    rng = np.random.default_rng(1)
    for k in range(20):
        X[f"noise_{k}"] = rng.normal(size=len(X))
    kept = X.corrwith(y).abs().nlargest(6).index.tolist()
    return show(behind(lambda f: f[kept]), X, y)


@leaky("stacking with in-fold predictions", where="the output of a forest fitted on all rows")
def forest_fitted_before() -> Shown:
    X, y = motor()
    forest = RandomForestRegressor(10, random_state=0).fit(X, y)

    def stacked(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(first=forest.predict(frame))

    return show(behind(stacked), X, y)


@leaky("stacking with in-fold predictions", where="a frozen model of all rows as the estimator")
def frozen_model() -> Shown:
    X, y = trips()
    return show(FrozenEstimator(RandomForestRegressor(10, random_state=0).fit(X, y)), X, y)


@leaky("target in inputs", where="a cache of targets by key")
def cache_of_targets() -> Shown:
    X, y = battery()
    cache = {
        (round(v, 6), round(c, 6)): t for v, c, t in zip(X["voltage"], X["current"], y, strict=True)
    }

    def looked_up(frame: pd.DataFrame) -> pd.DataFrame:
        keys = zip(frame["voltage"].round(6), frame["current"].round(6), strict=True)
        return frame.assign(known=[cache.get(key, np.nan) for key in keys])

    return show(make_pipeline(FunctionTransformer(looked_up), boosted()), X, y)


class Corrected(RegressorMixin, BaseEstimator):
    """A model, moved towards measured values where they are known."""

    def __init__(self, known: Any = None) -> None:
        self.known = known

    def fit(self, X: Any, y: Any) -> Corrected:
        self.model_ = Ridge().fit(X, y)
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        guess = pd.Series(self.model_.predict(X), index=X.index)
        known = self.known.reindex(X.index)
        return np.asarray(guess.where(known.isna(), 0.7 * guess + 0.3 * known))


@leaky("target in inputs", where="a model corrected by measurements of the target")
def corrected_by_measurements() -> Shown:
    X, y = trips()
    return show(Corrected(y), X, y)


@leaky("lag of the target at prediction time", where="a partial that holds the target")
def partial_with_target() -> Shown:
    X, y = engines()

    def joined(frame: pd.DataFrame, past: pd.Series) -> pd.DataFrame:
        return frame.assign(past=past.reindex(frame.index).fillna(0.0))

    lag = y.groupby(level="cycle").shift(5)
    return show(behind(partial(joined, past=lag)), X, y)


_LATEST: dict[str, pd.Series] = {}


@leaky("target in inputs", where="a function that reads a variable of the notebook")
def global_table() -> Shown:
    X, y = motor()
    _LATEST["T_stator"] = y * 1.1 + 3

    def joined(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(T_stator=_LATEST["T_stator"].reindex(frame.index))

    return show(make_pipeline(FunctionTransformer(joined), boosted()), X, y)


class StoppedOnTest(RegressorMixin, BaseEstimator):
    """Boosting with as many trees as are best on an evaluation set."""

    def __init__(self, eval_set: Any = None) -> None:
        self.eval_set = eval_set

    def fit(self, X: Any, y: Any) -> StoppedOnTest:
        X_eval, y_eval = self.eval_set
        fast = {"learning_rate": 0.5, "early_stopping": False}
        model = HistGradientBoostingRegressor(max_iter=30, **fast).fit(X, y)
        errors = [mean_squared_error(y_eval, p) for p in model.staged_predict(X_eval)]
        best = int(np.argmin(errors)) + 1
        self.model_ = HistGradientBoostingRegressor(max_iter=best, **fast).fit(X, y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.asarray(self.model_.predict(X))


@leaky("early stopping on test", where="eval_set=[(X_test, y_test)]")
def stopped_on_test_rows() -> Shown:
    X, y = motor()
    cv = list(sp.CycleKFold(4).split(X))
    test = cv[0][1]
    return show(StoppedOnTest((X.iloc[test], y.iloc[test])), X, y, cv=cv)


@leaky("early stopping on test", where="eval_set of plain arrays")
def stopped_on_test_arrays() -> Shown:
    X, y = trips()
    cv = list(sp.CycleKFold(4).split(X))
    test = cv[0][1]
    return show(
        StoppedOnTest((X.iloc[test].to_numpy(), y.iloc[test].to_numpy())), X.copy(), y, cv=cv
    )


class NearestDrive(RegressorMixin, BaseEstimator):
    """A linear model on rows of a library of drives, the tested ones among them."""

    def __init__(self, library: Any = None, targets: Any = None) -> None:
        self.library = library
        self.targets = targets

    def fit(self, X: Any, y: Any) -> NearestDrive:
        self.model_ = LinearRegression().fit(self.library, self.targets)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.asarray(self.model_.predict(X))


@leaky("fitted on test rows", where="fit ignores its rows and takes those of the notebook")
def fit_takes_all_rows() -> Shown:
    X, y = buildings()
    return show(NearestDrive(X, y), X, y)


@leaky("target encoding over all rows", where="life of each engine by its id, to scale time")
def lives_by_engine() -> Shown:
    X, y = engines()
    lives = y.groupby(level="cycle").max().to_dict()

    def scaled(frame: pd.DataFrame) -> pd.DataFrame:
        life = frame.index.get_level_values("cycle").map(lives)
        return frame.assign(age=frame.index.get_level_values("time") / np.asarray(life, float))

    return show(make_pipeline(FunctionTransformer(scaled), boosted()), X, y)


@leaky("fitted on test rows", where="means of all rows in a closure, for missing values")
def means_in_a_closure() -> Shown:
    X, y = trips()
    X = X.mask(np.random.default_rng(3).random(X.shape) < 0.1)
    means = X.mean()
    return show(behind(lambda f: f.fillna(means)), X, y)
