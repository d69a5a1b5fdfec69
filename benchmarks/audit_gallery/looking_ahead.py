"""Leaks by a step or model that uses rows which have not been measured yet, or another drive's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, detrend, filtfilt, savgol_filter
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import signalprep as sp

from .case import Shown, leaky, show
from .worlds import battery, buildings, each, engines, motor, trips


def behind(step: Any, model: Any = None) -> Pipeline:
    """A step, a scaler, a model."""
    transformer = step if hasattr(step, "transform") else FunctionTransformer(step)
    return make_pipeline(transformer, StandardScaler(), model or Ridge())


def boosted() -> HistGradientBoostingRegressor:
    """A model that takes missing values."""
    return HistGradientBoostingRegressor(max_iter=15, early_stopping=False)


@leaky("rolling with center=True", where="motor temperature notebooks")
def centered_mean() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.rolling(5, center=True, min_periods=1).mean())

    return show(behind(smoothed), *motor())


@leaky("bfill", where="rolling means whose first rows are filled from behind")
def rolling_then_bfill() -> Shown:
    def rolled(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.rolling(20).mean().bfill())

    return show(behind(rolled), *battery())


@leaky("looks ahead", where="shift(-1) for 'the next set point'")
def next_value() -> Shown:
    def led(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(X.groupby(level="cycle").shift(-1).ffill(), rsuffix="_next")

    return show(behind(led), *trips())


def _holes(X: pd.DataFrame, share: float = 0.1) -> pd.DataFrame:
    holes = np.random.default_rng(0).random(X.shape) < share
    return X.mask(holes)


@leaky("looks ahead", where="interpolate() over missing samples")
def interpolated_holes() -> Shown:
    def filled(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.interpolate(limit_direction="both"))

    X, y = battery()
    return show(behind(filled), _holes(X), y)


@leaky("bfill", where="df.bfill() over missing samples")
def bfilled_holes() -> Shown:
    def filled(X: pd.DataFrame) -> pd.DataFrame:
        return X.groupby(level="cycle").bfill().groupby(level="cycle").ffill()

    X, y = trips()
    return show(behind(filled), _holes(X), y)


@leaky("looks ahead", where="the mean of previous and next reading for a missing one")
def holes_from_both_sides() -> Shown:
    def filled(X: pd.DataFrame) -> pd.DataFrame:
        by = X.groupby(level="cycle")
        return X.fillna((by.ffill() + by.bfill()) / 2).fillna(0.0)

    X, y = motor()
    return show(behind(filled), _holes(X, 0.03), y)


@leaky("looks ahead", where="scipy.signal.savgol_filter")
def savgol() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return each(
            X, lambda c: c.apply(savgol_filter, window_length=9, polyorder=2, mode="nearest")
        )

    return show(behind(smoothed), *motor())


@leaky("looks ahead", where="butter and filtfilt")
def zero_phase() -> Shown:
    b, a = butter(2, 0.2)

    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.apply(lambda s: filtfilt(b, a, s, method="gust")))

    return show(behind(smoothed), *battery())


@leaky("looks ahead", where="gaussian_filter1d")
def gaussian() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.apply(gaussian_filter1d, sigma=2.0))

    return show(behind(smoothed), *engines())


@leaky("looks ahead", where="np.gradient: a derivative of both neighbours")
def central_difference() -> Shown:
    def rates(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(each(X, lambda c: c.apply(np.gradient)), rsuffix="_rate")

    return show(behind(rates), *trips())


@leaky("looks ahead", where="low pass by FFT of the whole drive")
def fourier_low_pass() -> Shown:
    def low(s: pd.Series) -> np.ndarray:
        spectrum = np.fft.rfft(s)
        spectrum[12:] = 0
        return np.fft.irfft(spectrum, len(s))

    return show(behind(lambda X: each(X, lambda c: c.apply(low))), *motor())


@leaky("looks ahead", where="groupby transform mean of an input")
def mean_of_the_drive() -> Shown:
    def means(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(
            X.groupby(level="cycle")[["voltage", "current"]].transform("mean"), rsuffix="_m"
        )

    return show(behind(means), *battery())


@leaky("normalised per test cycle by its own end", where="discharge curves scaled to 0..1")
def min_max_of_each_drive() -> Shown:
    class PerCycleMinMax(TransformerMixin, BaseEstimator):
        def fit(self, X: pd.DataFrame, y: Any = None) -> PerCycleMinMax:
            return self

        def transform(self, X: pd.DataFrame) -> pd.DataFrame:
            by = X.groupby(level="cycle")
            low, high = by.transform("min"), by.transform("max")
            return (X - low) / (high - low + 1e-9)

    return show(behind(PerCycleMinMax()), *battery())


@leaky("normalised per test cycle by its own end", where="z-score of each profile")
def z_score_of_each_drive() -> Shown:
    def scaled(X: pd.DataFrame) -> pd.DataFrame:
        by = X.groupby(level="cycle")
        return (X - by.transform("mean")) / by.transform("std").replace(0, 1)

    return show(behind(scaled), *motor())


@leaky("normalised per test cycle by its own end", where="sensors relative to their last value")
def relative_to_the_end() -> Shown:
    def scaled(X: pd.DataFrame) -> pd.DataFrame:
        return X / X.groupby(level="cycle").transform("last").replace(0, 1)

    return show(behind(scaled), *engines())


@leaky("max cycle as RUL helper", where="remaining life notebooks: the helper column stays")
def longest_flight() -> Shown:
    def helped(X: pd.DataFrame) -> pd.DataFrame:
        return X.assign(max_cycle=X.groupby(level="cycle")["setting"].transform("size"))

    return show(behind(helped), *engines())


@leaky("looks ahead", where="time to the end of the drive as an input")
def time_to_end() -> Shown:
    def timed(X: pd.DataFrame) -> pd.DataFrame:
        time = X.index.get_level_values("time").to_series(index=X.index)
        return X.assign(left=time.groupby(level="cycle").transform("max") - time)

    return show(behind(timed), *trips())


@leaky("looks ahead", where="share of the drive done")
def share_done() -> Shown:
    def timed(X: pd.DataFrame) -> pd.DataFrame:
        by = X.groupby(level="cycle")
        return X.assign(done=by.cumcount() / by["speed"].transform("size"))

    return show(behind(timed, boosted()), *trips())


@leaky("looks ahead", where="rank within the drive")
def rank_within_drive() -> Shown:
    def ranked(X: pd.DataFrame) -> pd.DataFrame:
        return X.groupby(level="cycle").rank(pct=True)

    return show(behind(ranked), *motor())


@leaky("looks ahead", where="outliers cut at quantiles of each drive")
def cut_at_quantiles_of_drive() -> Shown:
    def cut(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.clip(c.quantile(0.05), c.quantile(0.95), axis=1))

    return show(behind(cut), *trips())


@leaky("looks ahead", where="scipy.signal.detrend of each drive")
def detrended() -> Shown:
    def flat(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.apply(detrend))

    return show(behind(flat), *motor())


@leaky("looks ahead", where="charge that will still flow: total minus cumsum")
def charge_still_to_flow() -> Shown:
    def counted(X: pd.DataFrame) -> pd.DataFrame:
        current = X["current"].groupby(level="cycle")
        return X.assign(rest=current.transform("sum") - current.cumsum())

    return show(behind(counted), *battery())


@leaky("looks ahead", where="means of blocks of ten seconds given to each row of the block")
def block_means() -> Shown:
    def blocks(X: pd.DataFrame) -> pd.DataFrame:
        block = X.groupby(level="cycle").cumcount() // 10
        return X.groupby([X.index.get_level_values("cycle"), block]).transform("mean")

    return show(behind(blocks), *motor())


@leaky("looks ahead", where="maximum of the day, known at night", trace=True)
def maximum_of_the_day() -> Shown:
    def daily(X: pd.DataFrame) -> pd.DataFrame:
        day = X.groupby(level="cycle").cumcount() // 24
        hot = X["outdoor"].groupby([X.index.get_level_values("cycle"), day]).transform("max")
        return X.assign(hottest=hot)

    return show(behind(daily, boosted()), *buildings())


@leaky("looks ahead", where="ewm forwards and backwards")
def ewm_both_ways() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        def both(c: pd.DataFrame) -> pd.DataFrame:
            return (c.ewm(span=8).mean() + c[::-1].ewm(span=8).mean()[::-1]) / 2

        return each(X, both)

    return show(behind(smoothed), *engines())


@leaky("looks ahead", where="one column of a ColumnTransformer")
def ahead_in_one_column() -> Shown:
    def ahead(c: pd.DataFrame) -> pd.DataFrame:
        return c.groupby(level="cycle").shift(-3).fillna(0.0)

    X, y = motor()
    rest = [c for c in X if c != "omega_m"]
    model = Pipeline(
        [
            (
                "pre",
                ColumnTransformer(
                    [
                        ("speed", FunctionTransformer(ahead), ["omega_m"]),
                        ("rest", StandardScaler(), rest),
                    ]
                ),
            ),
            ("model", Ridge()),
        ]
    )
    return show(model, X, y)


@leaky("rolling with center=True", where="one branch of a FeatureUnion")
def ahead_in_a_union() -> Shown:
    def median(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.rolling(7, center=True, min_periods=1).median())

    union = FeatureUnion([("raw", "passthrough"), ("median", FunctionTransformer(median))])
    return show(behind(union), *trips())


@leaky("looks ahead", where="a filter of the library left at causal=False")
def acausal_hampel() -> Shown:
    model = sp.make_pipeline(
        sp.HampelFilter(7, causal=False, min_scale=0.0), StandardScaler(), Ridge()
    )
    return show(model, *motor())


@leaky("looks ahead", where="a smoother with a lag of five samples")
def kalman_with_lag() -> Shown:
    return show(sp.make_pipeline(sp.KalmanFilter(lag=5), StandardScaler(), Ridge()), *battery())


class Smoothed(RegressorMixin, BaseEstimator):
    """Predictions smoothed afterwards, or set level by their own mean, drive by drive."""

    def __init__(self, estimator: Any = None, how: str = "centered") -> None:
        self.estimator = estimator
        self.how = how

    def fit(self, X: Any, y: Any) -> Smoothed:
        self.estimator_ = clone(self.estimator).fit(X, y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        raw = pd.Series(self.estimator_.predict(X), index=X.index)
        by = raw.groupby(level="cycle")
        if self.how == "centered":
            raw = by.transform(lambda s: s.rolling(9, center=True, min_periods=1).mean())
        elif self.how == "level":
            raw = raw - by.transform("mean") + raw.mean()
        else:
            raw = by.transform(lambda s: np.maximum.accumulate(s[::-1])[::-1])
        return raw.to_numpy()


@leaky("looks ahead", where="predictions smoothed by a centered mean")
def predictions_smoothed() -> Shown:
    return show(Smoothed(make_pipeline(StandardScaler(), Ridge())), *motor())


@leaky("test statistics", where="predictions of each drive set to a common mean")
def predictions_levelled() -> Shown:
    return show(Smoothed(make_pipeline(StandardScaler(), Ridge()), "level"), *buildings())


@leaky("looks ahead", where="remaining life forced to fall, from the end backwards")
def predictions_made_monotone() -> Shown:
    return show(Smoothed(make_pipeline(StandardScaler(), Ridge()), "falling"), *engines())


@leaky("bleeds over cycles", where="rolling without groupby", least="warning")
def rolling_over_borders() -> Shown:
    return show(behind(lambda X: X.rolling(10, min_periods=1).mean()), *motor())


@leaky("bleeds over cycles", where="ewm without groupby", least="warning")
def ewm_over_borders() -> Shown:
    return show(behind(lambda X: X.join(X.ewm(span=20).mean(), rsuffix="_ewm")), *trips())


@leaky("bleeds over cycles", where="cumsum without groupby", least="warning")
def cumsum_over_borders() -> Shown:
    return show(behind(lambda X: X.assign(charge=X["current"].cumsum())), *battery())


@leaky("bleeds over cycles", where="diff without groupby", least="warning")
def diff_over_borders() -> Shown:
    return show(behind(lambda X: X.join(X.diff().fillna(0), rsuffix="_diff")), *engines())


@leaky("looks ahead", where="shift(-1) without groupby")
def next_value_over_borders() -> Shown:
    return show(behind(lambda X: X.join(X.shift(-1).ffill(), rsuffix="_next")), *battery())
