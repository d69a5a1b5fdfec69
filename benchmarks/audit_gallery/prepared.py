"""Leaks made before the call, in the table that the audit is shown, without its history."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from .case import Shown, leaky, show
from .looking_ahead import boosted
from .worlds import battery, buildings, engines, faults, motor, trips


def ridge() -> Pipeline:
    """A scaler and a model."""
    return make_pipeline(StandardScaler(), Ridge())


@leaky("target in inputs", where="the target in another unit")
def target_in_fahrenheit() -> Shown:
    X, y = motor()
    return show(ridge(), X.assign(T_F=y * 1.8 + 32), y)


@leaky("target in inputs", where="a nonlinear function of the target")
def target_squared() -> Shown:
    X, y = battery()
    return show(boosted(), X.assign(energy=y**2 * 3.7 + 0.4), y)


@leaky("target in inputs", where="a second sensor on the same spot", least="warning")
def second_sensor() -> Shown:
    X, y = motor()
    noise = np.random.default_rng(0).normal(size=len(y)) * 0.05 * y.std()
    return show(ridge(), X.assign(T_spare=y + noise), y)


@leaky("lag of the target at prediction time", where="lag 1 of the target in the table")
def target_of_the_row_before() -> Shown:
    X, y = motor()
    return show(ridge(), X.assign(lag=y.groupby(level="cycle").shift(1).bfill()), y)


@leaky("lag of the target at prediction time", where="rolling mean of the target", least="warning")
def rolling_target() -> Shown:
    X, y = battery()
    mean = y.groupby(level="cycle").transform(lambda s: s.rolling(10, min_periods=1).mean())
    return show(ridge(), X.assign(mean=mean), y)


@leaky("target in inputs", where="the target of the next row, by a wrong shift")
def target_of_the_next_row() -> Shown:
    X, y = engines()
    return show(ridge(), X.assign(after=y.groupby(level="cycle").shift(-1).fillna(0)), y)


@leaky("target in inputs", where="a count that makes up the target in a plain sum")
def parts_of_the_target() -> Shown:
    X, y = trips()
    aux = 2 + np.abs(np.random.default_rng(0).normal(size=len(y)))
    return show(ridge(), X.assign(aux=aux, drive=y - aux), y)


@leaky("groupby transform mean of the target", where="energy notebooks: mean by building")
def mean_target_of_building() -> Shown:
    X, y = buildings()
    return show(boosted(), X.assign(usual=y.groupby(level="cycle").transform("mean")), y)


@leaky("groupby transform of the target", where="temperature reached at the end")
def last_target_of_drive() -> Shown:
    X, y = motor()
    return show(ridge(), X.assign(T_end=y.groupby(level="cycle").transform("last")), y)


@leaky("groupby transform of the target", where="peak power of the trip")
def highest_target_of_trip() -> Shown:
    X, y = trips()
    return show(ridge(), X.assign(peak=y.groupby(level="cycle").transform("max")), y)


@leaky("groupby transform of the target", where="median and deviation by building")
def deviation_of_target() -> Shown:
    X, y = buildings()
    by = y.groupby(level="cycle")
    return show(boosted(), X.assign(median=by.transform("median"), sd=by.transform("std")), y)


@leaky("max cycle as RUL helper", where="remaining life notebooks: max_cycle stays in")
def max_cycle() -> Shown:
    X, y = engines()
    return show(ridge(), X.assign(max_cycle=X.groupby(level="cycle")["s0"].transform("size")), y)


@leaky("max cycle as RUL helper", where="share of the life that is spent")
def life_spent() -> Shown:
    X, y = engines()
    by = X.groupby(level="cycle")["s0"]
    return show(boosted(), X.assign(spent=by.cumcount() / by.transform("size")), y)


@leaky("target in inputs", where="remaining life in hours beside that in flights")
def life_in_hours() -> Shown:
    X, y = engines()
    return show(ridge(), X.assign(hours=y * 2.5), y)


@leaky("looks ahead", where="seconds to the end of the trip in the table")
def seconds_to_end() -> Shown:
    X, y = trips()
    return show(ridge(), X.assign(left=X.groupby(level="cycle").cumcount(ascending=False)), y)


@leaky("looks ahead", where="length of the drive in the table", least="warning")
def length_of_drive() -> Shown:
    X, y = motor()
    return show(ridge(), X.assign(n=X.groupby(level="cycle")["i_d"].transform("size")), y)


@leaky("target in inputs", where="charge left in the cell, of known capacity")
def charge_left() -> Shown:
    X, y = battery()
    return show(ridge(), X.assign(Ah=y * 2.05), y)


@leaky("target in inputs", where="a label of the maintenance log, one to one with the fault")
def maintenance_code() -> Shown:
    X, y = faults()
    code = y.map({0: 17.0, 1: 4.0, 2: 29.0})
    return show(LogisticRegression(max_iter=300), X.assign(code=code), y)


@leaky("fitted on test rows", where="StandardScaler before the split")
def standardised_before() -> Shown:
    X, y = motor()
    return show(Ridge(), (X - X.mean()) / X.std(ddof=0), y)


@leaky("fitted on test rows", where="MinMaxScaler before the split")
def min_max_before() -> Shown:
    X, y = battery()
    return show(Ridge(), pd.DataFrame(MinMaxScaler().fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="MinMaxScaler((-1, 1)) before the split")
def min_max_one_one_before() -> Shown:
    X, y = engines()
    scaler = MinMaxScaler((-1, 1))
    return show(Ridge(), pd.DataFrame(scaler.fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="MinMaxScaler((0.1, 0.9)) before the split")
def min_max_inner_before() -> Shown:
    X, y = motor()
    scaler = MinMaxScaler((0.1, 0.9))
    return show(Ridge(), pd.DataFrame(scaler.fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="RobustScaler before the split")
def robust_before() -> Shown:
    X, y = motor()
    return show(Ridge(), pd.DataFrame(RobustScaler().fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="MaxAbsScaler before the split")
def max_abs_before() -> Shown:
    X, y = battery()
    return show(Ridge(), pd.DataFrame(MaxAbsScaler().fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="QuantileTransformer before the split")
def quantiles_before() -> Shown:
    X, y = battery()
    scaler = QuantileTransformer(n_quantiles=200)
    return show(Ridge(), pd.DataFrame(scaler.fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="PowerTransformer before the split")
def power_before() -> Shown:
    X, y = engines()
    X = X.drop(columns="setting")
    scaler = PowerTransformer()
    return show(Ridge(), pd.DataFrame(scaler.fit_transform(X), X.index, X.columns), y)


@leaky("fitted on test rows", where="PCA before the split")
def components_before() -> Shown:
    X, y = engines()
    scores = PCA(4).fit_transform(StandardScaler().fit_transform(X))
    return show(Ridge(), pd.DataFrame(scores, X.index, [f"pc{k}" for k in range(4)]), y)


@leaky("fitted on test rows", where="one column standardised before the split, others not")
def one_column_standardised() -> Shown:
    X, y = trips()
    speed = X["speed"]
    return show(ridge(), X.assign(speed=(speed - speed.mean()) / speed.std()), y)


@leaky("fitted on test rows", where="target and inputs standardised before the split")
def target_standardised_too() -> Shown:
    X, y = battery()
    return show(Ridge(), (X - X.mean()) / X.std(), (y - y.mean()) / y.std())


@leaky("fitted on test rows", where="winsorised at percentiles of all rows")
def winsorised_before() -> Shown:
    X, y = motor()
    return show(ridge(), X.clip(X.quantile(0.02), X.quantile(0.98), axis=1), y)


@leaky("fitted on test rows", where="fillna(df.mean()) before the split")
def filled_by_mean_before() -> Shown:
    X, y = battery()
    X = X.mask(np.random.default_rng(0).random(X.shape) < 0.15)
    return show(ridge(), X.fillna(X.mean()), y)


@leaky("target encoding over all rows", where="energy notebooks: mean target by hour")
def hour_encoded_by_target() -> Shown:
    X, y = buildings()
    return show(boosted(), X.assign(usual=y.groupby(X["hour"]).transform("mean")), y)


@leaky("target encoding over all rows", where="mean target by vehicle")
def vehicle_encoded_by_target() -> Shown:
    X, y = trips()
    usual = y.groupby(X["vehicle"]).transform("mean")
    return show(boosted(), X.assign(vehicle=usual), y)


@leaky("normalised per test cycle by its own end", where="x / x.iloc[-1] of each drive")
def divided_by_end_before() -> Shown:
    X, y = engines()
    return show(
        ridge(),
        X.drop(columns="setting").groupby(level="cycle").transform(lambda s: s / s.iloc[-1]),
        y,
    )


@leaky("normalised per test cycle by its own end", where="min-max of each discharge")
def min_max_of_drive_before() -> Shown:
    X, y = battery()
    by = X.groupby(level="cycle")
    low, high = by.transform("min"), by.transform("max")
    return show(Ridge(), (X - low) / (high - low), y)


@leaky("normalised per test cycle by its own end", where="z-score of each discharge")
def z_score_of_drive_before() -> Shown:
    X, y = battery()
    by = X.groupby(level="cycle")
    return show(Ridge(), (X - by.transform("mean")) / by.transform("std"), y)


@leaky("looks ahead", where="mean of an input over the whole drive, in the table")
def mean_input_of_drive_before() -> Shown:
    X, y = battery()
    return show(ridge(), X.assign(load=X["current"].groupby(level="cycle").transform("mean")), y)


@leaky("rows counted", where="reset_index leaves a column of row numbers", least="warning")
def row_number() -> Shown:
    X, y = motor()
    return show(ridge(), X.assign(index=np.arange(len(X))), y)


@leaky("rows counted", where="profile_id stays among the inputs", least="warning")
def profile_id() -> Shown:
    X, y = motor()
    return show(boosted(), X.assign(profile_id=X.groupby(level="cycle").ngroup()), y)


@leaky("rows counted", where="the calendar time stays among the inputs", least="warning")
def calendar_time() -> Shown:
    X, y = battery()
    start = X.groupby(level="cycle", sort=False).ngroup() * 86400.0 + 1.7e9
    return show(boosted(), X.assign(stamp=start + X.index.get_level_values("time")), y)


@leaky("fitted on test rows", where="scaled before the split, per fold of KFold too")
def scaled_and_split_by_rows() -> Shown:
    X, y = trips()
    cut = np.arange(len(X)) < int(0.8 * len(X))
    cv = [(np.flatnonzero(cut), np.flatnonzero(~cut))]
    return show(
        Ridge(), pd.DataFrame(MinMaxScaler().fit_transform(X), X.index, X.columns), y, cv=cv
    )
