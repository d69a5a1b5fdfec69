"""
Why a random split promises too much
====================================

Neighbouring rows of a drive are nearly the same row. A split that deals out rows at random puts one
of two neighbours into training and the other into the test, and the model only has to look it up.
Whole drives held out give the error that the next drive will show.
"""

# %%
# Rotor temperature from what a controller measures, with exponential means as the memory of the
# drive. They are computed before the split here, because a random split leaves no drive whole:
# within a pipeline signalprep refuses to filter such rows.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import KFold, cross_val_predict

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=16, rate=0.5, random_state=0)
y = log["T_pm"]
features = sp.ExponentialFeatures(spans=["1min", "5min", "20min"], statistics=["mean"])
X = features.fit_transform(log.drop(columns="T_pm"))
model = ExtraTreesRegressor(20, min_samples_leaf=3, random_state=0)

# %%
# The same model and the same rows, split in two ways:

splits = {
    "rows at random\nKFold(shuffle=True)": KFold(5, shuffle=True, random_state=0),
    "whole drives\nCycleKFold": sp.CycleKFold(5),
}
predictions = {
    name: cross_val_predict(model, X, y, cv=splitter) for name, splitter in splits.items()
}
rmse = {name: float(np.sqrt(np.mean((p - y) ** 2))) for name, p in predictions.items()}
for name, value in rmse.items():
    print(f"{name.splitlines()[0]:16s} RMSE {value:5.2f} K")

# %%
# The random split promises an error that no new drive will keep. The drive below shows why: with
# most of its rows in training the prediction lies on the truth; unseen, it does not.

drive = "cycle_08_bench"
minutes = y.loc[drive].index / 60
fig, (left, right) = plt.subplots(
    1, 2, figsize=(9, 3.6), width_ratios=[1, 1.8], layout="constrained"
)
colours = ["#999999", "#0072B2"]
bars = left.barh(list(rmse), list(rmse.values()), color=colours)
left.bar_label(bars, fmt="%.1f K", padding=4)
left.set(xlabel="RMSE [K]", xlim=(0, 1.25 * max(rmse.values())))
left.invert_yaxis()
right.plot(minutes, y.loc[drive], color="black", lw=2.5, label="truth")
for (name, p), colour in zip(predictions.items(), colours, strict=True):
    drive_p = p[y.index.get_level_values("cycle") == drive]
    right.plot(minutes, drive_p, color=colour, lw=1, label=name.splitlines()[0])
right.set(xlabel="time [min]", ylabel="rotor temperature [°C]", title=drive)
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# :func:`~signalprep.validate` does not give the first of the two numbers away. A fold that tests a
# drive it was trained on is an error (`allow_leak=True` is there to study it):

try:
    sp.validate(model, X, y, cv=KFold(5, shuffle=True, random_state=0))
except sp.errors.LeakError as error:
    print(error)
