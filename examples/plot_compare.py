"""
Is one model better than another, and where?
============================================

Two models, two numbers, and the smaller one wins: but would it win on the next drives too? The two
were tested on the same drives, and a drive that is hard for one is hard for the other. So the
difference is taken drive by drive, in every cell of the operating map, and its interval says
whether it is more than chance. The same evidence tells whether a model keeps the limit that its
user needs, and what to record where that cannot be told yet.
"""

# %%
# Two virtual sensors
# -------------------
# The rotor temperature of a simulated drive from what its controller measures. The two models
# differ in how long they remember how the drive was used. Both see the same folds of whole drives.

from sklearn.linear_model import Ridge

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=24, rate=1.0, random_state=0)
X, y = log.drop(columns="T_pm"), log["T_pm"]
regimes = {"omega_m": [-10, 200, 400, 700, 1200], "T_m": [-150, -50, 0, 50, 100, 200]}


def validated(spans):
    model = sp.make_pipeline(
        sp.PhysicalLimits({"i_d": (-400, 400), "i_q": (-400, 400)}, action="hold"),
        sp.HampelFilter(window_length=11, min_scale=3.0),
        sp.ExponentialFeatures(spans=spans),
        sp.Scaler(),
        Ridge(),
    )
    return sp.validate(model, X, y, cv=sp.CycleKFold(5), regimes=regimes)


short = validated(["5s", "10s"])
long = validated(["1min", "5min", "20min"])

# %%
# Better, and how sure
# --------------------
# The intervals of the two overlap. That of the difference is what counts: it resamples the same
# drives for both.

for name, result in {"short memory": short, "long memory": long}.items():
    o = result.overall
    print(f"{name:13s} RMSE {o['rmse']:5.2f} K ({o['rmse_low']:.2f} to {o['rmse_high']:.2f})")
comparison = sp.compare(short, long, names=("short memory", "long memory"))
print(comparison)

# %%
# The same for every cell. Orange cells favour the long memory, purple ones the short memory; the
# second line is the interval of the difference, and the value is bold where it leaves out zero.

sp.ComparisonHeatmapDisplay.from_comparison(comparison)

# %%
# Does it keep its limit?
# -----------------------
# Say the sensor must be good to 15 K RMSE everywhere. A cell passes when its whole interval is
# below, fails when it is wholly above, and is underpowered when the drives at hand cannot tell.

verdict = long.verdict({"rmse": 15.0})
print(verdict)

# %%
# What to record next
# -------------------
# Cells that could be decided, with the number of drives that this is expected to take. A drive that
# spends the given seconds in the cell does for several neighbouring cells at once.

tests = long.next_tests(6, limits=verdict)
print(tests[["n_cycles", "more_cycles", "seconds", "why"]].round(0).to_string())
