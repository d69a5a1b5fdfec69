"""A validation made by hand: known errors, real regime labels, no model."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd

from signalprep.metrics import cycle_metrics, overall_metrics, regime_metrics
from signalprep.quality import check_log
from signalprep.results import Cleaning, Validation

UNITS = {"T_pm": "°C", "omega_m": "rpm", "T_m": "N m", "T_coolant": "°C"}
EDGES = {
    "omega_m": [0, 1000, 2500, 4000, 5500, 7000],
    "T_m": [-50, 0, 50, 100, 150, 200],
    "T_coolant": [15, 35, 60, 85],
}


def binned(values: np.ndarray, edges: list[Any]) -> pd.Categorical:
    """Values as labels of intervals, with "below", "above" and "missing"."""
    labels = [f"[{a}, {b})" for a, b in itertools.pairwise(edges)]
    labels[-1] = labels[-1][:-1] + "]"
    codes = np.digitize(values, edges)
    codes[values == edges[-1]] = len(edges) - 1
    codes[np.isnan(values)] = len(labels) + 2
    categories = ["below", *labels, "above", "missing"]
    return pd.Categorical.from_codes(codes, categories=categories, ordered=True)


def example_rows(n_cycles: int = 8, n: int = 400, seed: int = 0) -> pd.DataFrame:
    """Truth, prediction and the signals that span the map, indexed (cycle, time)."""
    rng = np.random.default_rng(seed)
    time = np.tile(np.arange(n) / 10.0, n_cycles)
    cycle = np.repeat(np.arange(1, n_cycles + 1), n)
    phase = np.repeat(rng.uniform(0.0, 6.0, n_cycles), n)
    speed = 3500 + 4000 * np.sin(time / 3 + phase)
    torque = 70 + 110 * np.sin(time / 2 + 2 * phase)
    coolant = np.repeat(np.linspace(16.0, 84.0, n_cycles), n)
    truth = 60 + 15 * np.sin(time / 9 + phase) + 0.2 * coolant
    error = 0.3 + speed / 4000 * np.sin(time / 2 + phase) + 0.3 * rng.normal(size=len(time))
    return pd.DataFrame(
        {
            "truth": truth,
            "prediction": truth + error,
            "omega_m": speed,
            "T_m": torque,
            "T_coolant": coolant,
        },
        index=pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"]),
    )


def example_labels(
    rows: pd.DataFrame, variables: tuple[str, ...] = ("omega_m", "T_m", "T_coolant")
) -> pd.DataFrame:
    """Regime labels of the rows."""
    labels = {name: binned(rows[name].to_numpy(), EDGES[name]) for name in variables}
    return pd.DataFrame(labels, index=rows.index)


def example_validation(
    rows: pd.DataFrame | None = None,
    regimes: pd.DataFrame | str | None = "default",
    *,
    target: str = "T_pm",
    units: dict[str, str] | None = None,
    lookahead: int = 0,
    n_bootstrap: int = 50,
    **settings: Any,
) -> Validation:
    """The validation of these rows, as `validate` would return it."""
    rows = example_rows() if rows is None else rows
    if isinstance(regimes, str):
        regimes = example_labels(rows)
    predictions = rows[["truth", "prediction"]].copy()
    predictions.insert(0, "fold", rows.index.get_level_values("cycle").factorize()[0] % 4)
    truth, prediction = predictions["truth"], predictions["prediction"]
    by_regime = None
    if regimes is not None:
        predictions["extrapolated"] = np.arange(len(rows)) < 4
        by_regime = regime_metrics(truth, prediction, regimes, n_bootstrap=n_bootstrap)
    by_cycle = cycle_metrics(truth, prediction)
    fold_of_cycle = predictions.groupby(level="cycle", sort=False)["fold"].first()
    by_cycle.insert(0, "fold", fold_of_cycle.to_numpy())
    folds = pd.DataFrame(
        {
            "n_train_cycles": 6,
            "n_test_cycles": 2,
            "n_train_rows": 2400,
            "n_test_rows": 800,
            "fit_seconds": [0.1, 0.12, 0.11, 0.1],
            "predict_seconds": 0.02,
        },
        index=pd.RangeIndex(4, name="fold"),
    )
    steps = pd.DataFrame(
        [
            ("hampelfilter", "HampelFilter(window_length=11)", lookahead, 10, 0),
            ("exponentialfeatures", "ExponentialFeatures(spans=['10min'])", 0, 9469, 0),
            ("ridge", "Ridge()", 0, 0, 0),
            ("pipeline", "", lookahead, 9479, 0),
        ],
        columns=["step", "estimator", "lookahead", "memory", "delay"],
    )
    log = rows[["omega_m", "T_m"]].assign(constant=1.0)
    return Validation(
        overall=overall_metrics(truth, prediction, n_bootstrap=n_bootstrap),
        by_regime=by_regime,
        by_cycle=by_cycle,
        predictions=predictions,
        regimes=regimes,
        folds=folds,
        steps=steps,
        quality=check_log(log),
        target=target,
        rate=10.0,
        units=UNITS if units is None else units,
        settings={
            "cv": "CycleKFold(n_splits=4)",
            "regimes": "RegimeBinner(...)",
            "min_cycles": 3,
            "n_bootstrap": n_bootstrap,
            "confidence": 0.95,
            "random_state": "0",
            "allow_leak": False,
            "seconds": 1.5,
            "versions": {"python": "3.11.2", "signalprep": "0.1.0"},
            **settings,
        },
    )


def example_cleaning(validation: Validation) -> Cleaning:
    """What a filter touched and what was left out, as `validate` would tell it."""
    keys = ["step", "channel"]
    touched = pd.DataFrame(
        {"n": [12, 0], "share": [12 / 3200, 0.0]},
        index=pd.MultiIndex.from_product([["hampelfilter"], ["omega_m", "T_m"]], names=keys),
    )
    by_regime = validation.by_regime
    assert by_regime is not None
    names = [*by_regime.index.names, *keys]
    address = (*by_regime.index[0], "hampelfilter", "omega_m")
    cells = pd.DataFrame(
        {"n": [12], "share": [0.1]}, index=pd.MultiIndex.from_tuples([address], names=names)
    )
    omitted = by_regime[["n", "share", "rmse"]].assign(rmse_all=by_regime["rmse"] * 2)
    overall = pd.Series({"n": 20, "share": 20 / 3200, "rmse": 1.0, "rmse_all": 2.5})
    return Cleaning(touched, cells, overall, omitted)
