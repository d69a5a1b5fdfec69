"""Statistics of a log that steps are known to learn, by name."""

from __future__ import annotations

from itertools import product

import numpy as np

QUANTILES = (0.1, 0.5, 1, 2, 2.5, 5, 10, 25, 50, 75, 90, 95, 97.5, 98, 99, 99.5, 99.9)
TIMES = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
FENCES = (1.5, 2.0, 2.2, 3.0)


def moments(values: np.ndarray) -> dict[str, float]:
    """Mean, standard deviation and variance, of all rows and as an estimate."""
    found = {"mean": float(values.mean())}
    for ddof in (0, 1):
        found[f"standard deviation (ddof={ddof})"] = float(values.std(ddof=ddof))
        found[f"variance (ddof={ddof})"] = float(values.var(ddof=ddof))
    return found


def statistics(values: np.ndarray) -> dict[str, float]:
    """Moments, quantiles and the usual outlier limits; extremes of the channel are left out.

    A limit at the largest value seen may be the end of the sensor's range.
    """
    found = moments(values)
    mean = found["mean"]
    for ddof, times, sign in product((0, 1), TIMES, (-1, 1)):
        deviation = found[f"standard deviation (ddof={ddof})"]
        name = f"mean {'+' if sign > 0 else '-'} {times:g} standard deviations"
        found[f"{name} (ddof={ddof})"] = mean + sign * times * deviation
    levels = dict(zip(QUANTILES, np.percentile(values, QUANTILES).tolist(), strict=True))
    for percent, value in levels.items():
        found[f"{percent:g} % quantile"] = value
    range_ = levels[75] - levels[25]
    found["interquartile range"] = range_
    for fence in FENCES:
        found[f"lower quartile - {fence:g} interquartile ranges"] = levels[25] - fence * range_
        found[f"upper quartile + {fence:g} interquartile ranges"] = levels[75] + fence * range_
    deviation = float(np.median(np.abs(values - levels[50])))
    found["median absolute deviation"] = deviation
    for times, sign in product(TIMES, (-1, 1)):
        name = f"median {'+' if sign > 0 else '-'} {times:g} scaled median deviations"
        found[name] = levels[50] + sign * times * 1.4826 * deviation
    ends = {float(values.min()), float(values.max())}
    return {name: value for name, value in found.items() if value not in ends}


def is_odd(value: float) -> bool:
    """Whether a number has so many digits that nobody would have set it by hand."""
    return len(f"{abs(value):.12g}".replace(".", "").strip("0").split("e")[0]) >= 6
