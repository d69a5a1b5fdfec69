"""What few bits cost on unseen cycles, overall and by regime, over seeds of the network.

Limits, Hampel, exponential means, a scaler and a network are fitted in float in each fold and
lowered in several ways; each predicts the cycles held out. "overall" is the RMSE in percent beyond
that of the float pipeline; "cell" the largest such growth in a cell with evidence, "allowed" what
the cell may grow by: 5 %, or half of the interval of its float RMSE where that is more.

    python benchmarks/quantization.py
    python benchmarks/quantization.py --seeds 1 --quick    one seed, every tenth row: to try
    python benchmarks/quantization.py trips/ "Battery Current" \
        --inputs "Velocity,Throttle,Motor Torque,Longitudinal Acceleration" \
        --regimes "Velocity,Motor Torque"
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.embedded import QuantizedRegressor
from signalprep.metrics import overall_metrics, regime_metrics

SAMPLE = Path(__file__).parents[1] / "sample_data" / "drive_cycles"
LIMITS = {"T_coolant": (-40.0, 140.0)}
WAYS: dict[str, dict[str, Any]] = {
    "W8A16": {"activation_bits": 16},
    "W8A8": {},
    "W8A8 percentile": {"calibration": "percentile"},
    "W8A8 mse": {"calibration": "mse"},
    "W8A8 tensor": {"granularity": "tensor"},
    "W8A8 Qm.n": {"power_of_two": True},
    "W4A8": {"weight_bits": 4},
    "W4A8, ends 8": {"weight_bits": {1: 8, -1: 8, "other": 4}},
    "W2A8, ends 8": {"weight_bits": {1: 8, -1: 8, "other": 2}},
    "W2A8": {"weight_bits": 2},
}
RAW = argparse.RawDescriptionHelpFormatter


def fitted_pipeline(X: pd.DataFrame, y: pd.Series, keep: np.ndarray, seed: int) -> Any:
    """The float pipeline; its filters see every row, its network learns from those kept."""
    limits = {name: one for name, one in LIMITS.items() if name in X}
    head = sp.make_pipeline(
        *([sp.PhysicalLimits(limits)] if limits else []), sp.HampelFilter(7, min_scale=0.1),
        sp.ExponentialFeatures(["1min", "10min"], statistics=["mean"]), sp.Scaler(),
    )  # fmt: skip
    features = head.fit_transform(X)
    network = MLPRegressor(
        hidden_layer_sizes=(32, 16), early_stopping=True, max_iter=40, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(features[keep], y[keep])
    return sp.make_pipeline(*(step for _, step in head.steps), network)


def predictions(X: pd.DataFrame, y: pd.Series, keep: np.ndarray, seed: int) -> pd.DataFrame:
    """Predictions of rows held out, a column for the float pipeline and for each way."""
    found = pd.DataFrame(index=X.index, columns=["float", *WAYS], dtype=float)
    for train, test in sp.CycleKFold(4).split(X, groups=X.index.get_level_values(0)):
        fitted = fitted_pipeline(X.iloc[train], y.iloc[train], keep[train], seed)
        found.iloc[test, 0] = fitted.predict(X.iloc[test])
        for k, options in enumerate(WAYS.values()):
            model = QuantizedRegressor(FrozenEstimator(fitted), **options)
            model.fit(X.iloc[train], y.iloc[train])
            found.iloc[test, k + 1] = model.predict(X.iloc[test])
    return found


def growth(y: pd.Series, found: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """In percent: how much RMSE grows overall and where most, and what that cell may grow by."""
    reference = regime_metrics(y, found["float"], labels, n_bootstrap=500)
    overall = overall_metrics(y, found["float"], n_bootstrap=0)["rmse"]
    told = reference["evidence"].to_numpy()
    half = (reference["rmse_high"] - reference["rmse_low"]) / 2 / reference["rmse"]
    allowed = np.maximum(5.0, 100 * half[told])
    rows = {"float": [overall, np.nan, np.nan, np.nan, 0]}
    for name in WAYS:
        rmse = regime_metrics(y, found[name], labels, n_bootstrap=0)["rmse"]
        more = 100 * (rmse / reference["rmse"] - 1)[told]
        every = overall_metrics(y, found[name], n_bootstrap=0)["rmse"]
        worst = int(np.argmax(more.to_numpy()))
        rows[name] = [
            every, 100 * (every / overall - 1), more.iloc[worst], allowed.iloc[worst],
            int((more > allowed).sum()),
        ]  # fmt: skip
    columns = ["rmse", "overall", "cell", "allowed", "cells beyond"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def main() -> None:
    """Print a table for each seed, and the median and the worst over seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=RAW)
    parser.add_argument("folder", nargs="?", default=SAMPLE)
    parser.add_argument("target", nargs="?", default="T_pm")
    parser.add_argument("--inputs", default="i_d,i_q,omega_m,T_coolant")
    parser.add_argument("--regimes", default="omega_m,i_q", help="three bins of each")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    inputs = given.inputs.split(",")
    log = sp.read_log(given.folder, columns=[*inputs, given.target])
    if given.quick:
        ids = sp.cycles(log)[:8]
        log = pd.concat([log.loc[[one]].iloc[:1000] for one in ids])
    X, y = log[inputs], log[given.target]
    spikes = sp.HampelFilter(7, min_scale=0.5).fit(y.to_frame()).flag(y.to_frame())
    keep = ~np.asarray(spikes)[:, 0]
    binner = sp.RegimeBinner(dict.fromkeys(given.regimes.split(","), 3))
    cleaned = sp.HampelFilter(7).set_output(transform="pandas").fit_transform(X)
    labels = binner.fit(cleaned).transform(cleaned)
    tables = []
    for seed in range(given.seeds):
        found = predictions(X, y, keep, seed)
        tables.append(growth(y[keep], found[keep], labels[keep]))
        print(f"seed {seed}\n{tables[-1].round(2).to_string()}\n", flush=True)
    every = pd.concat(tables)
    by_way = every.groupby(level=0, sort=False)
    print(f"median over seeds\n{by_way.median().round(2).to_string()}\n")
    print(f"worst over seeds\n{by_way.max().round(2).to_string()}")


if __name__ == "__main__":
    main()
