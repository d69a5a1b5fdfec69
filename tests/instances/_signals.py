"""Smoothing, trends, features, scaling and frames of reference."""

from __future__ import annotations

from typing import Any

import numpy as np

import signalprep as sp

from ._instance import ORDER, Instance

ARRAYS = ("arrays",)
BOTH = ("log", "arrays")
ON_ORDER: dict[str, Any] = {"on": ARRAYS, "order_matters": ORDER}
SMOOTH: dict[str, Any] = {"keeps_constants": True, "averages": True}
WINDOW: dict[str, Any] = {"causal": False, "averages": True, "fills_a_window": True}
TREND: dict[str, Any] = {"process_variance": (0.1, 0.02), "measurement_variance": 1.0}
LEVEL: dict[str, Any] = {"process_variance": 0.3, "measurement_variance": 1.0}
SPREAD = 2 * np.sqrt(1e-3)  # a standard deviation forgets as a root
SLOPES: dict[str, Any] = {"averages": True, "forgets": 1e-2}  # a second, so by the rate of 10 Hz
SLOWER: dict[str, Any] = {
    "keeps_rows": False,
    "left_out": (
        *ORDER,
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "frames",
    ),
}

SAVGOL = [
    Instance("causal", sp.SavitzkyGolayFilter(9, 2), **SMOOTH),
    Instance("columns", sp.SavitzkyGolayFilter("0.9s", 2, columns=[2, 0]), **SMOOTH),
    Instance(
        "derivative",
        sp.SavitzkyGolayFilter("1.1s", 3, deriv=1, columns=[2, 0]),
        averages=True,
    ),
    *(
        Instance(
            edge,
            sp.SavitzkyGolayFilter(9, 2, causal=False, edge=edge),
            keeps_constants=edge not in ("constant", "nan"),
            **WINDOW,
        )
        for edge in ("polynomial", "nearest", "mirror", "constant", "nan")
    ),
    Instance("default", sp.SavitzkyGolayFilter(), **ON_ORDER),
    Instance(
        "symmetric",
        sp.SavitzkyGolayFilter(5, 2, deriv=1, causal=False, edge="mirror"),
        **ON_ORDER,
    ),
]
KALMAN = [
    Instance("level", sp.KalmanFilter(**LEVEL), forgets=1e-3, **SMOOTH),
    Instance(
        "lag",
        sp.KalmanFilter(process_variance=0.3, measurement_variance={0: 1.0}, lag=4, columns=[0]),
        causal=False,
        forgets=1e-3,
        **SMOOTH,
    ),
    Instance("trend", sp.KalmanFilter("trend", **TREND), forgets=1e-3, **SMOOTH),
    Instance(
        "trend, lag",
        sp.KalmanFilter("trend", lag=7, columns=[2, 0], **TREND),
        causal=False,
        forgets=1e-3,
        **SMOOTH,
    ),
    Instance("slope", sp.KalmanFilter("trend", add_slope=True, **TREND), **SLOPES),
    Instance(
        "slope, lag",
        sp.KalmanFilter("trend", lag=4, add_slope=True, columns=[2, 0], **TREND),
        causal=False,
        **SLOPES,
    ),
    Instance("default", sp.KalmanFilter(), **ON_ORDER),
    Instance("omit", sp.KalmanFilter("trend", add_slope=True, nan_policy="omit"), **ON_ORDER),
    Instance(
        "lag", sp.KalmanFilter(process_variance=1.0, measurement_variance=2.0, lag=2), **ON_ORDER
    ),
]
EXPONENTIAL = [
    Instance("all", sp.ExponentialFeatures([5, "3s"]), forgets=SPREAD, **SMOOTH),
    Instance(
        "mean",
        sp.ExponentialFeatures([5], statistics=["mean"], keep_inputs=False),
        forgets=SPREAD,
        **SMOOTH,
    ),
    Instance(
        "std, mean",
        sp.ExponentialFeatures([7, 3], statistics=["std", "mean"], columns=[0], keep_inputs=False),
        forgets=SPREAD,
        **SMOOTH,
    ),
    Instance("default", sp.ExponentialFeatures(), **ON_ORDER),
    Instance(
        "std",
        sp.ExponentialFeatures([3], statistics=["std"], keep_inputs=False, nan_policy="omit"),
        **ON_ORDER,
    ),
]
DECIMATOR = [
    Instance("by 3", sp.Decimator(3), keeps_rows=False, **SMOOTH),
    Instance("at 3 Hz", sp.Decimator(rate="3Hz"), keeps_rows=False, **SMOOTH),
    Instance(
        "zero-phase",
        sp.Decimator(2, causal=False),
        keeps_rows=False,
        keeps_constants=True,
        **WINDOW,
    ),
    Instance(
        "zero-phase, at 4 Hz",
        sp.Decimator(rate=4.0, causal=False),
        keeps_rows=False,
        keeps_constants=True,
        **WINDOW,
    ),
    Instance("by 1", sp.Decimator(), on=ARRAYS),
    Instance("omit", sp.Decimator(causal=False, nan_policy="omit"), on=ARRAYS),
    Instance("by 2", sp.Decimator(2), on=ARRAYS, **SLOWER),
]
DETREND = [
    # A mean knows no order, but it knows which rows there are.
    Instance(
        "mean",
        sp.Detrender(),
        on=BOTH,
        causal=False,
        averages=True,
        order_matters=ORDER[1:],
    ),
    Instance("linear", sp.Detrender("linear", columns=[2, 0]), causal=False, averages=True),
    Instance("highpass", sp.Detrender("highpass", cutoff=0.3), averages=True, forgets=1e-3),
    Instance(
        "highpass, order 3",
        sp.Detrender("highpass", cutoff=0.4, order=3, columns=[0]),
        averages=True,
        forgets=1e-3,
    ),
    Instance(
        "savgol",
        sp.Detrender("baseline", window_length="3.1s", columns=[0, 1]),
        causal=False,
        averages=True,
    ),
    Instance(
        "lowess",
        sp.Detrender("baseline", baseline="lowess", frac=0.5),
        causal=False,
        averages=True,
    ),
    Instance("linear, omit", sp.Detrender("linear", nan_policy="omit"), **ON_ORDER),
    Instance("highpass", sp.Detrender("highpass", cutoff=0.1), **ON_ORDER),
    Instance("savgol", sp.Detrender("baseline", window_length=5), **ON_ORDER),
    Instance("lowess", sp.Detrender("baseline", baseline="lowess"), **ON_ORDER),
]
SCALER = [
    Instance("zscore", sp.Scaler(), on=BOTH),
    Instance("zscore, zero kept", sp.Scaler(with_mean=False)),
    Instance("minmax", sp.Scaler("minmax", columns=[0, 2])),
    Instance("robust", sp.Scaler("robust")),
    Instance("robust, zero kept", sp.Scaler("robust", with_mean=False), on=BOTH),
    Instance("unit", sp.Scaler("unit"), on=BOTH),
    Instance("minmax", sp.Scaler("minmax"), on=ARRAYS),
    Instance("robust, omit", sp.Scaler("robust", nan_policy="omit"), on=ARRAYS),
]
CLARKE = [
    Instance("three phases", sp.ClarkeTransformer(columns=(0, 1, 2))),
    # Without columns it looks for i_a, i_b, i_c in a frame.
    Instance("default", sp.ClarkeTransformer(), on=ARRAYS, left_out=("frames",)),
    Instance("two phases", sp.ClarkeTransformer(columns=(1, 0), power_invariant=True), on=ARRAYS),
]
PARK = [
    Instance("angle", sp.ParkTransformer(columns=(0, 1), angle=2, pole_pairs=3, offset=0.5)),
    # The arrays have as few as two channels: a rotor at rest stands in for the angle.
    Instance("at rest", sp.ParkTransformer(columns=(0, 1), angle=0.5), on=ARRAYS),
]

SIGNALS = {
    sp.SavitzkyGolayFilter: SAVGOL,
    sp.KalmanFilter: KALMAN,
    sp.ExponentialFeatures: EXPONENTIAL,
    sp.Decimator: DECIMATOR,
    sp.Detrender: DETREND,
    sp.Scaler: SCALER,
    sp.ClarkeTransformer: CLARKE,
    sp.ParkTransformer: PARK,
}
