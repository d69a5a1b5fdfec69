"""A fourth, independent set: 20 leaks and 14 honest cases, frozen by their commit before any run.

By somebody who had read the documentation and the form of a case, not the checks or their tests.
Import it and set `SHIFT` for the same cases of other data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.signal import detrend, hilbert, savgol_filter
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)

import signalprep as sp

from .case import Shown, clean, leaky, show
from .worlds import battery, each, engines, faults, join, motor, part, smooth, trips

SHIFT = 0


def seed(number: int) -> int:
    """The seed of a case, moved for other data."""
    return number + 1000 * SHIFT


def ridge() -> Pipeline:
    """What everybody starts with."""
    return make_pipeline(StandardScaler(), Ridge())


def boosting() -> HistGradientBoostingRegressor:
    """Boosted trees."""
    return HistGradientBoostingRegressor(max_iter=40, early_stopping=False, random_state=0)


def with_gaps(X: pd.DataFrame, number: int) -> pd.DataFrame:
    """Some stretches of rows without values, not those at the start of the log."""
    rng = np.random.default_rng(number)
    holes = X.copy()
    for name in holes.columns:
        column = holes[name].to_numpy(dtype=float, copy=True)
        for start in rng.integers(5, len(column) - 10, size=len(column) // 50):
            column[start : start + int(rng.integers(2, 8))] = np.nan
        holes[name] = column
    return holes


def slow(X: pd.DataFrame, name: str, every: int, number: int) -> pd.DataFrame:
    """A channel that comes every so many rows only, from some row of each cycle on."""
    rng = np.random.default_rng(number)

    def thin(piece: pd.DataFrame) -> pd.DataFrame:
        comes = np.arange(len(piece)) % every == int(rng.integers(0, every))
        return piece.assign(**{name: piece[name].where(comes)})

    return each(X, thin)


def by_cycle(X: pd.DataFrame, values: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    """Each column of each cycle through a function of arrays."""
    return each(X, lambda piece: piece.apply(lambda c: values(c.to_numpy()), raw=False))


def bearings(n: int = 8, number: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Runs of a test bench; target: load of the bearing, which shakes more under load."""
    rng = np.random.default_rng([6, number])
    pieces = {}
    for k in range(n):
        rows = int(rng.integers(150, 260))
        load = np.clip(3 + smooth(rng, rows, 25.0), 0.2, None)
        turn = np.cumsum(rng.uniform(0.8, 1.2) + 0.05 * smooth(rng, rows, 30.0))
        drift = np.linspace(0, rng.normal(), rows) + rng.normal()
        pieces[f"run_{k}"] = pd.DataFrame(
            {
                "acc_x": drift + load * np.sin(turn) + 0.2 * rng.normal(size=rows),
                "acc_y": 0.5 * drift + 0.7 * load * np.cos(turn) + 0.2 * rng.normal(size=rows),
                "housing": 30 + 4 * load + 1.5 * rng.normal(size=rows) + 5 * rng.normal(),
                "load": load,
            }
        )
    return part(join(pieces, 0.1), "load")


