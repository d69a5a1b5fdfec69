"""
When does a recurrent network pay?
==================================

A rotor heats up over minutes, and nobody measures it in the car. Does it take a network with a
memory of its own to know its temperature, or will exponential means of the measured channels do?
Three models, the same inputs, whole drives held out.
"""

# %%
# The log
# -------
# Simulated drives: what a controller measures, and what it can compute from that and the data
# sheet. The voltage equation gives the magnet flux, which falls by 0.11 % a kelvin, as long as the
# machine turns; the squares of current and speed drive the losses.

import matplotlib.pyplot as plt
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Ridge

import signalprep as sp
from signalprep.neural import FeedForwardRegressor, RecurrentRegressor

log = sp.datasets.simulate_pmsm(n_cycles=96, rate=0.2, random_state=0)
y = log["T_pm"]
machine = sp.datasets.PMSM()
X = sp.HampelFilter(5).fit_transform(log.drop(columns="T_pm"))
omega_e = machine.pole_pairs * X["omega_m"]
turning = X["omega_m"].abs() > 60.0
flux = (X["u_q"] - machine.R_20 * X["i_q"]) / omega_e.where(turning) - machine.L_d * X["i_d"]
X["flux_change"] = (flux - machine.psi_20).fillna(0.0).clip(-0.02, 0.02)
X["turning"] = turning.astype(float)
X["current_2"] = X["i_d"] ** 2 + X["i_q"] ** 2
X["omega_2"] = X["omega_m"] ** 2

# %%
# Three models
# ------------
# Ridge and the feed-forward network know the past by exponential means over 1, 5 and 20 minutes.
# The recurrent network is given the channels alone; its state before the first row is a learned map
# of that row, since a drive may begin with a warm machine. It is trained once, on the drives that
# are not held out, and goes into the validation frozen.

features = sp.ExponentialFeatures(["60s", "300s", "1200s"], statistics=["mean"])
models = {
    "ridge": sp.make_pipeline(features, sp.Scaler(), Ridge(10.0)),
    "feed-forward": sp.make_pipeline(
        features, FeedForwardRegressor((32, 32), max_epochs=30, random_state=0)
    ),
    "GRU": RecurrentRegressor(
        hidden_size=24,
        sequence_length=64,
        max_epochs=60,
        recipe=sp.Recipe(batch_size=4),
        random_state=0,
    ),
}
split = sp.CycleShuffleSplit(n_splits=1, test_size=0.25, random_state=0)
rows, unseen = next(split.split(X))
model = models["GRU"].fit(X.iloc[rows], y.iloc[rows])
models["GRU"] = FrozenEstimator(model)
results = {name: sp.validate(model, X, y, cv=split) for name, model in models.items()}
for name, result in results.items():
    error = result.overall
    print(f"{name:<13} {error['rmse']:.1f} K ({error['rmse_low']:.1f} to {error['rmse_high']:.1f})")

# %%
# The same held-out drives, so the difference is a comparison in pairs:

less = sp.compare(results["GRU"], results["ridge"]).overall
interval = f"{less['rmse_low']:+.1f} to {less['rmse_high']:+.1f}"
print(f"GRU less ridge: {less['rmse']:+.1f} K ({interval}), {less['rmse_status']}")

# %%
# How it was trained
# ------------------
# Cycles are held out of training to stop by; the history tells whether the network was still
# learning, or only learning by heart.

history = model.history_
fig, axes = plt.subplots(1, 2, figsize=(9.0, 3.2), layout="constrained")
axes[0].semilogy(history["epoch"], history["training_loss"], label="training cycles")
axes[0].semilogy(history["epoch"], history["validation_loss"], label="held-out cycles")
axes[0].axvline(model.best_epoch_, color="0.6", linewidth=1.0, label="kept")
axes[0].set(xlabel="epoch", ylabel="loss of the scaled target")
axes[0].legend(frameon=False)
cycle = X.iloc[unseen].index[0][0]
one, true = X.loc[[cycle]], y.loc[[cycle]]
minutes = one.index.get_level_values("time") / 60.0
axes[1].plot(minutes, true, color="0.3", label="measured")
axes[1].plot(minutes, model.predict(one), label="GRU")
axes[1].set(xlabel="time in min", ylabel="rotor temperature in °C", title=f"unseen: {cycle}")
axes[1].legend(frameon=False)
plt.show()

# %%
# Sample by sample
# ----------------
# What runs on a controller gets one row at a time. The stream runs the same kernel as `predict`,
# without torch, and gives the same numbers.

live = sp.stream(model)
row_by_row = [float(live.push(one.iloc[[k]])[0]) for k in range(50)]
print(abs(row_by_row - model.predict(one.iloc[:50])).max())
