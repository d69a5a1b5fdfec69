"""Eight short drives made by hand: stop and go, losses that warm a rotor, gaps in a sensor."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

N_CYCLES = 8


@cache
def small_drive() -> tuple[pd.DataFrame, pd.Series]:
    """Inputs, and the temperature of the rotor as the target, at 1 Hz."""
    rng = np.random.default_rng(0)
    parts = {}
    for k in range(N_CYCLES):
        n = int(rng.integers(90, 150))
        speed = np.abs(np.cumsum(rng.normal(size=n))) * rng.uniform(5, 15)
        torque = np.convolve(rng.normal(size=n + 4), np.ones(5) / 5, "valid") * 40
        heat = 0.01 * speed + 0.002 * torque**2 + rng.normal(size=n)
        coolant = rng.uniform(15, 35) + np.cumsum(rng.normal(size=n) * 0.1)
        rotor = coolant + rng.uniform(0, 20)
        for t in range(1, n):
            rotor[t] = 0.97 * rotor[t - 1] + 0.03 * (coolant[t] + heat[t])
        parts[f"trip {k}"] = pd.DataFrame(
            {
                "speed": speed,
                "torque": torque,
                "current": torque / 2 + rng.normal(size=n),
                "coolant": coolant,
                "rotor": rotor,
            },
            index=pd.Index(np.arange(n) / 1.0, name="time"),
        )
    log = pd.concat(parts, names=["cycle"])
    return log.drop(columns="rotor"), log["rotor"]


@cache
def holed_drive() -> pd.DataFrame:
    """The same inputs, each cycle with a stretch of six seconds that two sensors miss."""
    rng, (X, _) = np.random.default_rng(1), small_drive()
    holed = X.copy()
    starts = np.flatnonzero(X.index.get_level_values("time") == 0)
    for start in starts:
        first = start + int(rng.integers(10, 80))
        holed.iloc[first : first + 6, [0, 3]] = np.nan
    return holed


def by_cycle(X: Any, change: Callable[[Any], Any]) -> Any:
    """Change each cycle alone."""
    return X.groupby(level="cycle", sort=False, group_keys=False).apply(change)