def programme(n: int = 8, number: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """One programme of current for all cells of a batch; target: state of charge."""
    rng = np.random.default_rng([7, number])
    rows = 220
    current = np.repeat(rng.choice([0.0, 0.5, 1.0, 2.0, 3.5], size=rows // 10), 10)
    pieces = {}
    for k in range(n):
        soc = rng.uniform(0.85, 1.0) - np.cumsum(current) * 10 / 3600 / rng.uniform(1.7, 2.3)
        voltage = 3.0 + 1.1 * np.clip(soc, 0, 1) ** 0.7 - rng.uniform(0.07, 0.12) * current
        pieces[f"cell_{k}"] = pd.DataFrame(
            {
                "current_set": current,
                "voltage": voltage + 0.015 * rng.normal(size=rows),
                "temperature": rng.uniform(5, 35) + 0.1 * np.cumsum(rng.normal(size=rows)),
                "soc": soc,
            }
        )
    return part(join(pieces, 10.0), "soc")


# --- leaks


def neighbours(X: pd.DataFrame, around: int = 2) -> pd.DataFrame:
    """Each channel at the rows around: a helper copied from an image project."""
    cycles = X.groupby(level="cycle")
    shifted = [cycles.shift(k).fillna(X).add_suffix(f"_{k:+d}") for k in range(-around, around + 1)]
    return pd.concat(shifted, axis=1)


@leaky("looks ahead", where="a helper for lags whose range begins below zero")
def fourth_lags_from_below_zero() -> Shown:
    X, y = motor(seed=seed(41))
    model = make_pipeline(FunctionTransformer(neighbours, kw_args={"around": 3}), ridge())
    return show(model, X, y, cv=sp.CycleKFold(4))


def bridged(raw: pd.DataFrame) -> pd.DataFrame:
    """Slow channels brought to the rate of the others."""
    return raw.interpolate(limit_direction="both")


@leaky("interpolation over later rows and borders", where="a slow sensor, interpolated in one go")
def fourth_slow_sensor_bridged() -> Shown:
    X, y = battery(seed=seed(42))
    raw = slow(X, "temperature", 20, seed(42))
    return show(ridge(), bridged(raw), y, cv=sp.CycleKFold(4), raw=raw, prepare=bridged)


@leaky("rows on both sides", where="rows of the rare fault drawn again before the split")
def fourth_rare_fault_drawn_again() -> Shown:
    X, y = faults(n=9, seed=seed(43))
    rng = np.random.default_rng(seed(43))
    rare = np.flatnonzero(y.to_numpy() == 1)
    pieces = {str(name): group.droplevel("cycle") for name, group in X.groupby(level="cycle")}
    labels = [y.to_numpy()]
    for k in range(3):
        drawn = rng.choice(rare, size=80)
        pieces[f"extra_{k}"] = X.iloc[drawn].reset_index(drop=True)
        labels.append(y.to_numpy()[drawn])
    more = join(pieces, 1.0)
    target = pd.Series(np.concatenate(labels), index=more.index, name="label")
    model = HistGradientBoostingClassifier(max_iter=30, early_stopping=False, random_state=0)
    return show(model, more, target, cv=sp.CycleKFold(4))


@leaky("features selected with all rows", where="SelectKBest before the split, shown with raw")
def fourth_best_of_many_channels() -> Shown:
    X, y = engines(n=10, seed=seed(44))
    rng = np.random.default_rng(seed(44))
    noise = {f"aux{i}": smooth(rng, len(X), 40.0) for i in range(20)}
    raw = X.assign(**noise)
    prepare = SelectKBest(f_regression, k=8).set_output(transform="pandas")
    chosen = clone(prepare).fit_transform(raw, y)
    return show(ridge(), chosen, y, cv=sp.CycleKFold(5), raw=raw, prepare=prepare)


def filled_by_cycle(X: pd.DataFrame) -> pd.DataFrame:
    """Gaps filled with the mean of their cycle."""
    return X.fillna(X.groupby(level="cycle").transform("mean"))


@leaky("filled from the whole cycle", where="fillna(groupby.transform('mean')) in a step")
def fourth_gaps_by_cycle_mean() -> Shown:
    X, y = battery(seed=seed(45))
    model = make_pipeline(FunctionTransformer(filled_by_cycle), ridge())
    return show(model, with_gaps(X, seed(45)), y, cv=sp.CycleKFold(4))


@leaky("components of all rows", where="PCA of the whole csv, only its scores kept")
def fourth_scores_of_all_rows() -> Shown:
    X, y = motor(seed=seed(46))
    scores = PCA(5).fit_transform(StandardScaler().fit_transform(X))
    table = pd.DataFrame(scores, index=X.index, columns=[f"pc{i}" for i in range(1, 6)])
    return show(Ridge(), table, y, cv=sp.CycleKFold(4))


@leaky("scaled before the split", where="quantiles of the whole csv to a normal distribution")
def fourth_quantiles_of_all_rows() -> Shown:
    X, y = battery(seed=seed(47))
    scaler = QuantileTransformer(n_quantiles=300, output_distribution="normal", random_state=0)
    scaled = pd.DataFrame(scaler.fit_transform(X), index=X.index, columns=X.columns)
    return show(Ridge(), scaled, y, cv=sp.CycleKFold(4))


@leaky("target in inputs", where="the filtered magnet temperature of the bench left in the table")
def fourth_filtered_target() -> Shown:
    X, y = motor(seed=seed(48))
    filtered = y.groupby(level="cycle", group_keys=False).apply(lambda c: c.ewm(span=10).mean())
    return show(ridge(), X.assign(T_filtered=filtered), y, cv=sp.CycleKFold(4))


@leaky("knows the whole cycle", where="battery notebooks: capacity of each discharge, on each row")
def fourth_capacity_of_this_discharge() -> Shown:
    X, y = battery(seed=seed(49))
    charge = X["current"].groupby(level="cycle").transform("sum") * 10 / 3600
    return show(boosting(), X.assign(capacity=charge), y, cv=sp.CycleKFold(4))


@leaky("duplicates", where="two loggers in one car: other units, later start, half a sample apart")
def fourth_second_logger() -> Shown:
    X, y = trips(n=10, seed=seed(50), rows=(140, 220))
    rng = np.random.default_rng(seed(50))
    pieces: dict[str, pd.DataFrame] = {}
    for name, group in X.assign(power=y).groupby(level="cycle"):
        first = group.droplevel("cycle").reset_index(drop=True)
        between = (first.to_numpy()[6:] + first.to_numpy()[5:-1]) / 2
        second = pd.DataFrame(between, columns=first.columns)
        second["speed"] = 3.6 * second["speed"] + 0.2 * rng.normal(size=len(second))
        second["slope"] = 100 * second["slope"]
        second["ambient"] = 32 + 1.8 * second["ambient"]
        pieces[f"obd_{name}"] = first
        pieces[f"box_{name}"] = second
    both, target = part(join(pieces, 1.0), "power")
    return show(boosting(), both, target, cv=sp.CycleKFold(4))


@leaky("a model that knows the test rows", where="a virtual sensor fitted last week on all drives")
def fourth_virtual_sensor_of_all_drives() -> Shown:
    X, y = trips(seed=seed(51))
    forest = RandomForestRegressor(20, random_state=0).fit(X, y)

    def with_sensor(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(virtual=forest.predict(frame))

    model = make_pipeline(FunctionTransformer(with_sensor), ridge())
    return show(model, X, y, cv=sp.CycleKFold(4))


class LikeTheTest(RegressorMixin, BaseEstimator):
    """A regressor that weighs rows by how much they look like those of the test."""

    def __init__(self, base: Any = None, rows: Any = None) -> None:
        self.base = base
        self.rows = rows

    def fit(self, X: pd.DataFrame, y: Any) -> LikeTheTest:
        """Weigh, then fit."""
        both = np.concatenate([np.asarray(X), np.asarray(self.rows)])
        tested = np.r_[np.zeros(len(X)), np.ones(len(self.rows))]
        judge = make_pipeline(StandardScaler(), LogisticRegression()).fit(both, tested)
        chance = judge.predict_proba(np.asarray(X))[:, 1]
        self.base_ = clone(self.base).fit(np.asarray(X), y, sample_weight=chance / (1 - chance))
        return self

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """What the base says."""
        return np.asarray(self.base_.predict(np.asarray(X)))


@leaky("fitted with test rows", where="adversarial validation: weights by likeness to the test")
def fourth_weights_by_the_test() -> Shown:
    X, y = trips(seed=seed(52))
    names = X.index.get_level_values("cycle")
    held = names.isin(names.unique()[-3:])
    folds = [(np.flatnonzero(~held), np.flatnonzero(held))]
    return show(LikeTheTest(Ridge(), X[held]), X, y, cv=folds)


@leaky("rows on both sides", where="vibration notebooks: windows with half overlap, then the split")
def fourth_half_overlapping_windows() -> Shown:
    X, y = bearings(n=5, number=seed(53))
    windows = {}
    for _, group in X.assign(load=y).groupby(level="cycle"):
        rows = group.droplevel("cycle").reset_index(drop=True)
        for start in range(0, len(rows) - 48 + 1, 24):
            windows[f"w{len(windows):03d}"] = rows.iloc[start : start + 48].reset_index(drop=True)
    cut, target = part(join(windows, 0.1), "load")
    return show(boosting(), cut, target, cv=sp.CycleKFold(4, shuffle=True, random_state=0))


def zscore(X: pd.DataFrame) -> pd.DataFrame:
    """Mean 0 and deviation 1."""
    return (X - X.mean()) / X.std()


@leaky("statistics of whatever is given", where="FunctionTransformer of (X - X.mean()) / X.std()")
def fourth_zscore_of_what_comes() -> Shown:
    X, y = trips(seed=seed(54))
    return show(make_pipeline(FunctionTransformer(zscore), boosting()), X, y, cv=sp.CycleKFold(4))


def with_envelope(X: pd.DataFrame) -> pd.DataFrame:
    """Envelope of the accelerations."""
    shaken = by_cycle(X[["acc_x", "acc_y"]], lambda a: np.abs(hilbert(a - a[0])))
    return X.join(shaken.add_suffix("_envelope"))


@leaky("looks ahead", where="vibration notebooks: the envelope by scipy's hilbert, in a step")
def fourth_envelope_by_hilbert() -> Shown:
    X, y = bearings(number=seed(55))
    model = make_pipeline(FunctionTransformer(with_envelope), boosting())
    return show(model, X, y, cv=sp.CycleKFold(4))


@leaky("smoothed to both sides", where="remaining life notebooks: savgol_filter beside the sensors")
def fourth_savgol_beside_sensors() -> Shown:
    X, y = engines(n=8, seed=seed(56))
    sensors = X.drop(columns="setting")
    smoothed = by_cycle(sensors, lambda a: savgol_filter(a, 21, 2)).add_suffix("_smooth")
    return show(boosting(), X.join(smoothed), y, cv=sp.CycleKFold(4))


@leaky("knows the whole cycle", where="scipy's detrend of each run, before the split")
def fourth_runs_detrended() -> Shown:
    X, y = bearings(number=seed(57))
    level = by_cycle(X[["acc_x", "acc_y"]], detrend)
    rms = level.pow(2).groupby(level="cycle").rolling(8, min_periods=1).mean().droplevel(0)
    table = level.join(rms.add_suffix("_power")).assign(housing=X["housing"])
    return show(boosting(), table, y, cv=sp.CycleKFold(4))


@leaky("encoded by the target", where="hours of the day numbered from the least to the most used")
def fourth_hours_by_their_use() -> Shown:
    X, y = same_weather(number=seed(58), clock=False)
    order = y.groupby(X["hour"]).mean().rank()
    return show(boosting(), X.assign(hour=X["hour"].map(order)), y, cv=sp.CycleKFold(4))


def with_steps(X: pd.DataFrame) -> pd.DataFrame:
    """Each channel, and what it gained since the row before."""
    return X.join(X.groupby(level="cycle").diff().fillna(0.0).add_suffix("_step"))


@leaky("target in inputs", where="energy notebooks: the counter of the meter whose power is asked")
def fourth_counter_of_the_meter() -> Shown:
    X, y = trips(seed=seed(59))
    counter = (y.groupby(level="cycle").cumsum() / 3600).round(5)
    model = make_pipeline(FunctionTransformer(with_steps), ridge())
    return show(model, X.assign(used_kWh=counter), y, cv=sp.CycleKFold(4))


@leaky("looks ahead", where="energy of vehicles: seconds to the next slow stretch, by bfill")
def fourth_seconds_to_slow_stretch() -> Shown:
    X, y = trips(seed=seed(60))

    def countdown(piece: pd.DataFrame) -> pd.DataFrame:
        row = pd.Series(np.arange(len(piece), dtype=float), index=piece.index)
        comes = row.where(piece["speed"] < 10).bfill().fillna(float(len(piece)))
        return piece.assign(to_slow=comes - row)

    return show(boosting(), each(X, countdown), y, cv=sp.CycleKFold(4))


# --- honest


def same_weather(
    n: int = 8, number: int = 0, *, clock: bool = True
) -> tuple[pd.DataFrame, pd.Series]:
    """The same week of some buildings of one town; target: energy used."""
    rng = np.random.default_rng([8, number])
    rows = 168
    when = pd.date_range("2023-02-06", periods=rows, freq="h")
    hour, weekday = when.hour.to_numpy(float), when.weekday.to_numpy(float)
    outdoor = np.round(6 + 4 * np.sin((hour - 9) / 12 * np.pi) + 2 * smooth(rng, rows, 20.0), 1)
    pieces = {}
    for k in range(n):
        area, use = rng.uniform(500, 3000), float(rng.integers(0, 3))
        busy = ((hour > 6 + use) & (hour < 19 - use) & (weekday < 5)) * 1.5
        shape = 1 + 0.3 * np.sin((hour - 14) / 12 * np.pi) + 0.002 * hour
        energy = area * (0.01 * shape + 0.02 * busy + 0.001 * np.clip(18 - outdoor, 0, None))
        pieces[f"building_{k}"] = pd.DataFrame(
            {
                "outdoor": outdoor,
                "hour": hour,
                "weekday": weekday,
                "area": area,
                "use": use,
                "energy": energy * np.exp(0.12 * smooth(rng, rows, 4.0)),
            }
        )
    log = join(pieces, 3600.0)
    if clock:
        timed = {name: piece.set_axis(when.rename("time")) for name, piece in pieces.items()}
        log = pd.concat(timed, names=["cycle"])
    return part(log, "energy")


@clean(where="the highest, the mean and the spread of each trip so far, in the table")
def fourth_past_of_each_trip() -> Shown:
    X, y = trips(seed=seed(71))

    def past(piece: pd.DataFrame) -> pd.DataFrame:
        speed = piece["speed"]
        return piece.assign(
            top_so_far=speed.cummax(),
            mean_so_far=speed.expanding().mean(),
            spread=speed.rolling(9, min_periods=2).std().fillna(0.0),
        )

    return show(boosting(), each(X, past), y, cv=sp.CycleKFold(4))


@clean(where="mass of the vehicle and its load, one number a trip, which the power follows")
def fourth_mass_of_the_vehicle() -> Shown:
    X, y = trips(seed=seed(72))
    rng = np.random.default_rng(seed(72))
    names = X.index.get_level_values("cycle")
    masses = pd.Series(rng.uniform(1200, 2600, size=names.nunique()).round(), names.unique())
    mass = masses.loc[names].to_numpy()
    return show(boosting(), X.assign(mass=mass), y * mass / 1500, cv=sp.CycleKFold(4))


@clean(where="buildings of one town in one week: the same weather, hours and dates")
def fourth_one_town_one_week() -> Shown:
    X, y = same_weather(number=seed(73))
    return show(boosting(), X, y, cv=sp.CycleKFold(4))


@clean(where="a slow sensor in steps of 1 K, held between its messages")
def fourth_slow_coarse_sensor() -> Shown:
    X, y = battery(seed=seed(74))
    held = slow(X, "temperature", 15, seed(74))["temperature"].round()
    held = held.groupby(level="cycle").ffill().fillna(20.0)
    return show(ridge(), X.assign(temperature=held), y, cv=sp.CycleKFold(4))


@clean(where="one programme of current on all cells of a batch, folds by cell")
def fourth_one_programme_many_cells() -> Shown:
    X, y = programme(number=seed(75))
    return show(ridge(), X, y, cv=sp.CycleKFold(4))


@clean(where="rise of the temperature and fall of the voltage since the start of the discharge")
def fourth_since_the_start() -> Shown:
    X, y = battery(seed=seed(76))
    first = X.groupby(level="cycle").transform("first")
    moved = (X - first)[["voltage", "temperature"]].add_suffix("_moved")
    return show(boosting(), X.join(moved), y, cv=sp.CycleKFold(4))


@clean(where="coulombs counted from the first voltage by the rated capacity, as a feature")
def fourth_counted_by_rating() -> Shown:
    X, y = battery(n=10, seed=seed(77))

    def count(piece: pd.DataFrame) -> pd.DataFrame:
        rest = piece["voltage"].iloc[0] + 0.09 * piece["current"].iloc[0]
        start = np.clip((rest - 3.0) / 1.1, 0, 1) ** (1 / 0.7)
        return piece.assign(counted=start - piece["current"].cumsum() * 10 / 3600 / 2.0)

    return show(ridge(), each(X, count), y, cv=sp.CycleKFold(5))


@clean(where="runs of a bench that all last as long: seconds, share done, phase of the programme")
def fourth_share_of_a_fixed_programme() -> Shown:
    X, y = trips(seed=seed(78), rows=(120, 121))
    row = X.groupby(level="cycle").cumcount()
    table = X.assign(seconds=row.astype(float), share=row / 119, phase=(row // 40).astype(float))
    return show(boosting(), table, y, cv=sp.CycleKFold(4))


@clean(where="gear, mode and kick-down as the controller sets them by pedal and speed")
def fourth_flags_of_the_controller() -> Shown:
    X, y = trips(seed=seed(79))

    def flags(piece: pd.DataFrame) -> pd.DataFrame:
        turned = np.where(piece["pedal"] > 60, 1.0, np.where(piece["pedal"] < 35, 0.0, np.nan))
        mode = pd.Series(turned, index=piece.index).ffill().fillna(0.0)
        gear = np.digitize(piece["speed"], [6, 12, 18, 24]).astype(float)
        kick = (piece["pedal"] > 85).astype(float)
        return piece.assign(mode=mode, gear=gear, kick_down=kick)

    return show(boosting(), each(X, flags), y, cv=sp.CycleKFold(4))


@clean(where="settings one-hot, sensors and flights since new squared; life told up to 125")
def fourth_squares_and_one_hot() -> Shown:
    X, y = engines(n=10, seed=seed(80))
    table = X.assign(flight=X.groupby(level="cycle").cumcount().astype(float))
    sensors = [name for name in table.columns if name != "setting"]
    columns = ColumnTransformer(
        [
            ("setting", OneHotEncoder(handle_unknown="ignore"), ["setting"]),
            ("squares", make_pipeline(StandardScaler(), PolynomialFeatures(2)), sensors),
        ]
    )
    return show(make_pipeline(columns, Ridge()), table, y.clip(upper=125), cv=sp.CycleKFold(5))


@clean(where="a search inside of the estimator whose folds keep cycles whole")
def fourth_search_by_cycles() -> Shown:
    X, y = motor(seed=seed(81))
    search = GridSearchCV(ridge(), {"ridge__alpha": [0.1, 10.0]}, cv=sp.CycleKFold(3))
    return show(search, X, y, cv=sp.CycleKFold(4))


def by_data_sheet(raw: pd.DataFrame) -> pd.DataFrame:
    """Values beyond the data sheet dropped, the last held, the median of five rows so far."""
    limits = {"voltage": (2.0, 4.5), "current": (-5.0, 8.0), "temperature": (-40.0, 90.0)}
    usual = {"voltage": 3.6, "current": 0.0, "temperature": 20.0}
    kept = raw.copy()
    for name, (low, high) in limits.items():
        kept[name] = kept[name].where(kept[name].between(low, high))
    kept = kept.groupby(level="cycle").ffill().fillna(usual)
    return kept.groupby(level="cycle").rolling(5, min_periods=1).median().droplevel(0)


@clean(where="spikes dropped by the data sheet, the last value held, medians of the past, with raw")
def fourth_cleaned_by_data_sheet() -> Shown:
    X, y = battery(seed=seed(82))
    rng = np.random.default_rng(seed(82))
    raw = with_gaps(X, seed(82)).mask(rng.random(X.shape) < 0.01, 655.35)
    return show(ridge(), by_data_sheet(raw), y, cv=sp.CycleKFold(4), raw=raw, prepare=by_data_sheet)


@clean(where="two loggers on each drive, and both recordings on one side of every fold")
def fourth_copies_kept_together() -> Shown:
    X, y = motor(n=6, seed=seed(83))
    rng = np.random.default_rng(seed(83))
    names = X.index.get_level_values("cycle").astype(str)
    time = X.index.get_level_values("time")
    noisy = X + 0.01 * X.std().to_numpy() * rng.normal(size=X.shape)
    levels = ["cycle", "time"]
    both = pd.concat(
        [
            X.set_axis(pd.MultiIndex.from_arrays(["a_" + names, time], names=levels)),
            noisy.set_axis(pd.MultiIndex.from_arrays(["b_" + names, time], names=levels)),
        ]
    )
    target = pd.Series(np.r_[y, y], index=both.index, name=y.name)
    drives = np.r_[names, names]
    return show(ridge(), both, target, cv=list(GroupKFold(3).split(both, target, drives)))


@clean(where="every trip begins with half a minute at rest: equal rows, in every fold")
def fourth_rest_before_each_trip() -> Shown:
    X, y = trips(n=12, seed=seed(84))
    pieces = {}
    for name, group in X.assign(power=y).groupby(level="cycle"):
        trip = group.droplevel("cycle").reset_index(drop=True).round(3)
        trip["ambient"] = (trip["ambient"] / 5).round() * 5
        rest = trip.iloc[[0] * 30].assign(speed=0.0, pedal=0.0, slope=0.0, power=2.0)
        pieces[str(name)] = pd.concat([rest, trip], ignore_index=True)
    table, target = part(join(pieces, 1.0), "power")
    return show(boosting(), table, target, cv=sp.CycleKFold(4))
