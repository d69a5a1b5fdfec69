"""Limits, codes and the filters of outliers."""

from __future__ import annotations

from typing import Any

import signalprep as sp

from ._instance import ORDER, Instance, tree

ARRAYS = ("arrays",)
CONSTANT: dict[str, Any] = {"keeps_constants": True}
AHEAD: dict[str, Any] = {"keeps_constants": True, "causal": False}
# On scikit-learn's arrays these find outliers and look at neighbouring rows for others.
HOLDING: dict[str, Any] = {"on": ARRAYS, "order_matters": ORDER}
BY_REGIME: dict[str, Any] = {"by": sp.RegimeBinner(), "columns": [0, 2], "min_rows": 12}

FINE = 2.0**-80  # a scale so fine that any number is a whole code
SPIKE = 6 * 2**80  # a spike at that scale

LIMITS = [
    Instance("hold", sp.PhysicalLimits({0: (-2, 2), 1: (None, 1.5)}), **CONSTANT),
    Instance("nan", sp.PhysicalLimits({0: (-2, 2)}, action="nan"), **CONSTANT),
    Instance(
        "clip", sp.PhysicalLimits({0: (-2, 2)}, action="clip", add_indicator=True), **CONSTANT
    ),
    Instance("keep", sp.PhysicalLimits({0: (-2, 2)}, action="keep"), **CONSTANT),
    Instance("interpolate", sp.PhysicalLimits({0: (-2, 2)}, action="interpolate"), **AHEAD),
    Instance("none", sp.PhysicalLimits(), on=("log", "arrays"), **CONSTANT),
    Instance("flags", sp.PhysicalLimits({0: (0.5, 2)}, add_indicator=True), **HOLDING),
]
CODES = [
    Instance("hold", sp.SignedCodes(not_available={1: SPIKE}, lsb={1: FINE}), **CONSTANT),
    Instance(
        "nan",
        sp.SignedCodes(
            not_available={0: [SPIKE, 0], 2: SPIKE},
            lsb={0: FINE, 2: FINE},
            action="nan",
            add_indicator=True,
        ),
        **CONSTANT,
    ),
    Instance(
        "interpolate",
        sp.SignedCodes(not_available={2: SPIKE}, lsb={2: FINE}, action="interpolate"),
        **AHEAD,
    ),
    *(
        Instance(
            f"of 14 bits, {action}",
            sp.SignedCodes(
                {0: 14},
                {1: [0, -50, 31], 0: 7},
                lsb={0: 0.01, 1: 0.01},
                action=action,
                add_indicator=True,
            ),
            on=("codes",),
        )
        for action in ("hold", "nan", "keep")
    ),
    Instance("none", sp.SignedCodes(), on=ARRAYS),
    Instance(
        "flags",
        sp.SignedCodes(not_available={0: [255, 0]}, lsb={0: FINE}, add_indicator=True),
        on=ARRAYS,
    ),
]
HAMPEL = [
    Instance("median", sp.HampelFilter(7, 2.0), **CONSTANT),
    Instance("even window", sp.HampelFilter("0.8s", 2.0, columns=[1], min_scale=0.1), **CONSTANT),
    Instance("hold", sp.HampelFilter(7, 2.0, action="hold", add_indicator=True), **CONSTANT),
    Instance("nan", sp.HampelFilter(7, 2.0, action="nan"), **CONSTANT),
    Instance("clip", sp.HampelFilter("0.7s", 2.0, action="clip", min_scale={0: 0.1}), **CONSTANT),
    Instance("keep", sp.HampelFilter(7, 2.0, action="keep"), **CONSTANT),
    Instance("interpolate", sp.HampelFilter(7, 2.0, action="interpolate"), **AHEAD),
    Instance(
        "by regime",
        sp.HampelFilter(
            7, 1.5, by=sp.RegimeBinner({"x2": 3}), columns=[2, 0], action="hold", min_rows=5
        ),
        **CONSTANT,
    ),
    Instance(
        "by channel", sp.HampelFilter(5, 1.0, by="x2", min_rows=1, add_indicator=True), **CONSTANT
    ),
    Instance(
        "symmetric, by regime",
        sp.HampelFilter(7, 2.0, causal=False, add_indicator=True, **BY_REGIME),
        **AHEAD,
    ),
    Instance("symmetric", sp.HampelFilter(7, 2.0, causal=False), **AHEAD),
    Instance("symmetric, hold", sp.HampelFilter(7, 2.0, causal=False, action="hold"), **AHEAD),
    Instance(
        "symmetric, interpolate",
        sp.HampelFilter(7, 2.0, causal=False, action="interpolate"),
        **AHEAD,
    ),
    Instance("default", sp.HampelFilter(), on=ARRAYS, order_matters=ORDER),
    Instance(
        "flags",
        sp.HampelFilter(5, 2.0, causal=False, action="interpolate", add_indicator=True),
        **HOLDING,
    ),
    Instance("propagate", sp.HampelFilter(5, action="hold", nan_policy="propagate"), **HOLDING),
]
Z_SCORE = [
    Instance("hold", sp.ZScoreFilter(2.0), **CONSTANT),
    Instance("nan", sp.ZScoreFilter(2.0, action="nan", columns=[1]), **CONSTANT),
    Instance("clip", sp.ZScoreFilter(2.0, action="clip", add_indicator=True), **CONSTANT),
    Instance("interpolate", sp.ZScoreFilter(2.0, action="interpolate", columns=[2, 0]), **AHEAD),
    Instance(
        "by regime",
        sp.ZScoreFilter(
            1.0, by=sp.RegimeBinner({"x1": 3, "x0": [-1, 0, 1]}), min_rows=12, add_indicator=True
        ),
    ),
    Instance("default", sp.ZScoreFilter(), on=ARRAYS),
    Instance("propagate", sp.ZScoreFilter(1.0, action="clip", nan_policy="propagate"), on=ARRAYS),
    Instance("low", sp.ZScoreFilter(0.5, action="hold"), **HOLDING),
]
IQR = [
    Instance("by regime", sp.IQRFilter(**BY_REGIME), **CONSTANT),
    Instance("keep", sp.IQRFilter(action="keep", add_indicator=True), **CONSTANT),
    Instance("clip", sp.IQRFilter(0.1, action="clip")),
    Instance("default", sp.IQRFilter(), on=ARRAYS),
    Instance("flags", sp.IQRFilter(0.1, action="interpolate", add_indicator=True), **HOLDING),
]
FOREST = [
    Instance("hold", sp.IsolationForestFilter(n_estimators=10, random_state=0), **CONSTANT),
    Instance(
        "interpolate",
        sp.IsolationForestFilter(
            0.05, n_estimators=10, random_state=0, action="interpolate", columns=[0, 2]
        ),
        **AHEAD,
    ),
    Instance(
        "by regime",
        sp.IsolationForestFilter(
            0.2,
            n_estimators=5,
            random_state=0,
            by=sp.RegimeBinner({"x1": 2}),
            action="nan",
            add_indicator=True,
        ),
    ),
    Instance(
        "keep",
        sp.IsolationForestFilter(0.2, n_estimators=10, action="keep", nan_policy="omit"),
        on=ARRAYS,
    ),
    Instance("default", sp.IsolationForestFilter(n_estimators=10), **HOLDING),
]
LOCAL = [
    Instance("nan", sp.LocalOutlierFactorFilter(action="nan", add_indicator=True), **CONSTANT),
    Instance("by regime", sp.LocalOutlierFactorFilter(**BY_REGIME), **CONSTANT),
    Instance("a share", sp.LocalOutlierFactorFilter(contamination=0.1, columns=[0, 1])),
    Instance("keep", sp.LocalOutlierFactorFilter(action="keep"), on=ARRAYS),
    Instance(
        "flags",
        sp.LocalOutlierFactorFilter(3, contamination=0.1, add_indicator=True),
        on=ARRAYS,
    ),
]
RESIDUAL = [
    Instance("hold", sp.ResidualFilter(tree(), threshold=1.0, add_indicator=True), **CONSTANT),
    Instance(
        "clip",
        sp.ResidualFilter(tree(), action="clip", by=sp.RegimeBinner(), min_rows=12, columns=[0]),
        **CONSTANT,
    ),
    Instance(
        "hampel",
        sp.ResidualFilter(tree(), detector="hampel", window_length=7, add_indicator=True),
        **CONSTANT,
    ),
    Instance(
        "hampel, clip",
        sp.ResidualFilter(
            sp.make_pipeline(sp.Scaler(), tree()), detector="hampel", action="clip", columns=[1]
        ),
        **CONSTANT,
    ),
    Instance(
        "hampel, symmetric",
        sp.ResidualFilter(
            tree(), detector="hampel", window_length="0.7s", causal=False, add_indicator=True
        ),
        **AHEAD,
    ),
    Instance("default", sp.ResidualFilter(), on=ARRAYS),
    Instance(
        "hampel",
        sp.ResidualFilter(detector="hampel", action="clip", nan_policy="omit"),
        **HOLDING,
    ),
    Instance("low", sp.ResidualFilter(threshold=0.5), **HOLDING),
]

OUTLIERS = {
    sp.PhysicalLimits: LIMITS,
    sp.SignedCodes: CODES,
    sp.HampelFilter: HAMPEL,
    sp.ZScoreFilter: Z_SCORE,
    sp.IQRFilter: IQR,
    sp.IsolationForestFilter: FOREST,
    sp.LocalOutlierFactorFilter: LOCAL,
    sp.ResidualFilter: RESIDUAL,
}
