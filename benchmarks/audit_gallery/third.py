"""A third, independent set: 20 leaks and 10 honest cases, frozen by their commit before any run.

By somebody who had read the documentation and the form of a case, not the checks or their tests.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import butter, filtfilt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, GroupShuffleSplit, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler, TargetEncoder

import signalprep as sp

from .case import Shown, clean, leaky, show
from .worlds import battery, buildings, each, engines, motor, trips


def scaled_ridge() -> Pipeline:
    """What everybody starts with."""
    return make_pipeline(StandardScaler(), Ridge())


def boosting(**options: Any) -> HistGradientBoostingRegressor:
    """Boosted trees."""
    return HistGradientBoostingRegressor(max_iter=40, random_state=0, **options)


def with_gaps(X: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Some stretches of rows without values."""
    rng = np.random.default_rng(seed)
    holes = X.copy()
    for name in holes.columns:
        column = holes[name].to_numpy(copy=True)
        for start in rng.integers(3, len(column) - 12, size=len(column) // 60):
            column[start : start + int(rng.integers(2, 9))] = np.nan
        holes[name] = column
    return holes


# --- leaks


@leaky("scaled before the split", where="motor notebooks: fit_transform on the whole csv")
def third_scaled_whole_csv() -> Shown:
    X, y = motor(seed=11)
    scaled = StandardScaler().fit_transform(X)
    return show(boosting(), pd.DataFrame(scaled, X.index, X.columns), y, cv=sp.CycleKFold(4))


@leaky("normalised per cycle", where="battery notebooks: each discharge from 0 to 1")
def third_each_discharge_to_unit() -> Shown:
    X, y = battery(seed=12)
    by = X.groupby(level="cycle")
    low, high = by.transform("min"), by.transform("max")
    return show(Ridge(), (X - low) / (high - low), y, cv=sp.CycleKFold(4))


def acceleration(X: pd.DataFrame) -> pd.DataFrame:
    """Central differences of the speed."""
    return each(X, lambda trip: trip.assign(acceleration=np.gradient(trip["speed"])))


@leaky("looks ahead", where="energy of vehicles: np.gradient of the speed")
def third_gradient_of_speed() -> Shown:
    X, y = trips(seed=13)
    model = make_pipeline(FunctionTransformer(acceleration), StandardScaler(), Ridge())
    return show(model, X, y, cv=sp.CycleKFold(4))


@leaky("centred window", where="rolling(center=True) of the load, beside the load")
def third_centred_current() -> Shown:
    X, y = battery(seed=14)
    mean = X.groupby(level="cycle")["current"].transform(
        lambda s: s.rolling(31, center=True, min_periods=1).mean()
    )
    return show(scaled_ridge(), X.assign(current_smooth=mean), y, cv=sp.CycleKFold(4))


@leaky("rows shuffled", where="train_test_split as it is, five times")
def third_shuffled_rows() -> Shown:
    X, y = motor(seed=15)
    return show(boosting(), X, y, cv=KFold(5, shuffle=True, random_state=42))


@leaky("cycles on both sides", where="the last fifth of each engine's life is the test")
def third_last_fifth_of_each() -> Shown:
    X, y = engines(seed=16)
    done = X.groupby(level="cycle").cumcount()
    size = X.groupby(level="cycle")["s0"].transform("size")
    test = (done >= 0.8 * size).to_numpy()
    return show(scaled_ridge(), X, y, cv=[(np.flatnonzero(~test), np.flatnonzero(test))])


@leaky("groups split", where="windows of 20 rows are the groups")
def third_windows_as_groups() -> Shown:
    X, y = battery(seed=17)
    groups = np.arange(len(X)) // 20
    return show(boosting(), X, y, cv=list(GroupKFold(5).split(X, y, groups)))


@leaky("duplicates", where="augmentation by jitter before the split")
def third_jittered_discharges() -> Shown:
    X, y = battery(seed=18)
    rng = np.random.default_rng(18)
    pieces, targets = [X], [y]
    noise = X.std().to_numpy() * 0.02 * rng.normal(size=X.shape)
    index = pd.MultiIndex.from_arrays(
        [
            X.index.get_level_values("cycle") + "_aug",
            X.index.get_level_values("time"),
        ],
        names=X.index.names,
    )
    pieces.append((X + noise).set_axis(index))
    targets.append(y.set_axis(index))
    return show(boosting(), pd.concat(pieces), pd.concat(targets), cv=sp.CycleKFold(5))


@leaky("encoded by the target", where="energy notebooks: usual energy by use and hour")
def third_usual_energy_by_use_and_hour() -> Shown:
    X, y = buildings(seed=19)
    usual = y.groupby([X["use"], X["hour"]]).transform("mean")
    return show(boosting(), X.assign(usual=usual), y, cv=sp.CycleKFold(4))


def bridge(raw: pd.DataFrame) -> pd.DataFrame:
    """Gaps filled by straight lines."""
    by = raw.groupby(level="cycle", sort=False)
    return by.transform(lambda s: s.interpolate(limit_direction="both"))


@leaky("interpolation over the future", where="gaps filled by interpolate, shown with raw")
def third_gaps_bridged() -> Shown:
    X, y = motor(seed=20)
    raw = with_gaps(X, 20)
    return show(scaled_ridge(), bridge(raw), y, raw=raw, prepare=bridge, cv=sp.CycleKFold(4))


def bins_from_left(raw: pd.DataFrame) -> pd.DataFrame:
    """Means of 20 s, labelled by their beginning."""
    cycle = raw.index.get_level_values("cycle")
    time = raw.index.get_level_values("time").to_numpy(dtype=float)
    return raw.groupby([cycle, pd.Index(np.floor(time / 20) * 20, name="time")]).mean()


@leaky("resampling", where="resample('20s').mean() has the label of the left edge")
def third_bins_labelled_left() -> Shown:
    raw, y = motor(seed=21)
    X = bins_from_left(raw)
    y = y.reindex(X.index)
    return show(scaled_ridge(), X, y, raw=raw, prepare=bins_from_left, cv=sp.CycleKFold(4))


class StoppedEarly(RegressorMixin, BaseEstimator):
    """Boosting that goes on while the error on `eval_set` falls."""

    def __init__(self, eval_set: Any = None, rounds: int = 60) -> None:
        self.eval_set = eval_set
        self.rounds = rounds

    def fit(self, X: Any, y: Any) -> StoppedEarly:
        """Fit all rounds, and keep the best."""
        self.model_ = GradientBoostingRegressor(
            n_estimators=self.rounds, subsample=0.5, random_state=0
        ).fit(np.asarray(X), y)
        inputs, target = self.eval_set
        errors = [
            np.mean((np.asarray(target) - stage) ** 2)
            for stage in self.model_.staged_predict(np.asarray(inputs))
        ]
        self.best_ = int(np.argmin(errors))
        return self

    def predict(self, X: Any) -> Any:
        """Prediction of the best round."""
        for k, stage in enumerate(self.model_.staged_predict(np.asarray(X))):
            if k == self.best_:
                return stage
        raise AssertionError


@leaky("early stopping on test rows", where="eval_set=[(X_test, y_test)]")
def third_stopped_by_the_test() -> Shown:
    X, y = trips(seed=22)
    cycle = X.index.get_level_values("cycle")
    test = cycle.isin(cycle.unique()[-3:])
    fold = (np.flatnonzero(~test), np.flatnonzero(test))
    return show(StoppedEarly((X[test], y[test])), X, y, cv=[fold])


@leaky("knows the whole cycle", where="voltage above the cut-off voltage of this discharge")
def third_voltage_above_the_end() -> Shown:
    X, y = battery(seed=23)
    end = X.groupby(level="cycle")["voltage"].transform("last")
    return show(scaled_ridge(), X.assign(above_end=X["voltage"] - end), y, cv=sp.CycleKFold(4))


def trailing(X: pd.DataFrame) -> pd.DataFrame:
    """Rolling means, their first rows filled from behind."""
    return each(X, lambda drive: drive.join(drive.rolling(15).mean().bfill(), rsuffix="_mean"))


@leaky("looks ahead", where="rolling(15).mean().bfill() in a step")
def third_rolling_filled_backwards() -> Shown:
    X, y = motor(seed=24)
    model = make_pipeline(FunctionTransformer(trailing), StandardScaler(), Ridge())
    return show(model, X, y, cv=sp.CycleKFold(4))


def both_ways(X: pd.DataFrame) -> pd.DataFrame:
    """Low-pass without delay."""
    b, a = butter(2, 0.1)
    return each(
        X,
        lambda life: pd.DataFrame(
            filtfilt(b, a, life.to_numpy(), axis=0), life.index, life.columns
        ),
    )


@leaky("look-ahead filter", where="remaining life notebooks: butterworth by filtfilt in a step")
def third_filtfilt_of_sensors() -> Shown:
    X, y = engines(seed=25)
    model = make_pipeline(FunctionTransformer(both_ways), StandardScaler(), Ridge())
    return show(model, X, y, cv=sp.CycleKFold(5))


@leaky("fitted on all rows", where="PCA of everything, its transform a step of the pipeline")
def third_components_of_all_rows() -> Shown:
    X, y = motor(seed=26)
    components = PCA(4).fit(X)
    model = make_pipeline(FunctionTransformer(components.transform), Ridge())
    return show(model, X, y, cv=sp.CycleKFold(4))


@leaky("target in inputs", where="the bins for a stratified split were not dropped")
def third_strata_left_in() -> Shown:
    X, y = battery(seed=27)
    strata = pd.qcut(y, 20, labels=False).astype(float)
    return show(boosting(), X.assign(soc_bin=strata), y, cv=sp.CycleKFold(4))


@leaky("knows the whole cycle", where="remaining life notebooks: healthy, worn, critical")
def third_thirds_of_life() -> Shown:
    X, y = engines(seed=28)
    by = X.groupby(level="cycle")["s0"]
    stage = np.floor(3 * by.cumcount() / by.transform("size"))
    return show(scaled_ridge(), X.assign(stage=stage), y, cv=sp.CycleKFold(5))


@leaky("target in inputs", where="coulombs counted with start and capacity out of the target")
def third_coulombs_by_the_answer() -> Shown:
    X, y = battery(seed=29)
    charge = X.groupby(level="cycle")["current"].cumsum() * 10 / 3600
    table = pd.DataFrame({"charge": charge, "soc": y}).groupby(level="cycle")
    first, last = table.transform("first"), table.transform("last")
    capacity = (last["charge"] - first["charge"]) / (first["soc"] - last["soc"])
    counted = first["soc"] - (charge - first["charge"]) / capacity
    return show(scaled_ridge(), X.assign(soc_counted=counted), y, cv=sp.CycleKFold(4))


@leaky("target in inputs", where="predictions of a forest for its own training rows, stacked")
def third_forest_of_all_rows() -> Shown:
    X, y = motor(seed=30)
    forest = RandomForestRegressor(30, random_state=0).fit(X, y)
    return show(scaled_ridge(), X.assign(rf=forest.predict(X)), y, cv=sp.CycleKFold(4))


# --- honest work


@clean(where="exponential means of each drive's past, two spans")
def third_exponential_means() -> Shown:
    X, y = motor(seed=31)
    by = X.groupby(level="cycle", sort=False)
    for span in (30, 120):
        mean = by.transform(lambda s, span=span: s.ewm(span=span, adjust=False).mean())
        X = X.join(mean.add_suffix(f"_{span}"))
    return show(scaled_ridge(), X, y, cv=sp.CycleKFold(4))


@clean(where="lags within the trip; the first rows repeat the first value")
def third_lags_within_trips() -> Shown:
    X, y = trips(seed=32)
    by = X.groupby(level="cycle", sort=False)
    first = by["speed"].transform("first")
    lags = {f"speed_{k}": by["speed"].shift(k).fillna(first) for k in (1, 2, 5)}
    return show(boosting(), X.assign(**lags), y, cv=sp.CycleKFold(4))


@clean(where="charge drawn since the start of the discharge")
def third_charge_so_far() -> Shown:
    X, y = battery(seed=33)
    charge = X.groupby(level="cycle")["current"].cumsum() * 10 / 3600
    return show(scaled_ridge(), X.assign(drawn=charge), y, cv=sp.CycleKFold(4))


@clean(where="the target standardised inside of the estimator")
def third_target_scaled_inside() -> Shown:
    X, y = motor(seed=34)
    model = TransformedTargetRegressor(scaled_ridge(), transformer=StandardScaler())
    return show(model, X, y, cv=sp.CycleKFold(4))


@clean(where="a list of random splits by cell")
def third_random_cells() -> Shown:
    X, y = battery(seed=35)
    groups = X.index.get_level_values("cycle")
    splitter = GroupShuffleSplit(3, test_size=0.25, random_state=7)
    return show(boosting(), X, y, cv=list(splitter.split(X, y, groups)))


@clean(where="flights since new, and the worst reading so far")
def third_flights_since_new() -> Shown:
    X, y = engines(seed=36)
    by = X.groupby(level="cycle", sort=False)
    X = X.assign(flown=by.cumcount().astype(float), s0_max=by["s0"].cummax())
    return show(boosting(early_stopping=True), X, y, cv=sp.CycleKFold(5))


@clean(where="a target encoder inside of the pipeline")
def third_encoder_inside() -> Shown:
    X, y = buildings(seed=37)
    encode = ColumnTransformer(
        [("use", TargetEncoder(target_type="continuous", random_state=0), ["use", "hour"])],
        remainder="passthrough",
    )
    return show(make_pipeline(encode, Ridge()), X, y, cv=sp.CycleKFold(4))


@clean(where="hours on a circle, weekends, degrees below 18, logarithm of the area")
def third_calendar_and_degrees() -> Shown:
    X, y = buildings(seed=38)
    turn = X["hour"] / 24 * 2 * np.pi
    X = X.assign(
        sin=np.sin(turn),
        cos=np.cos(turn),
        weekend=(X["weekday"] >= 5).astype(float),
        heating=(18 - X["outdoor"]).clip(lower=0),
        area=np.log(X["area"]),
    )
    return show(scaled_ridge(), X, y, cv=sp.CycleKFold(4))


def past_bins(raw: pd.DataFrame) -> pd.DataFrame:
    """Last known values, then means of 20 s, labelled by their end."""
    raw = raw.groupby(level="cycle", sort=False).ffill().fillna(0.0)
    cycle = raw.index.get_level_values("cycle")
    time = raw.index.get_level_values("time").to_numpy(dtype=float)
    bins = raw.groupby([cycle, pd.Index(np.ceil(time / 20) * 20, name="time")]).mean()
    return bins[bins.index.isin(raw.index)]


@clean(where="gaps held, means labelled by the right edge, shown with raw")
def third_bins_labelled_right() -> Shown:
    X, y = motor(seed=39)
    raw = with_gaps(X, 39)
    X = past_bins(raw)
    y = y.reindex(X.index)
    return show(scaled_ridge(), X, y, raw=raw, prepare=past_bins, cv=sp.CycleKFold(4))


RATED = {"voltage": (3.0, 4.1), "current": (-1.0, 4.0), "temperature": (0.0, 60.0)}


def by_data_sheet(X: pd.DataFrame) -> pd.DataFrame:
    """Inputs from 0 to 1 over what the data sheet allows."""
    return pd.DataFrame(
        {name: ((X[name] - a) / (b - a)).clip(0, 1) for name, (a, b) in RATED.items()}
    )


@clean(where="limits of the data sheet, before the split and in a step")
def third_data_sheet() -> Shown:
    X, y = battery(seed=40)
    rated = by_data_sheet(X).add_suffix("_rated")
    model = make_pipeline(FunctionTransformer(by_data_sheet), Ridge())
    wide = make_pipeline(
        ColumnTransformer([("rated", model[0], list(RATED))], remainder="passthrough"), boosting()
    )
    return show(wide, X.join(rated), y, cv=sp.CycleKFold(4))
