"""Variances of a local level or local linear trend, by maximum likelihood over stretches of a log.

The likelihood of a stretch is that of statsmodels' UnobservedComponents with an exact diffuse
start; stretches count as independent, so their log-likelihoods add up.
"""

from __future__ import annotations

import warnings
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from signalprep.errors import InvalidLogError

__all__ = ["LONGEST", "MOST_STRETCHES", "SHORTEST", "estimate_variances", "stretches"]

LONGEST = 500  # rows of a stretch
MOST_STRETCHES = 8
SHORTEST = 4  # numbers in a stretch that say something about two or three variances
LIMITS = ((1e-6, 10.0), (1e-6, 10.0), (1e-10, 10.0))  # of r, q_level, q_slope, per mean square step
TREND_LEVEL_LIMITS = (1e-10, 10.0)  # a trend may do without steps of its level
SMALLEST = 1e-140  # step whose square, times the least limit, is still a number
STARTS = {
    False: np.array([[0.3, 0.4]]),
    True: np.array([[0.3, 0.4, 0.01], [0.3, 1e-3, 1e-3]]),  # a wandering level, or a smooth one
}


def stretches(bounds: NDArray[np.int64]) -> list[slice]:
    """At most 8 runs of at most 500 rows, spread evenly over the segments."""
    runs = [
        slice(first, min(first + LONGEST, end))
        for begin, end in pairwise(bounds.tolist())
        for first in range(begin, end, LONGEST)
    ]
    long_enough = [run for run in runs if run.stop - run.start >= SHORTEST]
    if len(long_enough) <= MOST_STRETCHES:
        return long_enough
    chosen = (np.arange(MOST_STRETCHES) + 0.5) * len(long_enough) / MOST_STRETCHES
    return [long_enough[int(k)] for k in chosen]


def estimate_variances(
    runs: list[NDArray[np.float64]], trend: bool, given: NDArray[np.float64], name: Any
) -> NDArray[np.float64]:
    """Fill the NaN among ``given`` (r, q_level, for a trend q_slope) with their estimates.

    ``runs`` are the stretches, each with at least 4 numbers, not all of them constant.
    """
    steps = np.concatenate([np.diff(run[~np.isnan(run)]) for run in runs])
    largest = float(np.abs(steps).max())
    scale = largest * float(np.sqrt(np.mean(np.square(steps / largest))))
    if not SMALLEST < scale < 1 / SMALLEST:
        raise InvalidLogError(
            f"channel {name!r} must have steps between samples whose square is a number; got steps "
            f"of {scale:g}. Bring it to another unit"
        )
    models = [_model((run - run[~np.isnan(run)][0]) / scale, trend) for run in runs]
    free = np.isnan(given)
    known = given / scale**2
    limits = np.array(LIMITS[: given.size])
    if trend:
        limits[1] = TREND_LEVEL_LIMITS

    def cost(logs: NDArray[np.float64]) -> float:
        variances = known.copy()
        variances[free] = np.exp(logs)
        return -sum(model.loglike(variances) for model in models)

    starts = [np.log(start)[free] for start in STARTS[trend]]
    found = _minimum(cost, starts, np.log(limits[free]), name)
    variances = given.copy()
    variances[free] = np.exp(found) * scale**2
    return variances


def _model(values: NDArray[np.float64], trend: bool) -> Any:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    level = "local linear trend" if trend else "local level"
    return UnobservedComponents(values, level=level, use_exact_diffuse=True)


def _minimum(
    cost: Any, starts: list[NDArray[np.float64]], limits: NDArray[np.float64], name: Any
) -> NDArray[np.float64]:
    """The best of the minima found from the starts; warns when the search did not settle."""
    from scipy.optimize import minimize

    found = [minimize(cost, start, method="L-BFGS-B", bounds=limits) for start in starts]
    best = min(found, key=lambda one: one.fun)
    if not best.success:
        best = minimize(cost, best.x, method="Nelder-Mead", bounds=limits)
    if not best.success:
        warnings.warn(
            f"the variances of channel {name!r} did not converge ({best.message}); the best ones "
            "so far are used. Give process_variance and measurement_variance",
            ConvergenceWarning,
            stacklevel=2,
        )
    return np.asarray(best.x)
