"""
What each splitter holds out
============================

How a log is split decides what the error means: an error for the next drive, for next month, or for
an operating point that nobody has recorded. One picture a question. All splitters read the cycles
from the index, so they work wherever scikit-learn takes a `cv`.
"""

# %%
# Simulated drives, sorted into three ranges of speed. The pictures show the rows of the log from
# left to right, with a gap after each cycle, and a line for each fold.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=15, rate=0.5, random_state=0)
speeds = sp.RegimeBinner({"omega_m": [-50, 200, 500, 1300]})
colours = {"left out": "#e4e4e4", "train": "#9dc3e6", "test": "#d95f02"}


def show(splitter, log, most=9):
    """Draw the folds of a splitter."""
    folds = list(splitter.split(log))[:most]
    bounds = sp.log.cycle_bounds(log)
    number = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    place = np.arange(len(log)) + 60 * number
    figure, ax = plt.subplots(figsize=(8, 0.9 + 0.25 * len(folds)), layout="constrained")
    for k, (train, test) in enumerate(folds):
        for rows, side in ((np.arange(len(log)), "left out"), (train, "train"), (test, "test")):
            ax.vlines(place[rows], k - 0.4, k + 0.4, color=colours[side], lw=0.8, rasterized=True)
    middles = (place[bounds[:-1]] + place[bounds[1:] - 1]) / 2
    ax.set_xticks(middles, range(1, len(bounds)))
    ax.set(yticks=range(len(folds)), xlabel="cycle", ylabel="fold", title=type(splitter).__name__)
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    handles = [plt.Line2D([], [], color=c, lw=6, label=side) for side, c in colours.items()]
    figure.legend(handles=handles, loc="outside right center", frameon=False)
    plt.show()


# %%
# Another drive of the same kind
# ------------------------------
# `CycleKFold` tests each cycle once, with folds of about as many rows.

show(sp.CycleKFold(5), log)

# %%
# With `stratify` each fold also gets its share of each regime, as near as whole cycles allow. What
# the largest fold holds of a regime's rows, beyond one fifth:

labels = speeds.fit(log).transform(log)["omega_m"].cat.remove_unused_categories()
for name, splitter in {
    "by rows": sp.CycleKFold(5),
    "by rows and speed": sp.CycleKFold(5, stratify=speeds),
}.items():
    tests = [labels.iloc[test].value_counts() for _, test in splitter.split(log)]
    parts = pd.concat(tests, axis=1).T / labels.value_counts()
    print(f"{name:18s}", *(f"{label} {part:+.0%}" for label, part in (parts.max() - 0.2).items()))

# %%
# `CycleShuffleSplit` draws the test cycles anew each time. `together` keeps cycles on one side:
# here a part of the first drive is in the log once more, as the last cycle.

first = sp.cycles(log)[0]
again = log.loc[first].iloc[150:]
doubled = pd.concat([log, pd.concat({"cycle_16_copy": again}, names=["cycle"])])
found = sp.group_near_duplicates(doubled)
print(found.pairs)
show(sp.CycleShuffleSplit(5, test_size=3, random_state=1, together=found.groups), doubled)

# %%
# A drive next month
# ------------------
# `ForwardCycleSplit` trains on the past. The training grows, or slides with `window`; `purge`
# leaves a pause before the test, which may be the reach of a pipeline.

show(sp.ForwardCycleSplit(4), log)
show(sp.ForwardCycleSplit(4, window=3, purge="3min"), log)

# %%
# An operating point nobody recorded
# ----------------------------------
# `RegimeHoldout` trains on other cycles *and* other regimes, so nothing near a test row was seen.
# What would give one of the two away is left out.

show(sp.RegimeHoldout(speeds, n_splits=2), log)
print(sp.RegimeHoldout(speeds, n_splits=2).folds(log).drop(columns="cycles"))

# %%
# A test set that stays one
# -------------------------
# `split_cycles` gives training, validation and test logs. With `path` the split goes to a file, and
# is read from it the next time: new cycles are trained on, and a test cycle that is missing or has
# changed is an error.

parts = sp.split_cycles(log, stratify=speeds)
for name, part in zip(("train", "validation", "test"), parts, strict=True):
    print(f"{name:10s} {len(sp.cycles(part)):2d} cycles, {len(part) / len(log):.0%} of the rows")
