"""Leaks that leave nothing in what the audit is shown: nobody could see them there."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from .case import Shown, leaky, show
from .worlds import Log, battery, buildings, each, engines, faults, join, motor, trips


def ridge(alpha: float = 1.0) -> Pipeline:
    """A scaler and a model."""
    return make_pipeline(StandardScaler(), Ridge(alpha))


@leaky("hyperparameters chosen on the test rows", where="everywhere", trace=False)
def alpha_chosen_on_test() -> Shown:
    X, y = motor()
    return show(ridge(alpha=3.7), X, y)  # 3.7: the best of many tried


@leaky("feature selected on all rows", where="columns dropped before", trace=False)
def columns_dropped_before() -> Shown:
    X, y = engines()
    return show(ridge(), X[X.corrwith(y).abs().nlargest(3).index], y)


@leaky("fitted on test rows", where="scaled with rows that were then dropped", trace=False)
def scaled_then_cut() -> Shown:
    X, y = motor()
    scaled = (X - X.mean()) / X.std()
    kept = X.groupby(level="cycle").cumcount() >= 15
    return show(Ridge(), scaled[kept], y[kept])


@leaky("bfill", where="first rows filled from behind, before", trace=False)
def filled_from_behind_before() -> Shown:
    X, y = battery()
    holes = X.mask(np.random.default_rng(0).random(X.shape) < 0.05)
    return show(ridge(), holes.groupby(level="cycle").bfill().groupby(level="cycle").ffill(), y)


@leaky("rolling with center=True", where="smoothed before, no history", trace=False)
def centered_before() -> Shown:
    X, y = battery()
    return show(ridge(), each(X, lambda c: c.rolling(5, center=True, min_periods=1).mean()), y)


@leaky("fitted on test rows", where="cluster numbers of all rows", trace=False)
def clusters_before() -> Shown:
    X, y = trips()
    mode = KMeans(3, n_init=1, random_state=0).fit_predict(X[["speed", "pedal"]])
    return show(ridge(), X.assign(mode=mode.astype(float)), y)


@leaky("rows that fit badly dropped", where="cleaning by residuals", trace=False)
def bad_rows_dropped() -> Shown:
    X, y = trips()
    error = np.abs(y - ridge().fit(X, y).predict(X))
    kept = error < error.quantile(0.95)
    return show(ridge(), X[kept], y[kept])


@leaky("worst drives dropped", where="cleaning by errors", trace=False)
def worst_drives_dropped() -> Shown:
    X, y = motor(12)
    error = (y - ridge().fit(X, y).predict(X)).abs().groupby(level="cycle").mean()
    kept = X.index.get_level_values("cycle").isin(error.nsmallest(8).index)
    return show(ridge(), X[kept], y[kept])


@leaky("SMOTE before split", where="fault notebooks", trace=False)
def smote_before() -> Shown:
    X, y = faults()
    whole = X.assign(label=y)
    rare = whole[whole["label"] == 1].to_numpy()
    rng = np.random.default_rng(0)
    first, second = rare[rng.integers(0, len(rare), (2, 160))]
    blend = first + rng.random((160, 1)) * (second - first)
    pieces = {str(n): p.droplevel("cycle") for n, p in whole.groupby(level="cycle")}
    more = pd.DataFrame(blend, columns=whole.columns)
    joined = join({**pieces, "smote_1": more.iloc[:80], "smote_2": more.iloc[80:]}, 1.0)
    return show(
        LogisticRegression(max_iter=300),
        joined.drop(columns="label"),
        joined["label"].round().astype(int),
    )


@leaky("number of trees chosen on the test rows", where="early stopping before", trace=False)
def rounds_chosen_on_test() -> Shown:
    X, y = buildings()
    return show(HistGradientBoostingRegressor(max_iter=17, early_stopping=False), X, y)


@leaky("seed chosen by the test error", where="leaderboards", trace=False)
def seed_chosen_on_test() -> Shown:
    X, y = trips()
    return show(RandomForestRegressor(10, random_state=1337), X, y)


def _same_vehicle() -> Log:
    return trips(8, vehicles=[k % 4 for k in range(8)])


@leaky("trips of one vehicle on both sides", where="fleets, id dropped", trace=False)
def vehicle_on_both_sides() -> Shown:
    X, y = _same_vehicle()
    return show(ridge(), X.drop(columns="vehicle"), y)
