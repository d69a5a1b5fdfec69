"""How often intervals of a model that is really fitted hold its expected error.

Folds share training cycles, so their errors are not independent. The truth is the expected RMSE on
new cycles of a ridge regression fitted on as many cycles as a fold has, or on all.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
from simulated_errors import percent
from sklearn.linear_model import Ridge

import signalprep as sp

ROWS = 40
CYCLES = (8, 12, 24, 48)
OF_ROWS, OF_CYCLES = np.linspace(1.0, 0.3, 4), np.linspace(0.5, 0.2, 3)


def simulate(n_cycles: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series]:
    """Four inputs that vary and three that are constant within a cycle; the target bends a bit."""
    cycle = np.repeat(np.arange(n_cycles), ROWS)
    constant = rng.normal(size=(n_cycles, 3))[cycle]
    varying = rng.normal(size=(len(cycle), 4)) + 0.5 * rng.normal(size=(n_cycles, 4))[cycle]
    y = varying @ OF_ROWS + constant @ OF_CYCLES + 0.2 * varying[:, 0] ** 2
    y += 0.5 * rng.normal(size=n_cycles)[cycle] + 0.3 * rng.normal(size=len(cycle))
    frame = pd.DataFrame(np.c_[varying, constant, y], columns=[*"abcdefg", "y"])
    log = sp.as_log(frame, cycle=cycle, rate=1.0)
    return log.drop(columns="y"), log["y"]


def run(quick: bool = False) -> dict[str, pd.DataFrame]:
    """Coverage of both kinds of interval, and the seconds that they take."""
    new, truth = simulate(400, np.random.default_rng(1))

    def fresh(n_cycles: int, seed: int) -> float:
        X, y = simulate(n_cycles, np.random.default_rng([seed, n_cycles]))
        return float(np.mean((Ridge().fit(X, y).predict(new) - truth) ** 2))

    found = []
    for n_cycles in CYCLES:
        sizes = {"a fold's cycles": round(0.8 * n_cycles), "all cycles": n_cycles}
        true = {
            name: np.mean([fresh(size, seed) for seed in range(100)]) ** 0.5
            for name, size in sizes.items()
        }
        for interval in ("cycles", "nested"):
            held, seconds, factors = [], [], []
            for seed in range(40 if quick else 200):
                X, y = simulate(n_cycles, np.random.default_rng([n_cycles, seed]))
                start = time.perf_counter()
                result = sp.validate(Ridge(), X, y, interval=interval, n_bootstrap=200)
                seconds.append(time.perf_counter() - start)
                factors.append(result.settings["inflation"])
                low, high = result.overall["rmse_low"], result.overall["rmse_high"]
                held.append({name: low <= value <= high for name, value in true.items()})
            row = percent(pd.DataFrame(held).mean().to_frame().T).iloc[0].to_dict()
            row |= {"factor": round(float(np.mean(factors)), 2)}
            row |= {"milliseconds": round(1000 * float(np.median(seconds)))}
            found.append({"interval": interval, "cycles": n_cycles} | row)
    return {"fitted": pd.DataFrame(found).set_index(["interval", "cycles"])}


def check(found: dict[str, pd.DataFrame]) -> list[str]:
    """What is not as the docs promise."""
    nested = found["fitted"].loc["nested", ["a fold's cycles", "all cycles"]].stack()
    return [f"nested: {key}: {share} %" for key, share in nested.items() if share < 89]
