"""
Target samples that are not to be believed
==========================================

Sensors of the target fail too: telemetry from a rotor drops out, a plug works loose. A wrong sample
of an input is a fault to be lived with, as the controller will see it as well. A wrong sample of
the target is no fault of the model: it should neither be learned nor counted as an error, and never
be replaced by what a filter thinks it was.
"""

# %%
# Six drives with a telemetry that fails now and then: single wrong samples, and 20 s without.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Ridge

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=6, rate=1.0, duration=(300, 500), random_state=0)
X, truth = log.drop(columns="T_pm"), log["T_pm"]
rng = np.random.default_rng(0)
measured = truth.copy()
measured.iloc[rng.choice(len(log), 25, replace=False)] += rng.choice([-60.0, 80.0], 25)
measured.iloc[700:720] = 6553.5

# %%
# Which samples are wrong is told by the target alone, and without looking ahead: what lies beyond
# the limits of what can be, and what a causal Hampel filter finds. A high threshold, in units of
# what is typical of the signal, keeps true steps from being taken for spikes.

beyond = ~measured.between(-40.0, 200.0)
believed = measured.mask(beyond).to_frame()
hampel = sp.HampelFilter(7, threshold=20.0, min_scale="typical", nan_policy="omit")
doubtful = beyond | hampel.fit(believed).flag(believed)["T_pm"]
print(f"{doubtful.sum()} of {len(log)} samples are left out")

# %%
# `omit` takes them out of the fits of the model and of every score. The steps before the model see
# every row, so that filters and features know no gap.

model = sp.make_pipeline(sp.ExponentialFeatures(["1min", "5min"]), sp.Scaler(), Ridge())
options = {"cv": 3, "regimes": {"omega_m": [-10, 300, 600, 1200]}}
naive = sp.validate(model, X, measured, **options)
found = sp.validate(model, X, measured, omit=doubtful, **options)
print(f"RMSE with every sample {naive.overall['rmse']:.1f} K, without them ", end="")
print(f"{found.overall['rmse']:.1f} K")

# %%
# How many they are in each cell of the map, and the error with them, stays with the result and on
# its page: leaving out must not hide anything.

print(found.cleaning.omitted_by_regime.round(3).to_string())

# %%
# `signalprep report` does so by itself (``--clean``, ``--limits T_pm=-40:200``).

fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
cycle = sp.cycles(log)[1]
time = measured[cycle].index
ax.plot(time, measured[cycle].where(~doubtful[cycle]), color="#0072B2", lw=1.2, label="measured")
ax.plot(time, found.predictions["prediction"][cycle].reindex(time), color="#E69F00", lw=1.2,
        label="predicted by a model of other drives")  # fmt: skip
ax.scatter(time[doubtful[cycle]], measured[cycle][doubtful[cycle]].clip(upper=150), marker="x",
           color="#D55E00", s=22, label="left out (at most 150 shown)")  # fmt: skip
ax.set(xlabel="time [s]", ylabel="T_pm [°C]")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, fontsize=8)
plt.show()
