"""
Finding what leaks, and where
=============================

A leak makes a model look better than the next drive will find it. :func:`~signalprep.audit` looks
for leaks by trying: it fits the pipeline once, then gives its steps single drives, another future,
another past, and compares what comes out with what the steps claim. Any scikit-learn step will do.
"""

# %%
# Rotor temperature again, by a pipeline that looks harmless. It smooths with a function written
# for one recording, which here runs down the whole table; the next step smooths around each sample;
# and a channel came along from the test bench that is the target, some seconds late.

import matplotlib.pyplot as plt
from sklearn.linear_model import Ridge
from sklearn.preprocessing import FunctionTransformer

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=10, rate=1.0, duration=(180, 300), random_state=0)
X, y = log.drop(columns="T_pm"), log["T_pm"]
late = y.groupby(level="cycle").shift(8).bfill()


def slow_mean(frame):
    return frame.ewm(span=60).mean()


model = sp.make_pipeline(
    FunctionTransformer(slow_mean),
    sp.SavitzkyGolayFilter(window_length=11, causal=False),
    sp.Scaler(),
    Ridge(),
)
found = sp.audit(model, X.assign(telemetry=late), y, cv=5)
print(found)

# %%
# Each finding names the step and the channel, and how large the effect is. `found.findings` is the
# same as a table, `found.to_html("audit.html")` a page to hand on, and `found.ok` what a test asks.

print(found.findings[["severity", "kind", "step", "channel", "effect", "unit"]].to_string())

# %%
# The same model with every finding mended, and what each of the two promises on unseen drives:

mended = sp.make_pipeline(
    sp.ExponentialFeatures(spans=["1min"]),
    sp.SavitzkyGolayFilter(window_length=11),
    sp.Scaler(),
    Ridge(),
)
print(sp.audit(mended, X, y, cv=5))

# %%

rmse = {
    "leaking": sp.validate(
        model, X.assign(telemetry=late), y, cv=5, allow_leak=True, n_bootstrap=100
    ).overall["rmse"],
    "mended": sp.validate(mended, X, y, cv=5, n_bootstrap=100).overall["rmse"],
}
fig, ax = plt.subplots(figsize=(7, 2.2), layout="constrained")
bars = ax.barh(list(rmse), list(rmse.values()), color=["#999999", "#0072B2"])
ax.bar_label(bars, fmt="%.1f K", padding=4)
ax.set(xlabel="RMSE on unseen drives [K]", xlim=(0, 1.2 * max(rmse.values())))
ax.invert_yaxis()
ax.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# What was done before the audit saw the inputs is found only where it left traces. Given the log
# from which they were prepared, and how, that is tried as well: other test rows must not change
# training rows, and a later sample must not change an earlier one.


def clip_outliers(raw):
    middle, spread = raw.mean(), raw.std()
    return raw.clip(middle - 3 * spread, middle + 3 * spread, axis=1)


found = sp.audit(Ridge(), clip_outliers(X), y, cv=5, raw=X, prepare=clip_outliers)
for what in found.findings.loc[found.findings["severity"] == "leak", "what"]:
    print(what)
