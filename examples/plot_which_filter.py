"""
Which filter when
=================

A raw channel goes through a few steps before a model sees it: limits, decimation, outliers,
smoothing. For each there is a choice, and each choice has a price. One picture a choice.
"""

# %%
# Outliers: z-score or Hampel
# ---------------------------
# A channel with 5 % of spikes that come in bursts, as from a loose connector. The z-score learns
# mean and standard deviation from all training rows, spikes included, so the spikes widen their own
# limits: the filter is masked by what it should find. The Hampel filter compares with the median of
# its window, which half of the samples have to agree on.

import matplotlib.pyplot as plt
import numpy as np

import signalprep as sp

rng = np.random.default_rng(0)
rate, n = 100.0, 4000
time = np.arange(n) / rate
true = 20.0 + 3.0 * np.sin(2 * np.pi * 0.05 * time)
spikes = np.zeros(n, dtype=bool)
for start in rng.choice(n // 20, size=n // 100 * 5 // 4, replace=False) * 20:
    spikes[start : start + 4] = True
raw = true + rng.normal(scale=0.1, size=n) + np.where(spikes, 8.0, 0.0)
log = sp.as_log(raw[:, None], rate=rate)

found = {
    "z-score": sp.ZScoreFilter(threshold=3.0).fit(log).flag(log)["x0"].to_numpy(),
    "Hampel": sp.HampelFilter(window_length=21, min_scale=0.1).fit(log).flag(log)["x0"].to_numpy(),
}
for name, flags in found.items():
    print(
        f"{name}: {np.mean(flags[spikes]):.0%} of {spikes.mean():.1%} spikes found, "
        f"{np.mean(flags[~spikes]):.2%} of the good samples flagged"
    )

shown = slice(0, 800)
figure, axes = plt.subplots(2, 1, figsize=(8, 4.5), sharex=True, layout="constrained")
for ax, (name, flags) in zip(axes, found.items(), strict=True):
    ax.plot(time[shown], raw[shown], color="0.6", linewidth=0.8)
    hit = np.flatnonzero(flags[shown])
    ax.plot(time[hit], raw[hit], "x", color="#a1123c", markersize=5, label=f"flagged by {name}")
    ax.set_ylabel("signal")
    ax.legend(loc="upper right")
axes[-1].set_xlabel("time [s]")
plt.show()

# %%
# Smoothing: causal or symmetric
# ------------------------------
# The symmetric Savitzky-Golay filter takes the middle of its window and is quieter; it sees half a
# window ahead and cannot run on a controller. The causal form takes the newest sample: no delay, no
# look-ahead, more noise. `lookahead_` says which is which, and `validate` notes it.

ramp = np.clip((time - 2.0) * 5.0, 0.0, 10.0)
step_log = sp.as_log((ramp + rng.normal(scale=0.3, size=n))[:, None], rate=rate)
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
shown = slice(150, 450)
ax.plot(time[shown], step_log["x0"].to_numpy()[shown], color="0.75", linewidth=0.8, label="raw")
styles = {True: ("#d95f02", "--"), False: ("#1b4f8f", "-")}
for causal, (colour, line) in styles.items():
    smooth = sp.SavitzkyGolayFilter(31, 2, causal=causal, edge="nearest").fit(step_log)
    out = smooth.transform(step_log)["x0"].to_numpy()
    noise = np.std((out - ramp)[600:])
    label = f"{'causal' if causal else 'symmetric'}: look-ahead {smooth.lookahead_}, "
    ax.plot(time[shown], out[shown], line, color=colour, label=f"{label}noise {noise:.2f}")
ax.set(xlabel="time [s]", ylabel="signal")
ax.legend()
plt.show()

# %%
# A lower rate: with or without anti-aliasing
# -------------------------------------------
# A 9.5 Hz ripple on a slow signal. Keeping every tenth sample of a 100 Hz log turns it into a
# 0.5 Hz oscillation that no later filter can tell from the signal. `Decimator` removes it first;
# its causal form delays by `delay_` samples.

wavy = sp.as_log((true + np.sin(2 * np.pi * 9.5 * time))[:, None], rate=rate)
bare = wavy.iloc[::10]
decimator = sp.Decimator(10).fit(wavy)
clean = decimator.transform(wavy)
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
ax.plot(time, true, color="black", linewidth=1.0, label="slow signal")
stamps = bare.index.get_level_values("time")
ax.plot(stamps, bare["x0"], color="#a1123c", linewidth=0.8, label="every tenth sample")
label = f"Decimator: delay {decimator.delay_ / rate:.1f} s"
ax.plot(stamps, clean["x0"], "--", color="#1b4f8f", label=label)
ax.set(xlabel="time [s]", ylabel="signal", xlim=(0, 20))
ax.legend(loc="upper right")
plt.show()

# %%
# What to put in place of an outlier: hold or interpolate
# -------------------------------------------------------
# "hold" repeats the last good value, as a controller would. "interpolate" draws a line to the next
# good value, which is nearer to the truth and known only afterwards: the step then looks ahead.

sloped = 10.0 * np.sin(2 * np.pi * 0.5 * time)
gone = np.zeros(n, dtype=bool)
gone[220:240] = gone[300:315] = True
broken = sp.as_log(np.where(gone, 99.0, sloped)[:, None], rate=rate)
figure, ax = plt.subplots(figsize=(8, 3.2), layout="constrained")
shown = slice(180, 360)
ax.plot(time[shown], sloped[shown], color="0.6", linewidth=3, label="truth")
for action, colour, line in (("hold", "#d95f02", "--"), ("interpolate", "#1b4f8f", "-")):
    limits = sp.PhysicalLimits({"x0": (-50, 50)}, action=action).fit(broken)
    out = limits.transform(broken)["x0"].to_numpy()
    error = np.abs(out - sloped).max()
    ahead = "looks ahead" if limits.lookahead_ else "looks back only"
    label = f"{action}: error up to {error:.1f}, {ahead}"
    ax.plot(time[shown], out[shown], line, color=colour, label=label)
ax.set(xlabel="time [s]", ylabel="signal")
ax.legend()
plt.show()

# %%
# In short
# --------
# ==================================  ============================================================
# the channel has                     take
# ==================================  ============================================================
# values no sensor can read           `PhysicalLimits` first: they are no statistic
# single spikes or short bursts       `HampelFilter` with a `min_scale` above the noise
# outliers against a fixed level      `ZScoreFilter` or `IQRFilter`, with `by=` a regime if it moves
# outliers only jointly visible       `IsolationForestFilter`, `LocalOutlierFactorFilter`
# outliers against other channels     `ResidualFilter`
# more rate than the model needs      `Decimator`, or `AtRate` around the model
# noise on a signal or its slope      `SavitzkyGolayFilter`; causal when it must run on a target
# noise of known size, missing rows   `KalmanFilter`
# drift                               `Detrender`: "highpass" is the causal one
# ==================================  ============================================================
