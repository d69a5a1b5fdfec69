"""Honest work near to the leaks: limits of sensors, gaps held, repeats by chance, ends alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder

from ..case import Shown, clean, show
from ..held import StoppedOnTest
from ..looking_ahead import behind, boosted
from ..worlds import Log, battery, buildings, each, engines, join, motor, smooth, trips
from .steps_and_tables import Beside, ridge


def _log(pieces: dict[str, pd.DataFrame], step: float) -> Log:
    joined = join(pieces, step)
    return joined.drop(columns="target"), joined["target"]


@clean(where="current at the limits of the inverter, a limit that is no round number")
def current_at_its_limits() -> Shown:
    X, y = battery(seed=20)
    return show(ridge(), X.assign(current=X["current"].clip(-0.1873, 2.4117)), y)


@clean(where="two channels of one converter, at its rails in one row of thirty")
def converter_at_its_rails() -> Shown:
    X, y = engines(seed=20)
    rails = X[["s1", "s2"]].clip(49.3172, 51.0957)
    return show(ridge(), X.assign(**rails), y)


@clean(where="missing readings set to what the data sheet says")
def filled_by_data_sheet() -> Shown:
    X, y = battery(seed=21)
    holes = X.mask(np.random.default_rng(0).random(X.shape) < 0.1)
    return show(ridge(), holes.fillna({"voltage": 3.6, "current": 1.5, "temperature": 25.0}), y)


@clean(where="missing readings hold the last, before")
def held_before() -> Shown:
    X, y = trips(seed=20)
    holes = X.mask(np.random.default_rng(1).random(X.shape) < 0.15)
    return show(ridge(), holes.groupby(level="cycle").ffill().fillna(0.0), y)


def _parked(seed: int, n: int = 10) -> Log:
    rng = np.random.default_rng([7, seed])
    pieces = {}
    for k in range(n):
        rows = int(rng.integers(100, 160))
        speed = 12 + 6 * smooth(rng, rows, 12.0)
        ramp = np.minimum(np.arange(rows), np.arange(rows)[::-1]) / 12
        speed = np.clip(speed, 0, None) * np.clip(ramp - 0.3, 0, 1)
        moving = speed > 0
        power = (1.4 * np.gradient(speed) + 0.3) * speed
        pieces[f"ride_{k}"] = pd.DataFrame(
            {
                "speed": speed,
                "torque": moving * (power / np.maximum(speed, 1) + 0.2 * rng.normal(size=rows)),
                "gear": np.digitize(speed, [0.1, 5, 10, 16]).astype(float),
                "ambient": float(rng.integers(-3, 28)),
                "target": power + moving * 0.5 * rng.normal(size=rows),
            }
        )
    return _log(pieces, 1.0)


@clean(where="rides from standstill to standstill")
def standstill_at_both_ends() -> Shown:
    return show(ridge(), *_parked(0))


@clean(where="many rides that start where the last has ended: at rest")
def at_rest_between_rides() -> Shown:
    X, y = _parked(1, n=24)
    return show(boosted(), X, y)


@clean(where="discharges that end at the cut-off voltage, steps of a millivolt")
def cut_off_voltage() -> Shown:
    rng = np.random.default_rng(2)
    pieces = {}
    for k in range(8):
        n = int(rng.integers(120, 200))
        share = np.arange(n) / (n - 1)
        current = 1.5 + 0.2 * smooth(rng, n, 10.0)
        noise = 0.004 * rng.normal(size=n) * (share < 1)
        pieces[f"cell_{k}"] = pd.DataFrame(
            {
                "voltage": (4.1 - 0.6 * share - 0.8 * share**8 + noise).round(3),
                "current": current.round(3),
                "temperature": (20 + rng.uniform(-5, 10) + 6 * share + 0.1 * rng.normal(size=n)),
                "target": 1 - share + 0.01 * smooth(rng, n, 20.0),
            }
        )
    return show(ridge(), *_log(pieces, 10.0))


@clean(where="a bench that visits the same set points in each run")
def set_points_of_a_bench() -> Shown:
    rng = np.random.default_rng(3)
    speeds, torques = np.repeat([500.0, 1500.0, 3000.0, 4500.0], 40), np.tile([20.0, 60.0], 80)
    torques = np.repeat(torques[::20], 20)[:160]
    pieces = {}
    for k in range(6):
        order = rng.permutation(8)
        rows = np.concatenate([np.arange(20) + 20 * i for i in order])
        heat = 40 + np.convolve(torques[rows], np.exp(-np.arange(160) / 50) / 90)[:160]
        pieces[f"run_{k}"] = pd.DataFrame(
            {
                "speed_set": speeds[rows],
                "torque_set": torques[rows],
                "coolant": 30.0 + 5 * k + 0.2 * rng.normal(size=160),
                "target": heat + 3 * k + 0.3 * rng.normal(size=160),
            }
        )
    return show(ridge(), *_log(pieces, 1.0))


@clean(where="signals of a bus in coarse steps, so that rows come again by chance")
def coarse_bus() -> Shown:
    X, y = trips(16, seed=21)
    steps = pd.Series({"speed": 2.0, "pedal": 10.0, "slope": 0.02, "ambient": 5.0, "vehicle": 1.0})
    return show(boosted(), (X / steps).round() * steps, y.round())


@clean(where="a certified drive cycle, driven by eight cars")
def certified_cycle() -> Shown:
    rng = np.random.default_rng(4)
    target_speed = np.clip(14 + 9 * smooth(rng, 200, 14.0), 0, None)
    pieces = {}
    for k in range(8):
        speed = np.clip(target_speed + 0.15 * smooth(rng, 200, 5.0), 0, None)
        mass = rng.uniform(1.1, 2.2)
        power = (mass * np.gradient(speed) + 0.25) * speed + 0.8 * smooth(rng, 200, 8.0)
        pieces[f"car_{k}"] = pd.DataFrame(
            {
                "speed": speed + 0.05 * rng.normal(size=200),
                "mass": mass,
                "ambient": rng.uniform(18, 25) + 0.1 * smooth(rng, 200, 60.0),
                "target": power + 2 * mass,
            }
        )
    return show(ridge(), *_log(pieces, 1.0))


@clean(where="stopped on drives that are not in the log")
def stopped_on_other_drives() -> Shown:
    X, y = motor(seed=20)
    return show(StoppedOnTest(motor(3, seed=21)), X, y)


@clean(where="weather of the day joined by row from a table")
def weather_joined() -> Shown:
    X, y = buildings(seed=20)
    table = (0.5 * X["outdoor"] + 3).rename("dew_point").to_frame()
    return show(make_pipeline(Beside(table), boosted()), X, y)


@clean(where="the hour encoded by the target within training")
def encoded_in_training() -> Shown:
    X, y = buildings(seed=21)
    hour = "h" + X[["hour"]].astype(int).astype(str)
    model = make_pipeline(TargetEncoder(cv=3, random_state=0), StandardScaler(), Ridge())
    return show(model, hour.assign(weekday="d" + X["weekday"].astype(int).astype(str)), y)


@clean(where="a moving mean whose first rows are zero")
def first_rows_zero() -> Shown:
    def rolled(X: pd.DataFrame) -> pd.DataFrame:
        return each(X, lambda c: c.rolling(20).mean().fillna(0.0))

    return show(behind(rolled), *battery(seed=22))


@clean(where="lags filled by the first sample of the drive, with history")
def lags_from_the_first_sample() -> Shown:
    raw, y = motor(seed=22)

    def prepare(log: pd.DataFrame) -> pd.DataFrame:
        by = log.groupby(level="cycle")
        return log.join(by.shift(6).fillna(by.transform("first")), rsuffix="_lag")

    return show(ridge(), prepare(raw), y, raw=raw, prepare=prepare)


@clean(where="thirty short walks that end and start anywhere")
def short_walks() -> Shown:
    rng = np.random.default_rng(5)
    pieces = {}
    for k in range(30):
        walk = np.cumsum(rng.normal(size=(40, 2)), axis=0)
        target = walk @ [0.5, -0.2] + 0.3 * rng.normal(size=40)
        pieces[f"walk_{k}"] = pd.DataFrame({"a": walk[:, 0], "b": walk[:, 1], "target": target})
    return show(ridge(), *_log(pieces, 1.0))


@clean(where="trips as long as each other: the end is known")
def trips_of_one_length() -> Shown:
    X, y = trips(10, seed=22, rows=(90, 91))
    return show(ridge(), X.assign(t=X.groupby(level="cycle").cumcount() / 89), y)


@clean(where="hours that each machine has run before, and since")
def hours_of_operation() -> Shown:
    X, y = engines(seed=23)
    before = pd.Series(
        np.random.default_rng(6).uniform(0, 4000, 10).round(), [f"engine_{k}" for k in range(10)]
    )
    hours = X.index.get_level_values("cycle").map(before) + X.groupby(level="cycle").cumcount() * 2
    return show(ridge(), X.assign(hours=hours), y)
