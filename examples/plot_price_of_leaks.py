"""
What a leak is worth
====================

One model, one log, and six ways to test it. Three of them flatter, and each is common: rows split
at random, steps fitted before the split, filters that look ahead. How much do they flatter here?
"""

# %%
# A virtual sensor of the rotor temperature, from what a controller measures:

from sklearn.neighbors import KNeighborsRegressor

import signalprep as sp

log = sp.datasets.simulate_pmsm(n_cycles=16, rate=0.5, random_state=1)
X, y = log[["i_d", "i_q", "omega_m", "T_coolant"]], log["T_pm"]
model = sp.make_pipeline(
    sp.HampelFilter(),
    sp.SavitzkyGolayFilter(31, 1),
    sp.ExponentialFeatures(["2min", "10min"], statistics=["mean"]),
    sp.Scaler(),
    KNeighborsRegressor(5),
)

# %%
# :func:`~signalprep.price_of_leaks` tests it in all six ways. The last three can be quoted; the
# first three say what would have been reported.

prices = sp.price_of_leaks(model, X, y, regimes={"omega_m": [-1, 250, 500, 750, 1200]})
print(prices)

# %%
# Neighbours of a row of the same cycle are the same row a moment later, so a model that looks up
# neighbours need not know anything about rotors to shine on random rows.

prices.plot()

# %%
# The table has the other metrics, the number of rows that each test could score, and how the error
# compares to that on an unseen cycle:

prices.table[["n", "mae", "rmse", "p95", "relative"]].round(2)
