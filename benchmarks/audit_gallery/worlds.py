"""Small logs to work on: a motor, a battery, engines that wear out, buildings, car trips, faults.

Each gives inputs and target, indexed by (cycle, time); the same at each call, and fresh copies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd
from scipy.signal import lfilter

from signalprep.datasets import simulate_pmsm

Log = tuple[pd.DataFrame, pd.Series]


def each(frame: pd.DataFrame, function: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Apply a function to each cycle."""
    return pd.concat([function(piece) for _, piece in frame.groupby(level="cycle", sort=False)])


def join(pieces: dict[str, pd.DataFrame], step: float) -> pd.DataFrame:
    """One log of pieces, time starting anew in each."""
    timed = {
        name: piece.set_axis(pd.Index(np.arange(len(piece)) * step, name="time"))
        for name, piece in pieces.items()
    }
    return pd.concat(timed, names=["cycle"])


def part(log: pd.DataFrame, target: str) -> Log:
    """Inputs and target."""
    return log.drop(columns=target), log[target].copy()


def smooth(rng: np.random.Generator, n: int, memory: float) -> np.ndarray:
    """Noise of unit variance that forgets after `memory` samples."""
    a = np.exp(-1 / memory)
    start = rng.normal()
    noise = rng.normal(size=n) * np.sqrt(1 - a * a)
    return np.asarray(lfilter([1.0], [1.0, -a], noise, zi=[a * start])[0])


@cache
def _motor(n: int, seed: int) -> pd.DataFrame:
    return simulate_pmsm(n, rate=0.25, random_state=seed, gap=0.0, truncate=0.0)


def motor(n: int = 8, seed: int = 0) -> Log:
    """Drives of an electric motor; target: temperature of the magnets."""
    return part(_motor(n, seed), "T_pm")


def battery(n: int = 8, seed: int = 0) -> Log:
    """Discharges of cells of unequal capacity; target: state of charge."""
    rng = np.random.default_rng([1, seed])
    pieces = {}
    for k in range(n):
        rows = int(rng.integers(120, 260))
        current = np.clip(1.5 + 1.2 * smooth(rng, rows, 12.0), -1.0, 4.0)
        soc = rng.uniform(0.75, 1.0) - np.cumsum(current) * 10 / 3600 / rng.uniform(1.7, 2.3)
        voltage = 3.0 + 1.1 * np.clip(soc, 0, 1) ** 0.7 - 0.09 * current
        heat = lfilter([0.02], [1.0, -0.98], current**2)
        pieces[f"cell_{k}"] = pd.DataFrame(
            {
                "voltage": voltage + 0.015 * rng.normal(size=rows),
                "current": current + 0.02 * rng.normal(size=rows),
                "temperature": rng.uniform(5, 35) + heat + 0.1 * rng.normal(size=rows),
                "soc": soc,
            }
        )
    return part(join(pieces, 10.0), "soc")


def engines(n: int = 10, seed: int = 0) -> Log:
    """Engines run to failure, a row a flight; target: flights that remain."""
    rng = np.random.default_rng([2, seed])
    gains = rng.normal(size=6)
    pieces = {}
    for k in range(n):
        life = int(rng.integers(110, 270))
        t = np.arange(life)
        wear = (t / life) ** rng.uniform(2, 4)
        setting = rng.choice([0.0, 0.5, 1.0], size=life)
        sensors = {
            f"s{i}": 50 + 3 * gain * wear + setting * i + 0.6 * rng.normal(size=life)
            for i, gain in enumerate(gains)
        }
        remaining = (life - 1 - t).astype(float)
        pieces[f"engine_{k}"] = pd.DataFrame({"setting": setting, **sensors, "rul": remaining})
    return part(join(pieces, 1.0), "rul")


def buildings(n: int = 8, seed: int = 0) -> Log:
    """A week of each of some buildings by the hour; target: energy used."""
    rng = np.random.default_rng([3, seed])
    pieces = {}
    for k in range(n):
        rows = 168
        clock = int(rng.integers(0, 168)) + np.arange(rows)
        hour, weekday = clock % 24, clock // 24 % 7
        outdoor = rng.uniform(0, 20) + 5 * np.sin((hour - 9) / 24 * 2 * np.pi)
        outdoor = outdoor + 2 * smooth(rng, rows, 20.0)
        area, use = rng.uniform(500, 3000), int(rng.integers(0, 3))
        busy = ((hour > 7) & (hour < 19) & (weekday < 5)) * (1.0 + 0.5 * use)
        energy = area * (0.01 + 0.02 * busy + 0.001 * np.clip(18 - outdoor, 0, None))
        pieces[f"building_{k}"] = pd.DataFrame(
            {
                "outdoor": outdoor,
                "hour": hour.astype(float),
                "weekday": weekday.astype(float),
                "area": area,
                "use": float(use),
                "energy": energy * np.exp(0.15 * smooth(rng, rows, 5.0)),
            }
        )
    return part(join(pieces, 3600.0), "energy")


def trips(
    n: int = 12, seed: int = 0, *, rows: tuple[int, int] = (60, 121), vehicles: Sequence[int] = ()
) -> Log:
    """Trips of cars, three by default; target: power from the battery."""
    rng = np.random.default_rng([4, seed])
    pieces = {}
    for k in range(n):
        m = int(rng.integers(*rows))
        vehicle = vehicles[k] if len(vehicles) else k % 3
        speed = np.clip(15 + 8 * smooth(rng, m, 15.0), 0, None)
        slope = 0.03 * smooth(rng, m, 20.0)
        power = (1.2 + 0.3 * vehicle) * (np.gradient(speed) + 9.81 * slope + 0.15) * speed
        ambient = rng.uniform(-5, 30)
        extra = 2.0 + 0.1 * abs(ambient - 20) + 1.5 * smooth(rng, m, 8.0)
        pieces[f"trip_{k:02d}"] = pd.DataFrame(
            {
                "speed": speed + 0.2 * rng.normal(size=m),
                "pedal": np.clip(30 + 8 * power / 10 + 6 * rng.normal(size=m), 0, 100),
                "slope": slope + 0.005 * rng.normal(size=m),
                "ambient": ambient,
                "vehicle": float(vehicle),
                "power": power + extra + 0.08 * 0.0005 * speed**3,
            }
        )
    return part(join(pieces, 1.0), "power")


def faults(n: int = 8, seed: int = 0) -> Log:
    """Runs of a pump that develop a fault; target: label of it (0, 1, 2)."""
    rng = np.random.default_rng([5, seed])
    pieces = {}
    for k in range(n):
        rows = int(rng.integers(100, 200))
        label = np.zeros(rows, dtype=int)
        label[int(rng.integers(20, 50)) : int(rng.integers(60, 80))] = 1
        label[int(rng.integers(80, 95)) :] = 2
        load = 1 + 0.3 * smooth(rng, rows, 10.0)
        pieces[f"run_{k}"] = pd.DataFrame(
            {
                "vibration": load * (1 + 0.5 * (label == 1)) + 0.3 * rng.normal(size=rows),
                "pressure": load * (5 - 0.7 * (label == 2)) + 0.4 * rng.normal(size=rows),
                "flow": load + 0.1 * rng.normal(size=rows),
                "label": label,
            }
        )
    return part(join(pieces, 1.0), "label")
