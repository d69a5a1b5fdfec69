"""
From the pipeline to the controller
===================================

A controller has no float unit to spare and no Python. The fitted pipeline, filters and network
together, becomes a program of dumb integer operations, which predicts here what its C predicts
there, to the last bit. So it can be validated like any other model: what do the integers cost, and
where?
"""

# %%
# A virtual sensor
# ----------------
# The rotor temperature of a simulated drive from what its controller measures.

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.neural_network import MLPRegressor

import signalprep as sp
from signalprep.embedded import Format, lower

log = sp.datasets.simulate_pmsm(n_cycles=16, rate=1.0, random_state=0)
X, y = log[["i_d", "i_q", "omega_m", "T_coolant"]], log["T_pm"]
pipeline = sp.make_pipeline(
    sp.PhysicalLimits({"T_coolant": (-40, 150)}),
    sp.HampelFilter(window_length=7, min_scale=3.0),
    sp.ExponentialFeatures(spans=["1min", "10min"], statistics=["mean"]),
    sp.Scaler(),
    MLPRegressor(hidden_layer_sizes=(16,), learning_rate_init=0.01, tol=1.0, random_state=0),
)
train = sp.cycles(log)[:12]
pipeline.fit(X.loc[train], y.loc[train])

# %%
# What the codes mean
# -------------------
# The data sheet of the sensor, or the DBC file, says it: ``physical = lsb * code + offset``.

formats = {
    "i_d": Format(lsb=0.02),
    "i_q": Format(lsb=0.02),
    "omega_m": Format(lsb=0.1),
    "T_coolant": Format(lsb=0.1, offset=-40, bits=12, signed=False),
}

# %%
# The program
# -----------
# Every sum, product and state is proven to fit its bits, for any codes that there can be. What it
# costs on a Cortex-M4 is at most what is said here.

model = lower(pipeline, formats, calibration=X.loc[train], warm_up="10min")
print(model)

# %%
# Steps as boxes; on the lines how many numbers pass, and the bits that they are proven to need.

model.plot(detail="steps")

# %%
# Where the bytes and the instructions go:

cost = model.cost_.iloc[:-1]
columns = ["macs", "instructions", "code", "tables", "state"]
print(cost.groupby("step", sort=False)[columns].sum().to_string())

# %%
# Does it say the same?
# ---------------------
# Rows that the ranges were not drawn from: the integers differ from the floats by a little, and
# tell in which rows they were not sure of themselves.

test = sp.cycles(log)[12:]
off = model.predict(X.loc[test]) - pipeline.predict(X.loc[test])
print(f"integers less floats: {off.std():.2f} K, {np.abs(off).max():.2f} K at most")
status = model.status(X.loc[test])
print(f"rows warming up: {np.mean(status & 1 > 0):.0%}")
print(f"rows beyond what the calibration holds: {np.mean(status & 8 > 0):.0%}")

# %%
# What the integers cost, by regime
# ---------------------------------
# An estimator of ten lines fits the pipeline and lowers it on the training drives of every fold, so
# both are tested on the same unseen drives, and their difference has an interval in every cell.
# Weights have 8 bits, and what passes between layers 16 or 8.


class InIntegers(RegressorMixin, BaseEstimator):
    def __init__(self, estimator, weight_bits=8, activation_bits=16):
        self.estimator = estimator
        self.weight_bits = weight_bits
        self.activation_bits = activation_bits

    def fit(self, X, y):
        self.estimator_ = clone(self.estimator).fit(X, y)
        bits = {"weight_bits": self.weight_bits, "activation_bits": self.activation_bits}
        self.model_ = lower(self.estimator_, formats, calibration=X, **bits)
        return self

    def predict(self, X):
        return self.model_.predict(X)


regimes = {"omega_m": [-10, 400, 1200]}
folds = {"cv": sp.CycleKFold(4), "regimes": regimes}
floats = sp.validate(pipeline, X, y, **folds)
for bits in (16, 8):
    integers = sp.validate(InIntegers(pipeline, activation_bits=bits), X, y, **folds)
    print(sp.compare(floats, integers, names=("floats", f"{bits} bits")), end="\n\n")
