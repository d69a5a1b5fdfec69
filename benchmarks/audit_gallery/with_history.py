"""Leaks in what made the table, shown with it: `raw` and `prepare`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import butter, sosfiltfilt
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

from .case import Shown, leaky, show
from .looking_ahead import boosted
from .worlds import battery, buildings, each, engines, motor, trips


def ridge() -> Pipeline:
    """A scaler and a model."""
    return make_pipeline(StandardScaler(), Ridge())


def made(prepare: Any, raw: pd.DataFrame, y: pd.Series, model: Any = None) -> Shown:
    """A table made by a function, and shown with it."""
    X = prepare(raw)
    return show(model or ridge(), X, y.loc[X.index], raw=raw, prepare=prepare)


@leaky("rolling with center=True", where="a notebook's prepare function")
def prepare_centered() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return each(log, lambda c: c.rolling(11, center=True, min_periods=1).mean())

    return made(prepare, *motor())


@leaky("bfill", where="features with lags, filled from behind")
def prepare_bfill() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        by = log.groupby(level="cycle")
        return log.join(by.shift(8).groupby(level="cycle").bfill(), rsuffix="_lag")

    return made(prepare, *battery())


@leaky("looks ahead", where="interpolated before features are made")
def prepare_interpolated() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return each(log, lambda c: c.interpolate().bfill())

    X, y = trips()
    return made(prepare, X.mask(np.random.default_rng(0).random(X.shape) < 0.1), y)


@leaky("fitted on test rows", where="a scikit-learn pipeline run on the whole log")
def prepare_scaled() -> Shown:
    raw, y = motor()
    prepare = make_pipeline(StandardScaler()).set_output(transform="pandas")
    X = prepare.fit_transform(raw)
    return show(Ridge(), X, y, raw=raw, prepare=prepare)


@leaky("fitted on test rows", where="MinMaxScaler in a function, then rows cut off")
def prepare_min_max_cut() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        scaled = pd.DataFrame(MinMaxScaler().fit_transform(log), log.index, log.columns)
        return scaled[log.groupby(level="cycle").cumcount() >= 10]

    return made(prepare, *battery())


@leaky("feature selected on all rows", where="SelectKBest on the whole table")
def prepare_selected() -> Shown:
    raw, y = engines()
    rng = np.random.default_rng(0)
    for k in range(20):
        raw[f"noise_{k}"] = rng.normal(size=len(raw))
    prepare = SelectKBest(f_regression, k=6).set_output(transform="pandas")
    X = prepare.fit_transform(raw, y)
    return show(ridge(), X, y, raw=raw, prepare=prepare)


@leaky("feature selected on all rows", where="columns kept by their correlation with the target")
def prepare_by_correlation() -> Shown:
    raw, y = motor()
    rng = np.random.default_rng(0)
    for k in range(10):
        raw[f"noise_{k}"] = np.cumsum(rng.normal(size=len(raw)))

    def prepare(log: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
        return log[log.corrwith(y).abs().nlargest(5).index]

    return show(ridge(), prepare(raw, y), y, raw=raw, prepare=prepare)


@leaky("groupby transform mean of the target", where="raw holds the target, prepare uses it")
def prepare_mean_of_target() -> Shown:
    X, y = buildings()
    raw = X.assign(energy=y)

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        usual = log["energy"].groupby(level="cycle").transform("mean")
        return log.drop(columns="energy").assign(usual=usual)

    return made(prepare, raw, y, boosted())


@leaky("lag of the target at prediction time", where="raw holds the target, prepare lags it")
def prepare_lag_of_target() -> Shown:
    X, y = trips()

    def prepare(log: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
        lag = y.groupby(level="cycle").shift(1).fillna(0.0)
        return log.assign(lag=lag)

    return show(ridge(), prepare(X, y), y, raw=X, prepare=prepare)


@leaky("max cycle as RUL helper", where="add_rul() leaves its helper")
def prepare_max_cycle() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        time = pd.Series(log.index.get_level_values("time"), log.index)
        return log.assign(t=time, max_cycle=time.groupby(level="cycle").transform("max"))

    return made(prepare, *engines())


@leaky("fitted on test rows", where="PCA of the whole log")
def prepare_components() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        scores = PCA(3).fit_transform(log - log.mean())
        return pd.DataFrame(scores, log.index, ["a", "b", "c"])

    return made(prepare, *engines())


@leaky("fitted on test rows", where="rows beyond three sigma of all rows dropped")
def prepare_without_outliers() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log[(((log - log.mean()) / log.std()).abs() < 2.5).all(axis=1)]

    return made(prepare, *battery())


@leaky("fitted on test rows", where="operating modes by KMeans of all rows")
def prepare_clusters() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        mode = KMeans(3, n_init=1, random_state=0).fit_predict(log[["speed", "pedal"]])
        return log.assign(mode=mode.astype(float))

    return made(prepare, *trips())


@leaky("fitted on test rows", where="winsorised at percentiles of all rows")
def prepare_winsorised() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.clip(log.quantile(0.01), log.quantile(0.99), axis=1)

    return made(prepare, *motor())


@leaky("target encoding over all rows", where="mean target by hour, over all rows")
def prepare_hour_encoded() -> Shown:
    X, y = buildings()

    def prepare(log: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
        return log.assign(usual=y.groupby(log["hour"]).transform("mean"))

    return show(boosted(), prepare(X, y), y, raw=X, prepare=prepare)


@leaky("looks ahead", where="zero-phase filter of the whole log, drive by drive")
def prepare_zero_phase() -> Shown:
    sos = butter(2, 0.15, output="sos")

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return each(log, lambda c: c.apply(lambda s: sosfiltfilt(sos, s, padlen=9)))

    return made(prepare, *motor())


@leaky("looks ahead", where="mean of an input over the drive")
def prepare_mean_of_drive() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.assign(load=log["current"].groupby(level="cycle").transform("mean"))

    return made(prepare, *battery())


@leaky("bleeds over cycles", where="cumsum over the whole log", least="warning")
def prepare_cumsum() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.assign(way=log["speed"].cumsum())

    return made(prepare, *trips())


@leaky("bleeds over cycles", where="rolling over the whole log", least="warning")
def prepare_rolling_over_borders() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.join(log.rolling(30, min_periods=1).mean(), rsuffix="_mean")

    return made(prepare, *motor())


@leaky("looks ahead", where="coarser rows: the mean of those that follow")
def prepare_block_means() -> Shown:
    raw, y = motor()

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        block = log.groupby(level="cycle").cumcount() // 5
        means = log.groupby([log.index.get_level_values("cycle"), block]).transform("mean")
        return means[log.groupby(level="cycle").cumcount() % 5 == 0]

    return made(prepare, raw, y)


@leaky("fitted on test rows", where="a pipeline of own functions, one of which looks at all rows")
def prepare_pipeline_of_functions() -> Shown:
    raw, y = engines()
    prepare = Pipeline(
        [
            ("smooth", FunctionTransformer(lambda f: each(f, lambda c: c.ewm(span=10).mean()))),
            ("scale", FunctionTransformer(lambda f: (f - f.median()) / (f.max() - f.min()))),
        ]
    )
    return show(Ridge(), prepare.fit_transform(raw, y), y, raw=raw, prepare=prepare)


@leaky("normalised per test cycle by its own end", where="curves scaled to their own range")
def prepare_own_range() -> Shown:
    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        by = log.groupby(level="cycle")
        return (log - by.transform("min")) / (by.transform("max") - by.transform("min"))

    return made(prepare, *battery())
