"""Leaks by rows, drives or recordings that come again on the other side of a fold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression

import signalprep as sp

from ..case import Shown, leaky, show
from ..worlds import Log, battery, buildings, engines, faults, join, motor, smooth, trips
from .steps_and_tables import ridge


def _whole(log: Log) -> dict[str, pd.DataFrame]:
    X, y = log
    whole = X.assign(target=y)
    return {str(n): piece.droplevel("cycle") for n, piece in whole.groupby(level="cycle")}


def _shown(pieces: dict[str, pd.DataFrame], step: float, model: object = None) -> Shown:
    joined = join(pieces, step)
    cv = sp.CycleKFold(4, shuffle=True, random_state=3)
    return show(
        ridge() if model is None else model, joined.drop(columns="target"), joined["target"], cv=cv
    )


@leaky("same drive twice", where="augmentation: jitter of five percent on every week")
def jittered_weeks() -> Shown:
    pieces = _whole(buildings(6, seed=8))
    rng = np.random.default_rng(0)
    more = {
        f"{name}_b": piece + 0.05 * piece.std().to_numpy() * rng.normal(size=piece.shape)
        for name, piece in pieces.items()
    }
    return _shown({**pieces, **more}, 3600.0, RandomForestRegressor(10, random_state=0))


@leaky("same drive twice", where="augmentation: a drive played backwards")
def backwards() -> Shown:
    pieces = _whole(trips(8, seed=10))
    return _shown({**pieces, "back": pieces["trip_02"].iloc[::-1]}, 1.0)


@leaky("resample overlapping windows", where="windows of 60 rows every 20")
def windows_every_twenty() -> Shown:
    whole = pd.concat(_whole(trips(6, seed=11)).values())
    return _shown({f"w{k}": whole.iloc[k : k + 60] for k in range(0, len(whole) - 60, 20)}, 1.0)


@leaky("same drive twice", where="every third row its own drive")
def three_phases() -> Shown:
    pieces = {
        f"{name}_{k}": piece.iloc[k::3]
        for name, piece in _whole(battery(5, seed=9)).items()
        for k in range(3)
    }
    return _shown(pieces, 30.0)


@leaky("cycles share", where="a day in one file, cut by the hour, stamps kept")
def hours_of_a_day() -> Shown:
    whole = pd.concat(_whole(motor(2, seed=8)).values())
    stamps = pd.Timestamp("2024-03-01") + pd.to_timedelta(4.0 * np.arange(len(whole)), unit="s")
    hour = [f"hour_{k:02d}" for k in np.arange(len(whole)) // 60]
    whole.index = pd.MultiIndex.from_arrays([hour, stamps], names=["cycle", "time"])
    return show(ridge(), whole.drop(columns="target"), whole["target"])


@leaky("cycles share", where="one long ride as samples of two minutes, each from time zero")
def samples_of_two_minutes() -> Shown:
    rng = np.random.default_rng(6)
    n = 1440
    speed = 15 + 6 * smooth(rng, n, 60.0)
    frame = pd.DataFrame(
        {
            "speed": speed,
            "height": np.cumsum(0.2 * smooth(rng, n, 40.0)),
            "cabin": 20 + np.cumsum(0.02 * smooth(rng, n, 90.0)),
        }
    )
    frame["target"] = 2 + 0.4 * speed + 30 * np.gradient(frame["height"]) + smooth(rng, n, 10.0)
    return _shown({f"s{k}": frame.iloc[k * 120 : (k + 1) * 120] for k in range(12)}, 1.0)


@leaky("same drive twice", where="mixup: seven parts of one trip, three of another")
def mixup() -> Shown:
    pieces = _whole(trips(8, seed=12))
    a, b = pieces["trip_01"].to_numpy(), pieces["trip_05"].to_numpy()
    n = min(len(a), len(b))
    mixed = pd.DataFrame(0.7 * a[:n] + 0.3 * b[:n], columns=pieces["trip_01"].columns)
    return _shown({**pieces, "mix": mixed}, 1.0)


@leaky("oversampling before the split", where="rows drawn with replacement as further engines")
def rows_drawn_again() -> Shown:
    pieces = _whole(engines(8, seed=9))
    whole = pd.concat(pieces.values())
    drawn = whole.iloc[np.random.default_rng(1).integers(0, len(whole), 400)]
    return _shown({**pieces, "drawn_1": drawn.iloc[:200], "drawn_2": drawn.iloc[200:]}, 1.0)


@leaky("oversampling before the split", where="rare labels repeated until as many as the others")
def rare_labels_repeated() -> Shown:
    pieces = _whole(faults(seed=4))
    whole = pd.concat(pieces.values())
    rare = whole[whole["target"] == 1]
    more = {f"rare_{k}": rare.sample(frac=0.5, random_state=k) for k in range(3)}
    joined = join({**pieces, **more}, 1.0)
    X, y = joined.drop(columns="target"), joined["target"].astype(int)
    return show(LogisticRegression(max_iter=300), X, y)


@leaky("same drive twice", where="two exports of a week, one with a mean of ten minutes, shifted")
def exported_by_two_loggers() -> Shown:
    pieces = _whole(motor(6, seed=9))
    name = next(iter(pieces))
    other = pieces[name].rolling(3, min_periods=1).mean().iloc[10:]
    return _shown({**pieces, "logger_2": other}, 4.0)
