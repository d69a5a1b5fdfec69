"""
What a filter carries over from the drive before
================================================

Logs of many drives are often kept in one table, one below the other. A filter that runs down the
table mixes the end of one drive into the start of the next, where it has no meaning: hours or weeks
lie between the two.
"""

# %%
# Two drives in one log, one with hot and one with cold coolant:

import matplotlib.pyplot as plt
import numpy as np

import signalprep as sp

log = sp.datasets.simulate_pmsm(
    n_cycles=2,
    rate=2.0,
    coolant_temperatures=[75.0, 25.0],
    spike_rate=0.0,
    gap=0.0,
    truncate=0.0,
    random_state=0,
)
channel = log[["T_coolant"]]

# %%
# An exponential mean over five minutes, once down the table as it lies there and once by
# :class:`~signalprep.ExponentialFeatures`, which reads the cycles from the index and starts anew
# with each.

span = int(300 * sp.rate(log))
down_the_table = channel["T_coolant"].ewm(span=span, adjust=False).mean()
features = sp.ExponentialFeatures(spans=["5min"])
by_cycle = features.fit_transform(channel).filter(like="mean").iloc[:, 0]

# %%
# The second drive starts with the heat of the first one in its features, and it takes minutes to
# fade.

border = sp.log.cycle_bounds(log)[1]
around = slice(border - 600, border + 1800)
minutes = (np.arange(len(log)) - border)[around] / sp.rate(log) / 60
fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.plot(minutes, channel["T_coolant"].iloc[around], color="#BBBBBB", lw=1, label="coolant")
ax.plot(minutes, down_the_table.iloc[around], color="#D55E00", lw=2, label="down the table")
ax.plot(minutes, by_cycle.iloc[around], color="#0072B2", lw=2, label="by cycle")
ax.axvline(0, color="black", lw=0.8, ls=":")
ax.annotate("next drive", (0, 1), (5, -3), "axes fraction", "offset points", va="top")
ax.set(xlabel="time from the start of the second drive [min]", ylabel="coolant [°C]")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
plt.show()

# %%
# How many rows of the second drive are off by more than 1 K, and how far the first row is off:

error = (down_the_table - by_cycle).abs().iloc[border:]
print(f"{int((error > 1).sum())} rows ({(error > 1).sum() / sp.rate(log) / 60:.1f} min)")
print(f"first row: {error.iloc[0]:.1f} K")

# %%
# Each drive alone gives exactly the rows it gives among others:

second = channel.iloc[border:]
alone = features.fit_transform(second).filter(like="mean").iloc[:, 0]
print("largest difference:", float((alone - by_cycle.iloc[border:]).abs().max()))
