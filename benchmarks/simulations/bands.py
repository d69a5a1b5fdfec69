"""How much of unseen cycles lies within prediction bands, in a common and in a rare, hard cell."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from simulated_errors import percent
from sklearn.dummy import DummyRegressor

import signalprep as sp

COVERAGE = 0.9
CYCLES = (12, 24, 40, 69)


def simulate(n_cycles: int, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Cycles in a common cell, of which a share also visit one with errors three times as large."""
    parts = []
    for cycle in range(n_cycles):
        offset = 0.7 * rng.normal()
        easy = offset + rng.normal(size=60)
        parts.append(pd.DataFrame({"cycle": cycle, "load": 0.5, "y": easy}))
        if rng.random() < share:
            hard = 3.0 * (offset + rng.normal(size=20))
            parts.append(pd.DataFrame({"cycle": cycle, "load": 1.5, "y": hard}))
    return sp.as_log(pd.concat(parts), cycle="cycle", rate=1.0)


def run(quick: bool = False) -> dict[str, pd.DataFrame]:
    """Rows of new cycles within bands of 90 %, by cell."""
    found = []
    for n_cycles in CYCLES:
        inside = []
        for seed in range(20 if quick else 60):
            rng = np.random.default_rng([n_cycles, seed])
            log, new = simulate(n_cycles, 0.2, rng), simulate(60, 0.5, rng)
            zero = DummyRegressor(strategy="constant", constant=0.0)
            bands = sp.ConformalBands(zero, {"load": [0, 1, 2]}, coverage=COVERAGE)
            with warnings.catch_warnings():  # cells of fewer cycles than the level needs
                warnings.simplefilter("ignore", UserWarning)
                bands.fit(log[["load"]], log["y"])
            low, high = bands.predict_interval(new[["load"]]).T
            within = ((new["y"] >= low) & (new["y"] <= high)).groupby(new["load"] > 1).mean()
            inside.append({"common cell": within[False], "rare, hard cell": within[True]})
        found.append(pd.DataFrame(inside).mean().rename(n_cycles))
    return {"bands": percent(pd.DataFrame(found).rename_axis("cycles"))}


def check(found: dict[str, pd.DataFrame]) -> list[str]:
    """What is not as the docs promise."""
    shares = found["bands"].stack()
    return [f"bands: {key}: {share} %" for key, share in shares.items() if share < 80]
