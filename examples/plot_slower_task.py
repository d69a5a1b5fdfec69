"""
A model that runs as a slower task
==================================

Currents need a fast task, temperatures do not. :class:`~signalprep.AtRate` fits and predicts on a
low-passed and decimated log and holds each prediction until the next one, as a slower task on a
controller does. Outside there is still one prediction for each row of the log.
"""

# %%
# The same pipeline at the rate of the log, at a quarter of it and at a twentieth. Durations stay
# what they are: `"1min"` is resolved by the rate that the inner pipeline sees.

import matplotlib.pyplot as plt
from sklearn.linear_model import Ridge

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=12, rate=4.0, random_state=0)
X, y = log.drop(columns="T_pm"), log["T_pm"]
pipeline = sp.make_pipeline(
    sp.ExponentialFeatures(spans=["1min", "5min", "20min"]), sp.Scaler(), Ridge()
)
models = {
    "every row": pipeline,
    "every 4th row": sp.AtRate(pipeline, factor=4),
    "every 20th row": sp.AtRate(pipeline, factor=20),
}
results = {name: sp.validate(model, X, y, cv=4) for name, model in models.items()}

# %%
# What a slow model costs is delay, and it says so: a sharp anti-alias filter that only looks back
# is late by 25 of its own sample times or so.

for name, result in results.items():
    total = result.steps.iloc[-1]
    rmse, low, high = result.overall[["rmse", "rmse_low", "rmse_high"]]
    print(
        f"{name:14s}  RMSE {rmse:5.2f} K ({low:.2f} to {high:.2f})  "
        f"delay {total['delay'] / result.rate:5.1f} s  look-ahead {total['lookahead']}"
    )

# %%
# One minute of a drive: the slow models move in steps of one and of five seconds.

drive, span = "cycle_03_hill", slice(240.0, 300.0)
fig, ax = plt.subplots(figsize=(9, 4), layout="constrained")
colours = ["#BBBBBB", "#E69F00", "#0072B2"]
for (name, result), colour in zip(results.items(), colours, strict=True):
    shown = result.predictions.loc[drive].loc[span, "prediction"]
    ax.plot(shown.index, shown, color=colour, lw=1.8, label=name)
ax.set(xlabel="time [s]", ylabel="predicted rotor temperature [°C]", title=drive)
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
plt.show()
