"""Leaks by steps, by what they hold, and by what made the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin, TransformerMixin
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import signalprep as sp

from ..case import Shown, leaky, show
from ..looking_ahead import behind, boosted
from ..worlds import battery, buildings, each, engines, motor, trips


def ridge() -> Pipeline:
    """A scaler and a model."""
    return make_pipeline(StandardScaler(), Ridge())


@leaky("bfill", where="ewm that starts late, its first rows filled from behind")
def late_ewm_then_bfill() -> Shown:
    def smoothed(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.ewm(span=20, min_periods=12).mean().bfill())

    return show(behind(smoothed), *motor(seed=4))


@leaky("bfill", where="rates over six samples, the first rows filled from behind")
def slow_rates_then_bfill() -> Shown:
    def rates(X: pd.DataFrame) -> pd.DataFrame:
        return X.join(each(X, lambda c: c.diff(6).bfill()), rsuffix="_rate")

    return show(behind(rates), *engines(seed=4))


@leaky("looks ahead", where="the mean of the first ten samples, from the first sample on")
def zeroed_by_first_ten() -> Shown:
    def zeroed(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c - c.iloc[:10].mean())

    return show(behind(zeroed), *battery(seed=4))


@leaky("bfill", where="moving deviation whose first rows are filled from behind, with history")
def prepare_deviation_bfill() -> Shown:
    raw, y = trips(seed=4)

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.join(each(log, lambda c: c.rolling(15).std().bfill()), rsuffix="_sd")

    return show(ridge(), prepare(raw), y, raw=raw, prepare=prepare)


@leaky("bfill", where="a pipeline of functions with history, the last fills from behind")
def prepare_pipeline_bfill() -> Shown:
    raw, y = motor(seed=5)
    prepare = Pipeline(
        [
            ("mean", FunctionTransformer(lambda f: each(f, lambda c: c.rolling(10).mean()))),
            ("fill", FunctionTransformer(lambda f: f.groupby(level="cycle").bfill())),
        ]
    )
    return show(ridge(), prepare.fit_transform(raw, y), y, raw=raw, prepare=prepare)


@leaky("target in inputs", where="a closure that joins the exponential mean of the target")
def exponential_target_from_closure() -> Shown:
    X, y = motor(seed=4)
    slow = y.groupby(level="cycle").transform(lambda s: s.ewm(span=12).mean())
    return show(behind(lambda f: f.assign(slow=slow.reindex(f.index)), boosted()), X, y)


class Beside(TransformerMixin, BaseEstimator):
    """A table joined by row."""

    def __init__(self, table: Any = None) -> None:
        self.table = table

    def fit(self, X: Any, y: Any = None) -> Beside:
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.join(self.table)


@leaky("target in inputs", where="a coarse copy of the target, joined from a parameter")
def coarse_target_as_parameter() -> Shown:
    X, y = buildings(seed=4)
    level = (y / y.std()).round().rename("level")
    return show(make_pipeline(Beside(level.to_frame()), boosted()), X, y)


@leaky("looks ahead", where="a table of inputs smoothed to both sides, joined by row")
def smoothed_inputs_joined() -> Shown:
    X, y = trips(seed=5)
    table = each(X, lambda c: c.rolling(9, center=True, min_periods=1).mean()).add_suffix("_smooth")
    return show(make_pipeline(Beside(table), ridge()), X, y)


class BestPenalty(RegressorMixin, BaseEstimator):
    """A ridge whose penalty is the best on rows put aside, given as a dict."""

    def __init__(self, aside: Any = None) -> None:
        self.aside = aside

    def fit(self, X: Any, y: Any) -> BestPenalty:
        def error(model: Any) -> float:
            return float(np.mean((model.predict(self.aside["X"]) - self.aside["y"]) ** 2))

        tried = [make_pipeline(StandardScaler(), Ridge(a)).fit(X, y) for a in (0.1, 30, 3000)]
        self.model_ = min(tried, key=error)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.asarray(self.model_.predict(X))


@leaky("parameters chosen on test", where="validation_data of the tested drives, as a dict")
def penalty_chosen_on_test_drives() -> Shown:
    X, y = battery(seed=6)
    cv = list(sp.CycleKFold(4).split(X))
    test = cv[0][1]
    return show(BestPenalty({"X": X.iloc[test], "y": y.iloc[test]}), X, y, cv=cv)


class Neighbours(RegressorMixin, BaseEstimator):
    """Nearest rows of a library, made when the notebook was started."""

    def __init__(self, library: Any = None) -> None:
        self.library = library

    def fit(self, X: Any, y: Any) -> Neighbours:
        self.width_ = X.shape[1]
        return self

    def predict(self, X: Any) -> np.ndarray:
        rows = np.asarray(self.library)
        model = KNeighborsRegressor(3).fit(rows[:, : self.width_], rows[:, self.width_])
        return np.asarray(model.predict(np.asarray(X)))


@leaky("fitted on test rows", where="nearest rows of a library that holds the tested ones")
def neighbours_in_a_library() -> Shown:
    X, y = engines(seed=5)
    return show(Neighbours(X.assign(target=y).to_numpy()), X, y)


class Refitted(RegressorMixin, BaseEstimator):
    """Fits the rows it is given, and those of the notebook too."""

    def __init__(self, more: Any = None) -> None:
        self.more = more

    def fit(self, X: Any, y: Any) -> Refitted:
        rows, targets = self.more
        both = pd.concat([X, rows]), pd.concat([y, targets])
        self.model_ = make_pipeline(StandardScaler(), Ridge()).fit(*both)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.asarray(self.model_.predict(X))


@leaky("fitted on test rows", where="more rows for training, the tested ones among them")
def more_rows_for_training() -> Shown:
    X, y = trips(seed=6)
    return show(Refitted((X, y)), X, y)


@leaky("fitted on test rows", where="cut at Tukey's fences of all rows")
def cut_at_fences_before() -> Shown:
    X, y = motor(seed=6)
    low, high = X.quantile(0.25), X.quantile(0.75)
    reach = 0.8 * (high - low)
    return show(ridge(), X.clip(low - reach, high + reach, axis=1), y)


@leaky("fitted on test rows", where="scipy winsorize: five percent of each end")
def five_percent_of_each_end() -> Shown:
    X, y = trips(seed=7)
    inputs = ["speed", "slope"]
    return show(ridge(), X.assign(**X[inputs].clip(*_ends(X[inputs], 0.05), axis=1)), y)


def _ends(X: pd.DataFrame, share: float) -> tuple[pd.Series, pd.Series]:
    return (
        X.quantile(share, interpolation="higher"),
        X.quantile(1 - share, interpolation="lower"),
    )


@leaky("fitted on test rows", where="fillna(df.median()) before the split")
def filled_by_median_before() -> Shown:
    X, y = engines(seed=6)
    X = X.mask(np.random.default_rng(1).random(X.shape) < 0.08)
    return show(ridge(), X.fillna(X.median()), y)


@leaky("looks ahead", where="gaps filled by the mean of their drive, before")
def filled_by_mean_of_drive_before() -> Shown:
    X, y = battery(seed=7)
    X = X.mask(np.random.default_rng(2).random(X.shape) < 0.1)
    return show(ridge(), X.fillna(X.groupby(level="cycle").transform("mean")), y)


@leaky("target encoding over all rows", where="median target by hour and weekday")
def median_by_hour_and_weekday() -> Shown:
    X, y = buildings(10, seed=5)
    usual = y.groupby([X["hour"], X["weekday"] > 4]).transform("median")
    return show(boosted(), X.assign(usual=usual), y)


@leaky("target encoding over all rows", where="category_encoders: a mean drawn to that of all")
def smoothed_encoding() -> Shown:
    X, y = buildings(seed=6)
    by = y.groupby(X["hour"])
    n = by.transform("size")
    return show(boosted(), X.assign(hour=(by.transform("sum") + 20 * y.mean()) / (n + 20)), y)


@leaky("target encoding over all rows", where="the mean of all others of the hour, without itself")
def leave_one_out_encoding() -> Shown:
    X, y = buildings(seed=7)
    by = y.groupby(X["hour"])
    others = (by.transform("sum") - y) / (by.transform("size") - 1)
    return show(boosted(), X.assign(others=others), y)


@leaky("target encoding over all rows", where="mean power by band of speed")
def band_encoded() -> Shown:
    X, y = trips(seed=8)
    band = pd.cut(X["speed"], [-10, 5, 10, 15, 20, 60], labels=False)
    return show(ridge(), X.assign(usual=y.groupby(band).transform("mean")), y)


@leaky("normalised per test cycle by its own end", where="x minus its last value")
def zeroed_at_the_end() -> Shown:
    X, y = battery(seed=8)
    return show(ridge(), X - X.groupby(level="cycle").transform("last"), y)


@leaky("looks ahead", where="share of the way that is driven")
def share_of_the_way() -> Shown:
    X, y = trips(seed=9)
    way = X["speed"].clip(lower=0).groupby(level="cycle")
    return show(ridge(), X.assign(done=way.cumsum() / way.transform("sum")), y)


@leaky("rows counted", where="minutes since a date, drives in no order", least="warning")
def minutes_since_a_date() -> Shown:
    X, y = motor(seed=7)
    day = np.random.default_rng(3).permutation(X.index.get_level_values("cycle").nunique())
    start = X.groupby(level="cycle", sort=False).ngroup().map(dict(enumerate(day)))
    minutes = start * 1440.0 + 613.0 + X.index.get_level_values("time") / 60
    return show(boosted(), X.assign(minutes=minutes), y)
