"""Rotor temperature of a simulated machine: ridge, MLP and GRU against what can be known at all.

Trained on some drive cycles at 0.2 Hz, tested on 24 others (one of them with a gap), all from what
a controller measures. Every model gets the same inputs: the measured channels without spikes, what
drives the losses (i^2, omega^2) and the magnet flux by the voltage equation with the machine's
nominal data. Ridge and MLP get their exponential means, too. The floor is the error of
`temperature_floor`, which knows the machine.

    python benchmarks/neural_pmsm.py                       5 seeds, 960 cycles to train on
    python benchmarks/neural_pmsm.py --seeds 1 --cycles 24
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from temperature_floor import rotor_temperature

import signalprep as sp
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor

RATE = 0.2
TESTED = 24  # cycles
SPANS = ["60s", "300s", "1200s"]
SLOWEST = 60.0  # rad/s: below it the voltage tells nothing of the flux
FLUX_RANGE = 0.02  # V s about the nominal flux


def inputs(log: pd.DataFrame) -> pd.DataFrame:
    """What a controller measures, and what it can compute from that and the data sheet."""
    machine = sp.datasets.PMSM()
    X = sp.HampelFilter(7, min_scale=0.0).fit_transform(log.drop(columns="T_pm"))
    omega_e = machine.pole_pairs * X["omega_m"]
    fast = X["omega_m"].abs() > SLOWEST
    flux = (X["u_q"] - machine.R_20 * X["i_q"]) / omega_e.where(fast) - machine.L_d * X["i_d"]
    change = (flux - machine.psi_20).fillna(0.0).clip(-FLUX_RANGE, FLUX_RANGE)
    current = X["i_d"] ** 2 + X["i_q"] ** 2
    return X.assign(
        flux_change=change, fast=fast.astype(float), current_2=current, omega_2=X["omega_m"] ** 2
    )


def models(seed: int, epochs: int) -> dict[str, Any]:
    def features() -> Any:
        return sp.ExponentialFeatures(SPANS, statistics=["mean"])

    network = {"random_state": seed, "max_epochs": epochs}
    recipe = sp.Recipe(patience=epochs)
    many = sp.Recipe(patience=epochs, batch_size=16)
    return {
        "ridge": sp.make_pipeline(sp.Scaler(), features(), Ridge(100.0)),
        "MLP": sp.make_pipeline(
            features(), FeedForwardRegressor((32, 32), recipe=recipe, **network)
        ),
        "GRU": RecurrentRegressor(hidden_size=48, recipe=many, **network),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--cycles", type=int, default=960)
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()
    print(f"{'seed':>4} {'model':<6} {'RMSE K':>7} {'of ridge':>9} {'of floor':>9} {'s':>6}")
    shares: dict[str, list[tuple[float, float]]] = {}
    for seed in range(options.seeds):
        log = sp.datasets.simulate_pmsm(options.cycles, RATE, seed)
        unseen = sp.datasets.simulate_pmsm(TESTED, RATE, 1000 + seed)
        X, y, tested, truth = inputs(log), log["T_pm"], inputs(unseen), unseen["T_pm"]

        def error(found: Any, truth: pd.Series = truth) -> float:
            return float(np.sqrt(np.mean((np.asarray(found) - truth.to_numpy()) ** 2)))

        floor = error(rotor_temperature(unseen))
        print(f"{seed:>4} {'floor':<6} {floor:>7.2f}")
        ridge = np.nan
        for name, model in models(seed, options.epochs).items():
            begin = time.perf_counter()
            found = error(model.fit(X, y).predict(tested))
            seconds = time.perf_counter() - begin
            ridge = found if name == "ridge" else ridge
            shares.setdefault(name, []).append((found / ridge, found / floor))
            print(
                f"{seed:>4} {name:<6} {found:>7.2f} {found / ridge:>9.2f} {found / floor:>9.2f} "
                f"{seconds:>6.0f}",
                flush=True,
            )
    for name, pairs in shares.items():
        of_ridge, of_floor = (statistics.median(part) for part in zip(*pairs, strict=True))
        print(f"median {name:<6} {of_ridge:>14.2f} {of_floor:>9.2f}")


if __name__ == "__main__":
    main()
