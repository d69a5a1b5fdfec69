"""How much of unseen cycles lies within prediction bands, cell by cell of the operating map.

The target is linear in one input; its errors follow an AR(1) process around an offset of the cycle,
and grow from cell to cell of the speed. `ConformalBands` is fitted on some cycles and tested on
others, once with one width for all and once with a width for each cell. What is wanted is
COVERAGE in every cell, on average over cycles, however large the errors of the cell are.

    python benchmarks/band_coverage.py
    python benchmarks/band_coverage.py --cycles 12 24 --data-sets 1000
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from sklearn.linear_model import LinearRegression

import signalprep as sp

COVERAGE = 0.9
EDGES = {"speed": [0.0, 25.0, 50.0, 75.0, 100.0]}
NOISE = np.array([0.3, 0.6, 1.2, 2.4])  # standard deviation by cell
ROWS = 200  # of a cycle
TESTED = 40  # cycles


def simulate(n_cycles: int, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.Series]:
    """A log of input and speed, and its target."""
    speed = rng.uniform(0.0, 100.0, (n_cycles, 1))
    speed = speed + np.cumsum(rng.normal(scale=4.0, size=(n_cycles, ROWS)), axis=1)
    speed = np.abs((speed + 100.0) % 200.0 - 100.0)  # reflected at 0 and 100
    noise = rng.normal(size=(n_cycles, ROWS)) * np.sqrt(1.0 - 0.9**2)
    noise = 0.8 * lfilter([1.0], [1.0, -0.9], noise, axis=1)
    noise = noise + 0.6 * rng.normal(size=(n_cycles, 1))
    scale = NOISE[np.minimum(speed // 25.0, 3).astype(int)]
    x = rng.normal(size=(n_cycles, ROWS))
    frame = pd.DataFrame({"x": x.ravel(), "speed": speed.ravel()})
    log = sp.as_log(frame, cycle=np.repeat(np.arange(n_cycles), ROWS), rate=1.0)
    return log, pd.Series((2.0 * x + scale * noise).ravel(), index=log.index)


def coverage(n_cycles: int, n_data_sets: int, regimes: dict | None) -> np.ndarray:
    """Share of the rows of unseen cycles within the bands, by cell, over all data sets."""
    held, seen = np.zeros(len(NOISE)), np.zeros(len(NOISE))
    for seed in range(n_data_sets):
        rng = np.random.default_rng([seed, n_cycles])
        model = sp.ConformalBands(LinearRegression(), regimes, coverage=COVERAGE)
        with warnings.catch_warnings():  # fewer cycles than the level needs
            warnings.simplefilter("ignore", UserWarning)
            model.fit(*simulate(n_cycles, rng))
        log, y = simulate(TESTED, rng)
        low, high = model.predict_interval(log).T
        cell = np.minimum(log["speed"] // 25.0, 3).astype(int)
        held += np.bincount(cell, (low <= y) & (y <= high), len(NOISE))
        seen += np.bincount(cell, minlength=len(NOISE))
    return held / seen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cycles", type=int, nargs="+", default=[8, 24, 69])
    parser.add_argument("--data-sets", type=int, default=300)
    options = parser.parse_args()
    begin = time.perf_counter()
    cells = "  ".join(f"noise {level:g}" for level in NOISE)
    print(f"{'cycles':>6} {'width':<9} {cells}   wanted {COVERAGE:g}")
    for n_cycles in options.cycles:
        for name, regimes in (("for all", None), ("by cell", EDGES)):
            found = coverage(n_cycles, options.data_sets, regimes)
            shown = "  ".join(f"{100.0 * share:7.1f} %" for share in found)
            print(f"{n_cycles:>6} {name:<9} {shown}")
    print(f"{options.data_sets} data sets, {time.perf_counter() - begin:.0f} s")


if __name__ == "__main__":
    main()
