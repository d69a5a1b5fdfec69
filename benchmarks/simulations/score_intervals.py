"""How often nominal 95 % intervals of accuracy hold the truth, faultless cells included."""

from __future__ import annotations

import numpy as np
import pandas as pd
from simulated_errors import percent

from signalprep.metrics import classification_metrics

ROWS = 40
CYCLES = (3, 4, 6, 8, 24, 69)
KINDS = {
    "all cycles err alike": (lambda rng, shape: rng.beta(20.0, 80.0, shape), 0.2),
    "some cycles err more": (lambda rng, shape: rng.beta(0.5, 4.0, shape), 0.5 / 4.5),
    "good, with bad cycles": (lambda rng, shape: rng.beta(0.2, 9.8, shape), 0.02),
    "half wrong in 15 % of cycles": (lambda rng, shape: 0.5 * (rng.random(shape) < 0.15), 0.075),
}
"""What share of a cycle's rows is wrong, and its expectation."""


def run(quick: bool = False) -> dict[str, pd.DataFrame]:
    """Coverage of accuracy, and passes where there are 1.25 times as many errors as allowed."""
    found = []
    for name, (draw, expected) in KINDS.items():
        for n_cycles in CYCLES:
            rng = np.random.default_rng(n_cycles)
            n = 100 if quick else 600
            wrong = draw(rng, (n, n_cycles))
            cell, cycle, _ = np.indices((n, n_cycles, ROWS))
            truth = rng.random(cell.shape) < 0.5
            said = truth ^ (rng.random(cell.shape) < wrong[..., None])
            table = classification_metrics(
                truth.ravel(), said.ravel(), pd.Series(cell.ravel()), cycle.ravel(), 300
            )
            low, high = table["accuracy_low"], table["accuracy_high"]
            row = {
                "held": ((low <= 1.0 - expected) & (1.0 - expected <= high)).mean(),
                "false pass": (low >= 1.0 - expected / 1.25).mean(),
            }
            found.append({"errors": name, "cycles": n_cycles} | row)
    table = pd.DataFrame(found).set_index(["errors", "cycles"])
    return {"accuracy": percent(table).unstack("cycles")}


def check(found: dict[str, pd.DataFrame]) -> list[str]:
    """What is not as the docs promise."""
    table = found["accuracy"]
    wrong = [
        f"accuracy: {name}, {cycles} cycles: {share} %"
        for (name, cycles), share in table["held"].stack().items()
        if share < 93
    ]
    return wrong + [
        f"accuracy: {name}, {cycles} cycles: {share} % false passes"
        for (name, cycles), share in table["false pass"].stack().items()
        if share > 5
    ]
