"""Honest work on data that may look odd: short trips, one route, counters, tables with care."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from .case import Shown, clean, show
from .looking_ahead import boosted
from .worlds import battery, buildings, each, engines, join, motor, smooth, trips


def ridge() -> Pipeline:
    """A scaler and a model."""
    return make_pipeline(StandardScaler(), Ridge())


@clean(where="many short trips that have nothing to do with each other")
def many_short_trips() -> Shown:
    X, y = trips(40, rows=(20, 45))
    return show(ridge(), X, y)


@clean(where="one route, other drivers")
def one_route_other_drivers() -> Shown:
    rng = np.random.default_rng(0)
    limit = np.repeat(rng.choice([8.0, 14.0, 20.0, 28.0], 12), 15)
    slope = 0.04 * smooth(rng, 180, 25.0)
    pieces = {}
    for k in range(8):
        style = rng.uniform(0.8, 1.1)
        speed = np.clip(style * limit + 2.5 * smooth(rng, 180, 6.0), 0, None)
        power = 1.5 * (np.gradient(speed) + 9.81 * slope + 0.2) * speed
        pieces[f"driver_{k}"] = pd.DataFrame(
            {
                "speed": speed,
                "slope": slope + 0.002 * rng.normal(size=180),
                "ambient": rng.uniform(0, 30),
                "power": power + 3 * smooth(rng, 180, 6.0),
            }
        )
    log = join(pieces, 1.0)
    return show(ridge(), log.drop(columns="power"), log["power"])


@clean(where="one test profile on a bench, run with other cells")
def one_profile_other_cells() -> Shown:
    rng = np.random.default_rng(1)
    profile = np.clip(1.5 + 1.2 * smooth(rng, 200, 12.0), 0, 4)
    pieces = {}
    for k in range(6):
        soc = rng.uniform(0.6, 1.0) - np.cumsum(profile) * 10 / 3600 / rng.uniform(1.6, 2.4)
        voltage = 3 + 1.1 * np.clip(soc, 0, 1) ** 0.7 - rng.uniform(0.06, 0.12) * profile
        pieces[f"cell_{k}"] = pd.DataFrame(
            {
                "voltage": voltage + 0.015 * rng.normal(size=200),
                "current": profile + 0.05 * rng.normal(size=200),
                "temperature": rng.uniform(5, 35) + 0.3 * smooth(rng, 200, 30.0),
                "soc": soc,
            }
        )
    log = join(pieces, 10.0)
    return show(ridge(), log.drop(columns="soc"), log["soc"])


@clean(where="ambient temperature, one value a trip")
def ambient_constant_in_trip() -> Shown:
    X, y = trips()
    return show(boosted(), X, y)


@clean(where="a channel that never moves, one that is stuck in one drive")
def constant_channels() -> Shown:
    X, y = motor()
    X["spare"] = 0.0
    X["fan"] = (X.groupby(level="cycle").ngroup() == 2).astype(float)
    return show(ridge(), X, y)


@clean(where="a counter of the drive that starts anew")
def counter_that_resets() -> Shown:
    X, y = trips()
    return show(ridge(), X.assign(way=X["speed"].groupby(level="cycle").cumsum()), y)


@clean(where="the change of temperature as the target")
def target_is_a_difference() -> Shown:
    X, y = motor()
    return show(ridge(), X, y.groupby(level="cycle").diff().fillna(0.0))


@clean(where="remaining life capped at 100 flights")
def capped_life() -> Shown:
    X, y = engines()
    return show(boosted(), X, y.clip(upper=100))


@clean(where="remaining life with age in flights as an input")
def age_in_flights() -> Shown:
    X, y = engines()
    return show(ridge(), X.assign(age=X.groupby(level="cycle").cumcount()), y)


@clean(where="the energy by hour of other weeks is not known, weather is")
def weather_of_yesterday() -> Shown:
    X, y = buildings()
    lag = X["outdoor"].groupby(level="cycle").shift(24)
    return show(boosted(), X.assign(yesterday=lag), y)


@clean(where="pedal and shares from 0 to 100, at their ends for long")
def pedal_at_its_ends() -> Shown:
    X, y = trips()
    pedal = (X["pedal"] * 2.2 - 40).clip(0, 100)
    return show(ridge(), X.assign(pedal=pedal, brake=(20 - pedal).clip(lower=0) / 20), y)


@clean(where="coarse steps of a converter")
def coarse_steps() -> Shown:
    X, y = motor()
    return show(ridge(), (X / 5).round() * 5, y)


@clean(where="divided by ratings of the data sheet, before")
def divided_by_ratings() -> Shown:
    X, y = battery()
    rated = pd.Series({"voltage": 4.2, "current": 6.0, "temperature": 60.0})
    return show(Ridge(), X / rated, y)


@clean(where="rolling means of the past in the table, no history")
def table_with_rolling_means() -> Shown:
    X, y = motor()
    past = each(X, lambda c: c.rolling(20, min_periods=1).mean())
    return show(ridge(), X.join(past, rsuffix="_mean"), y)


@clean(where="zeroed by the first sample in the table, no history")
def table_zeroed_by_first() -> Shown:
    X, y = battery()
    first = X.groupby(level="cycle").transform("first")
    return show(ridge(), X.join(X - first, rsuffix="_rise"), y)


@clean(where="scaled by statistics of the training drives, fixed test drives")
def scaled_by_training_drives() -> Shown:
    X, y = motor()
    number = X.groupby(level="cycle").ngroup().to_numpy()
    train = number < 6
    scaled = (X - X[train].mean()) / X[train].std()
    return show(Ridge(), scaled, y, cv=[(np.flatnonzero(train), np.flatnonzero(~train))])


@clean(where="warm-up rows cut off each drive")
def warm_up_cut() -> Shown:
    X, y = engines()
    kept = X.groupby(level="cycle").cumcount() >= 20
    return show(ridge(), X[kept], y[kept])


@clean(where="causal features with history")
def history_of_rolling_means() -> Shown:
    raw, y = motor()

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.join(each(log, lambda c: c.rolling(12, min_periods=1).mean()), rsuffix="_mean")

    return show(ridge(), prepare(raw), y, raw=raw, prepare=prepare)


@clean(where="lags, rows without them dropped, with history")
def history_of_lags() -> Shown:
    raw, y = trips()

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.join(log.groupby(level="cycle").shift(4), rsuffix="_lag").dropna()

    X = prepare(raw)
    return show(ridge(), X, y.loc[X.index], raw=raw, prepare=prepare)


@clean(where="a pipeline of causal functions with history")
def history_as_pipeline() -> Shown:
    raw, y = battery()
    prepare = Pipeline(
        [
            ("hold", FunctionTransformer(lambda f: f.groupby(level="cycle").ffill().fillna(0.0))),
            ("ewm", FunctionTransformer(lambda f: f.join(each(f, _ewm), rsuffix="_ewm"))),
        ]
    )
    return show(ridge(), prepare.fit_transform(raw, y), y, raw=raw, prepare=prepare)


def _ewm(cycle: pd.DataFrame) -> pd.DataFrame:
    return cycle.ewm(span=15, adjust=True).mean()


@clean(where="every fifth row after a mean of the past, with history")
def history_of_decimation() -> Shown:
    raw, y = motor()

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        past = each(log, lambda c: c.rolling(5, min_periods=1).mean())
        return past[log.groupby(level="cycle").cumcount() % 5 == 4]

    X = prepare(raw)
    return show(ridge(), X, y.loc[X.index], raw=raw, prepare=prepare)


@clean(where="readings between limits of the sensor kept, with history")
def history_of_sensor_limits() -> Shown:
    raw, y = battery()

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        return log.clip(pd.Series([2.5, -2.0, -40.0], log.columns), [4.3, 3.0, 80.0], axis=1)

    X = prepare(raw)
    return show(ridge(), X, y, raw=raw, prepare=prepare)


@clean(where="buildings of one site share the weather")
def one_weather_for_all() -> Shown:
    X, y = buildings()
    outdoor = X["outdoor"].xs("building_0")
    X["outdoor"] = outdoor.reindex(X.index.get_level_values("time")).to_numpy()
    return show(ridge(), X.drop(columns=["hour", "weekday"]), y)
