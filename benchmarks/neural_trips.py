"""Ridge, boosted trees, a feed-forward and a recurrent network on recorded car trips.

Five folds by trip, decimated to 1 Hz before anything else: battery current, and how much warmer the
battery has become since the trip began. Features for the models that know no past are exponential
means. One line a model: RMSE with its interval over trips, and the difference to ridge, paired by
trip.

    python benchmarks/neural_trips.py FOLDER         a folder of CSV files, one a trip
    python benchmarks/neural_trips.py FOLDER --quick
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor

INPUTS = [
    "Velocity",
    "Elevation",
    "Throttle",
    "Motor Torque",
    "Longitudinal Acceleration",
    "Regenerative Braking Signal",
    "Heating Power CAN",
    "AirCon Power",
    "Ambient Temperature",
]
CURRENT, TEMPERATURE = "Battery Current", "Battery Temperature"
SPANS = ["10s", "60s", "300s", "1200s"]


def read(folder: str) -> pd.DataFrame:
    log = sp.read_log(folder, time="Time")[[*INPUTS, CURRENT, TEMPERATURE]]
    log = log.groupby(level="cycle", group_keys=False).apply(lambda one: one.ffill().bfill())
    return sp.Decimator(10, causal=False).fit_transform(log)


def models(quick: bool) -> dict[str, Any]:
    epochs = 3 if quick else 40

    def features(spans: list[str]) -> Any:
        return sp.ExponentialFeatures(spans, statistics=["mean"])

    network = {"random_state": 0, "recipe": sp.Recipe(weight_decay=1e-3, dropout=0.1)}
    return {
        "ridge": sp.make_pipeline(features(SPANS), sp.Scaler(), Ridge(10.0)),
        "boosted trees": sp.make_pipeline(
            features(SPANS), HistGradientBoostingRegressor(random_state=0)
        ),
        "MLP": sp.make_pipeline(
            features(SPANS),
            FeedForwardRegressor((32, 32), max_epochs=epochs, **network),
        ),
        "GRU": RecurrentRegressor(
            hidden_size=32, max_epochs=epochs, sequence_length="300s", **network
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--quick", action="store_true", help="few epochs: to try")
    parser.add_argument("--models", nargs="+", default=["boosted trees", "MLP", "GRU"])
    options = parser.parse_args()
    log = read(options.folder)
    rise = log[TEMPERATURE] - log.groupby(level="cycle")[TEMPERATURE].transform("first")
    works = {
        "battery current [A]": (log[INPUTS], log[CURRENT]),
        "battery temperature rise [K]": (log[[*INPUTS, CURRENT]], rise.rename("rise")),
    }
    print(f"{'target':<30} {'model':<14} {'RMSE':>7} {'interval':>16} {'less ridge':>24} {'s':>6}")
    for target, (X, y) in works.items():
        base = None
        for name, model in models(options.quick).items():
            if name not in ["ridge", *options.models]:
                continue
            begin = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                found = sp.validate(model, X, y, cv=sp.CycleKFold(5))
            seconds = time.perf_counter() - begin
            overall = found.overall
            interval = f"{overall['rmse_low']:.2f} to {overall['rmse_high']:.2f}"
            against = ""
            if base is None:
                base = found
            else:
                difference = sp.compare(found, base).overall
                against = "{:+.2f} ({:+.2f} to {:+.2f})".format(
                    *(difference[f"rmse{end}"] for end in ("", "_low", "_high"))
                )
            line = f"{target:<30} {name:<14} {overall['rmse']:>7.2f} {interval:>16}"
            print(f"{line} {against:>24} {seconds:>6.0f}", flush=True)
        print(f"{target:<30} {'spread':<14} {np.std(y):>7.2f}")


if __name__ == "__main__":
    main()
