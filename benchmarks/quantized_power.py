"""Where few bits cost something: electrical power of a simulated drive, by current.

A network predicts the power from currents and speed, whose peaks are rare. It is lowered with 16
and 8 bits between its layers, with ranges by min-max, percentile and least squares; each is held
against the float network on unseen cycles: RMSE, in percent beyond that of the float, over all rows
and in cells of i_q with as many rows as their quantiles say.

    python benchmarks/quantized_power.py
"""

from __future__ import annotations

import warnings

import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.embedded import QuantizedRegressor

WAYS = {
    "16 bits": {"activation_bits": 16},
    "8 bits": {},
    "8 bits, percentile": {"calibration": "percentile"},
    "8 bits, mse": {"calibration": "mse"},
}
QUANTILES = {"lowest 1 %": 0.01, "to 10 %": 0.1, "to 90 %": 0.9, "to 99 %": 0.99}


def main() -> None:
    """Print a table for each of three seeds."""
    log = sp.datasets.simulate_pmsm(20, rate=1.0, random_state=1)
    X = log[["i_d", "i_q", "omega_m"]]
    power = 1.5e-3 * (log["u_d"] * log["i_d"] + log["u_q"] * log["i_q"])
    y = power.rename("P")
    train, test = sp.cycles(X)[:12], sp.cycles(X)[12:]
    edges = X.loc[test, "i_q"].quantile([*QUANTILES.values()]).tolist()
    names = [*QUANTILES, "highest 1 %"]
    for seed in range(3):
        network = MLPRegressor(
            hidden_layer_sizes=(32, 16), early_stopping=True, max_iter=120, random_state=seed
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = sp.make_pipeline(sp.Scaler(), network).fit(X.loc[train], y.loc[train])
        columns = {}
        for way, options in WAYS.items():
            integers = QuantizedRegressor(FrozenEstimator(model), **options)
            integers.fit(X.loc[train], y.loc[train])
            loss = sp.regime_loss(
                model, integers, X.loc[test], y.loc[test], {"i_q": [-1000.0, *edges, 1000.0]},
                n_bootstrap=0,
            )  # fmt: skip
            table = loss.table()
            rmse = loss.overall.loc["rmse"]
            cells = 100 * table["loss"] / table["reference"]
            columns[way] = [100 * rmse["loss"] / rmse["reference"], *cells]
            columns["float / kW"] = [rmse["reference"], *table["reference"]]
        shown = pd.DataFrame(columns, index=["all rows", *names])
        print(f"seed {seed}\n{shown.astype(float).round(2).to_string()}\n", flush=True)


if __name__ == "__main__":
    main()
