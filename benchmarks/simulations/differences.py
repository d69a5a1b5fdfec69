"""How often `paired_metrics` says that two models of one law differ, and finds two that do."""

from __future__ import annotations

import numpy as np
import pandas as pd
from simulated_errors import percent

from signalprep.metrics import paired_metrics

ROWS = 20
CYCLES = (3, 4, 5, 6, 8, 24)
METRICS = ("mae", "rmse", "p95")


def run(quick: bool = False) -> dict[str, pd.DataFrame]:
    """Share of cells with a difference, of equal models and of one that is worse by 20 %."""
    found = []
    n = 200 if quick else 1000
    for name, factor, scale in (
        ("equal", 1.0, 0.0),
        ("equal, scales differ by 60 %", 1.0, 0.6),
        ("b worse by 20 %", 1.2, 0.0),
    ):
        for n_cycles in CYCLES:
            rng = np.random.default_rng(n_cycles)
            shape = (n, n_cycles, 1)
            common = 0.7 * rng.normal(size=shape) + rng.normal(size=(*shape[:2], ROWS))
            hard = np.exp(scale * rng.normal(size=shape))
            a, b = (hard * (common + 0.4 * rng.normal(size=shape)) for _ in "ab")
            cell, cycle, _ = np.indices(a.shape)
            table = paired_metrics(
                np.zeros(a.size), a.ravel(), factor * b.ravel(), pd.Series(cell.ravel()),
                cycle.ravel(), n_bootstrap=300,
            )  # fmt: skip
            said = {m: ((table[f"{m}_low"] > 0) | (table[f"{m}_high"] < 0)).mean() for m in METRICS}
            found.append({"models": name, "cycles": n_cycles} | said)
    table = pd.DataFrame(found).set_index(["models", "cycles"])
    return {"differences": percent(table).unstack("cycles")}


def check(found: dict[str, pd.DataFrame]) -> list[str]:
    """What is not as the docs promise."""
    shares = found["differences"].stack("cycles")
    equal = shares[shares.index.get_level_values("models").str.startswith("equal")].stack()
    wrong = [f"differences: {key}: {share} %" for key, share in equal.items() if share > 8]
    power = found["differences"].loc["b worse by 20 %"]
    return wrong + ([] if power["rmse"][24] > 70 else [f"differences: power {power['rmse'][24]} %"])
