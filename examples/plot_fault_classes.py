"""
A fault classifier, and where it can be believed
================================================

The magnets of a machine lose strength when they get too hot. Can a classifier tell from what the
controller measures anyway? A single accuracy hides the answer: a machine that hardly turns shows
nothing of its magnets, and rows of one drive are too much alike to count as many tests.
:func:`signalprep.validate` treats a classifier as it treats a regressor: whole drives are held out,
and each cell of the operating map gets its scores, their intervals and its evidence.
"""

# %%
# The logs
# --------
# Simulated drives of three machines: one healthy, one with 6 % less magnet flux, one with 12 %
# less. Each drive has one label. Warm magnets of a healthy machine are weaker too, by 0.11 % a
# kelvin, so the classes overlap.

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import KFold, cross_val_score

import signalprep as sp

LOST = {"healthy": 0.0, "weak": 0.06, "demagnetised": 0.12}
logs, healthy = [], sp.datasets.PMSM()
for seed, (state, lost) in enumerate(LOST.items()):
    machine = healthy._replace(psi_20=healthy.psi_20 * (1 - lost))
    log = sp.datasets.simulate_pmsm(n_cycles=12, rate=1.0, random_state=seed, machine=machine)
    logs.append(log.rename(index=lambda cycle, state=state: f"{state} {cycle}", level="cycle"))
log = pd.concat(logs)
y = log.index.get_level_values("cycle").str.split().str[0]
y = pd.Series(y, log.index, name="magnets")

# %%
# The input that physics suggests is the flux itself, from the voltage across the machine: it takes
# speed to see it, so below 50 rad/s the last value is held. Before the first one, the flux of the
# healthy machine is assumed.

omega_e = healthy.pole_pairs * log["omega_m"]
flux = (log["u_q"] - healthy.R_20 * log["i_q"]) / omega_e - healthy.L_d * log["i_d"]
flux = flux.where(log["omega_m"].abs() > 50.0).groupby(level="cycle").ffill()
X = pd.DataFrame(
    {"flux": flux.fillna(healthy.psi_20), "i_d": log["i_d"], "T_coolant": log["T_coolant"]}
)

# %%
# Scores on unseen drives
# -----------------------
# The balanced accuracy gives each class the same weight, whatever its share of rows.

model = sp.make_pipeline(
    sp.HampelFilter(window_length=11, columns=["flux"]),
    sp.Scaler(),
    LogisticRegression(),
)
result = sp.validate(
    model,
    X,
    y,
    cv=sp.CycleKFold(6, shuffle=True, random_state=0),
    regimes={"omega_m": [-10, 50, 150, 300, 600, 1200], "i_q": [-400, -20, 20, 100, 400]},
    context=log[["omega_m", "i_q"]],
)
print(result)

# %%
# Which class is taken for which: mostly a neighbour.

display = ConfusionMatrixDisplay(result.confusion.to_numpy(), display_labels=result.classes)
display.plot(colorbar=False).figure_.set_layout_engine("constrained")
print(result.by_class.round(2))

# %%
# Where it can be believed
# ------------------------
# By speed and torque current: at low speed the flux is old or assumed, and the accuracy shows it.
# The second line of a cell is the interval over drives, which are mostly right or wrong as a whole.

sp.RegimeHeatmapDisplay.from_validation(result, metric="accuracy")

# %%
# The same as a verdict: which cells are right in nine rows of ten, and which cannot tell yet?

verdict = result.verdict({"accuracy": 0.9})
print(verdict)

# %%
# A random split would have promised more, since rows of one drive are in training and test.

rows = KFold(6, shuffle=True, random_state=0)
promised = np.mean(cross_val_score(model, X.reset_index(drop=True), y.to_numpy(), cv=rows))
print(f"random rows {promised:.3f}, unseen drives {result.overall['accuracy']:.3f}")
