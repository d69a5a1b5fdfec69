"""
Spikes: found without looking ahead
===================================

A Hampel filter compares each sample with the median of its window. The causal form uses past
samples only, so it can run on a controller. The simulated log knows where its spikes are, which
shows what the filter finds and what the noise floor `min_scale` is for.
"""

# %%
# A log with a known fault mask: `fault_i_q` marks the samples that a spike has changed.

import matplotlib.pyplot as plt
import pandas as pd

import signalprep as sp

log = sp.datasets.simulate_pmsm(
    n_cycles=8, rate=10.0, spike_rate=2e-3, with_truth=True, random_state=0
)
channels = ["i_d", "i_q", "omega_m", "u_dc", "T_coolant"]
X = log[channels]
truth = log[[f"fault_{name}" for name in channels]].set_axis(channels, axis=1).astype(bool)

# %%
# Without a noise floor
# ---------------------
# The readings have the steps of a converter. Where a signal rests, most samples of a window are
# equal, the scale is zero, and each single step of the converter counts as an outlier. So nearly
# all flags of the plain filter (``min_scale=0.0``) are false.


def judge(flags: pd.DataFrame) -> pd.DataFrame:
    """Count spikes and flags, and how far they agree."""
    hits = (flags & truth).sum()
    counts = {"spikes": truth.sum(), "found": hits, "false flags": flags.sum() - hits}
    return pd.DataFrame(counts)


bare = sp.HampelFilter(window_length=11, threshold=3.0, min_scale=0.0).fit(X)
print(judge(bare.flag(X)).to_string())

# %%
# With the steps of the converter
# -------------------------------
# The default, ``min_scale="step"``, learns the step of each channel from the training rows and
# takes it as the least scale.

stepped = sp.HampelFilter(window_length=11, threshold=3.0).fit(X)
print(dict(zip(channels, stepped.min_scale_.round(4).tolist(), strict=True)))
print(judge(stepped.flag(X)).to_string())

# %%
# With a noise floor of your own
# ------------------------------
# Noise and the usual movement of a signal are larger than a step. `min_scale` gives the floor of
# each signal in its own unit. An outlier is then more than three floors away from the median.

floor = {"i_d": 20.0, "i_q": 20.0, "omega_m": 20.0, "u_dc": 2.0, "T_coolant": 1.0}
hampel = sp.HampelFilter(window_length=11, threshold=3.0, min_scale=floor).fit(X)
print(judge(hampel.flag(X)).to_string())
print("look-ahead and memory in samples:", hampel.lookahead_, hampel.memory_)

# %%
# How high should the floor be? Above the noise and the usual movement of the signal, below the
# spikes that matter. Too high a floor lets spikes pass, too low a one flags fast changes of the
# torque.

floors = [0, 1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 100]
i_q, marks = X[["i_q"]], truth["i_q"]
counts = []
for least in floors:
    flags = sp.HampelFilter(window_length=11, min_scale=least).fit(i_q).flag(i_q)["i_q"]
    counts.append(((flags & marks).sum(), (flags & ~marks).sum()))
found, false = zip(*counts, strict=True)

drive, span = "cycle_07_hill", slice(300.0, 420.0)
raw = X.loc[drive].loc[span, "i_q"]
clean = hampel.transform(X).loc[drive].loc[span, "i_q"]
spikes = truth.loc[drive].loc[span, "i_q"]

fig, (left, right) = plt.subplots(
    1, 2, figsize=(10, 3.8), width_ratios=[1.7, 1], layout="constrained"
)
left.plot(raw.index, raw, color="#BBBBBB", lw=1, label="measured")
left.plot(clean.index, clean, color="#0072B2", lw=1.4, label="after the filter")
left.scatter(raw.index[spikes], raw[spikes], color="#D55E00", s=36, zorder=3, label="spike")
left.set(xlabel="time [s]", ylabel="current i_q [A]", title=drive)
left.legend(frameon=False)
right.plot(floors, found, color="#0072B2", marker="o", label="spikes found")
right.plot(floors, false, color="#D55E00", marker="o", label="false flags")
right.axhline(marks.sum(), color="black", lw=0.8, ls=":")
right.annotate("all spikes", (100, marks.sum()), (0, 4), textcoords="offset points", ha="right")
right.set(xlabel="min_scale [A]", ylabel="samples of i_q", yscale="symlog", ylim=(0, None))
right.legend(frameon=False, loc="lower left")
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
