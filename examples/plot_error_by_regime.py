"""
The error of a model in every operating regime
==============================================

A virtual sensor for the rotor temperature of an electric drive: the controller knows currents,
voltages, speed, torque and the coolant, and the temperature of the magnets is to be told from
these. One number for its error says little. Here the error is given for every cell of the
operating map, with an interval and with the number of drives behind it.
"""

# %%
# The log
# -------
# Twenty-four simulated drives: city, highway, hills and test bench, at several coolant and ambient
# temperatures, with sensor noise, spikes, one gap and one drive that was cut off. Cycle and time
# are in the index.

import matplotlib.pyplot as plt
from sklearn.linear_model import Ridge

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=24, rate=2.0, random_state=0)
X, y = log.drop(columns="T_pm"), log["T_pm"]
print(log.iloc[:3].round(1).to_string())
print(f"{len(sp.cycles(log))} cycles, {len(log)} rows at {sp.rate(log):g} Hz")

# %%
# The pipeline
# ------------
# An ordinary scikit-learn pipeline. Readings that no sensor can give are replaced by the last
# good one, spikes by the median of the samples before them, and exponential means tell a model
# without memory how the drive was used over the last minutes. No step looks ahead, so all of it
# could run on the controller.

clean = sp.make_pipeline(
    sp.PhysicalLimits({"i_d": (-400, 400), "i_q": (-400, 400)}, action="hold"),
    sp.HampelFilter(window_length=11, min_scale=3.0),
)
features = sp.ExponentialFeatures(spans=["1min", "5min", "20min"])
model = sp.make_pipeline(clean, features, sp.Scaler(), Ridge())

# %%
# Validation on unseen drives
# ---------------------------
# Every drive is predicted once, by a model that was fitted on other drives. The map is laid out by
# speed and torque with given edges and by coolant temperature in quantiles, all of them without
# spikes, so that a spike does not count as a regime.

binner = sp.RegimeBinner(
    {
        "omega_m": [-10, 200, 400, 700, 1200],
        "T_m": [-150, -50, 0, 50, 100, 200],
        "T_coolant": "q3",
    }
)
regimes = binner.fit_transform(clean.fit_transform(X))
result = sp.validate(model, X, y, cv=sp.CycleKFold(5), regimes=regimes)
print(result)

# %%
# The operating map
# -----------------
# Colour is the error. The second line of a cell is its 95 % interval: the error that other drives
# of the same kind would plausibly show. It rests on drives, not on rows, since rows of one drive
# resemble each other. Hatched cells were seen by fewer than three drives and make no claim.

display = sp.RegimeHeatmapDisplay.from_validation(result, metric="rmse")

# %%
# The worst cells as a table, those with evidence only:

worst = result.by_regime.query("evidence").sort_values("rmse", ascending=False)
columns = ["n", "n_cycles", "bias", "rmse", "rmse_low", "rmse_high", "share"]
print(worst[columns].head(5).round(2).to_string())

# %%
# The same from the side of the drives: one point each. A model that fails on one kind of drive
# shows it here.

by_cycle = result.by_cycle.sort_values("rmse")
kind = by_cycle.index.str.split("_").str[-1]
fig, ax = plt.subplots(figsize=(7, 4.8), layout="constrained")
colours = {"bench": "#0072B2", "city": "#E69F00", "highway": "#009E73", "hill": "#CC79A7"}
position = dict(zip(by_cycle.index, range(len(by_cycle)), strict=True))
for name, group in by_cycle.groupby(kind):
    ax.scatter(group["rmse"], group.index.map(position), color=colours[name], label=name, s=36)
ax.set_yticks(range(len(by_cycle)), by_cycle.index, fontsize=8)
ax.set(xlabel="RMSE of the rotor temperature [K]", xlim=(0, None))
ax.grid(axis="x", alpha=0.3)
ax.spines[["top", "right"]].set_visible(False)
ax.legend(loc="lower right", frameon=False)
plt.show()
