"""Models that say what a channel holds, and a drive of known errors, to compare them on."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

import signalprep as sp
from signalprep.metrics import TaskName

SPEEDS = ("low", "high", "rare")


class Says(RegressorMixin, BaseEstimator):
    """Predicts what a channel holds."""

    def __init__(self, channel):
        self.channel = channel

    def fit(self, X, y):
        self.fitted_ = True
        return self

    def predict(self, X):
        return X[self.channel].to_numpy()


class Labels(ClassifierMixin, Says):
    """The same of classes."""


def drive(seed=0, n_cycles=8, n=30):
    """Six channels, of which two are predictions; "rare" is seen by two cycles alone."""
    rng = np.random.default_rng(seed)
    cycle = np.repeat(np.arange(n_cycles), n)
    truth = rng.normal(size=len(cycle)).cumsum()
    hard = rng.uniform(0.5, 3.0, n_cycles)[cycle]
    code = rng.integers(0, 2, len(cycle))
    code[(cycle < 2) & (np.arange(len(cycle)) % n < 5)] = 2
    reference = truth + hard * rng.normal(size=len(cycle))
    log = pd.DataFrame(
        {
            "y": truth,
            "reference": reference,
            "quantized": truth + 1.1 * (reference - truth) + 0.02 * rng.normal(size=len(cycle)),
            "broken": np.where(code == 1, reference + 4.0, reference),
        }
    )
    log.index = pd.MultiIndex.from_arrays(
        [cycle, np.tile(np.arange(n) / 10.0, n_cycles)], names=["cycle", "time"]
    )
    speed = pd.Categorical.from_codes(code, categories=SPEEDS, ordered=True)
    return log, pd.Series(speed, log.index, name="speed")


def saturating(log, speed, kind=Says):
    """A quantized model that is 4 off at high speed, and what it says of its saturation."""
    flags = pd.DataFrame(
        {
            ("scaler", "i_q"): (speed == "high") & (np.arange(len(log)) % 3 == 0),
            ("input", "speed"): speed == "rare",
            ("mlp", "unit 1"): False,
        }
    ).rename_axis(columns=["step", "channel"])
    quantized = kind("broken")
    quantized.integer_ = SimpleNamespace(saturations=lambda X: flags, training_cycles_=[1, 5, 99])
    return quantized, flags


def example_loss(validation):
    """A loss about the target of a validation, with all that there can be."""
    log, speed = drive()
    kind, limits = Says, {"rmse": "20 %", "bias": {"high": 0.5}}
    if validation.task is TaskName.CLASSIFICATION:
        kind, limits = Labels, {"accuracy": {"overall": 0.1, "high": 0.2}}
        log = (log > 0).replace({True: "on", False: "off"})
    quantized, _ = saturating(log, speed, kind)
    y = log["y"].rename(validation.target)
    return sp.regime_loss(
        kind("reference"), quantized, log, y, speed, n_bootstrap=20, limits=limits
    )
