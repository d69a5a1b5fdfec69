"""What the Kalman filter of a local level or local linear trend settles to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from signalprep._kernels._fade import fade_length
from signalprep.errors import InvalidParameterError

__all__ = ["memory", "model_row"]

TRANSITION = np.array([[1.0, 1.0], [0.0, 1.0]])  # level <- level + slope
FARTHEST = 1e14  # ratio of variances up to which the gain can be computed
FORGOTTEN = 1e-3  # weight of all that lies further back than `memory_`


def model_row(process: NDArray[np.float64], measurement: float, name: Any) -> NDArray[np.float64]:
    """One row of the kernel's models: q_level, q_slope, r, gain (2), p11, p12, p22.

    ``process`` holds q_level, for a trend also q_slope. Gain and variances solve the discrete
    algebraic Riccati equation.
    """
    from scipy.linalg import solve_discrete_are

    n = process.size
    ratios = process[process > 0] / measurement if measurement else np.ones(1)
    if ratios.min() < 1 / FARTHEST or ratios.max() > FARTHEST:
        raise InvalidParameterError(
            f"process_variance must lie within {1 / FARTHEST:g} to {FARTHEST:g} times "
            f"measurement_variance; channel {name!r} has {process.tolist()} and {measurement:g}"
        )
    scale = measurement or process.max()  # the gain depends on the ratios alone
    reading = np.eye(n, 1)
    try:
        predicted = scale * solve_discrete_are(
            TRANSITION[:n, :n].T, reading, np.diag(process / scale), [[measurement / scale]]
        )
    except ValueError as error:  # scipy's LinAlgError is one
        raise InvalidParameterError(
            "process_variance and measurement_variance are too far apart for a filter that settles:"
            f" channel {name!r} has {process.tolist()} and {measurement:g} ({error})"
        ) from error
    gain = predicted[:, 0] / (predicted[0, 0] + measurement)
    variance = predicted - np.outer(gain, predicted[0])
    row = np.zeros(8)
    row[:n] = process
    row[2] = measurement
    row[3 : 3 + n] = gain
    row[5] = gain[0] * measurement
    if n > 1:
        row[6], row[7] = gain[1] * measurement, variance[1, 1]
    return row


def memory(row: NDArray[np.float64], trend: bool, lag: int, slope: bool = False) -> int:
    """Samples after which all that lies further back weighs no more than 0.1 %.

    The last rows of a segment look ahead by less than ``lag`` rows and back by more, so the longest
    memory of several look-aheads counts. With ``slope`` that of the slope counts, too: its weights
    do not add up to 1, so 0.1 % of all of them in absolute value.
    """
    n = 2 if trend else 1
    gain = row[3 : 3 + n]
    fading = (np.eye(n) - np.outer(gain, np.eye(n)[0])) @ TRANSITION[:n, :n]
    aheads = np.unique(np.linspace(0, lag, 9).astype(int))
    lengths = [
        fade_length(fading, gain, reading, FORGOTTEN, relative=component == 1)
        for component in (0, 1)[: 1 + slope]
        for reading in _readings(row, fading, lag, component)[aheads]
    ]
    return max(lengths)


def _readings(
    row: NDArray[np.float64], fading: NDArray[np.float64], lag: int, component: int
) -> NDArray[np.float64]:
    """How the level (0) or slope (1), smoothed by 0 to ``lag`` later rows, reads both as filtered.

    Later samples correct it by their surprise, which in turn goes back to what was filtered.
    """
    n = len(fading)
    readings = np.tile(np.eye(n)[component], (lag + 1, 1))
    smoother = _smoother_gain(row, n)
    correction, prediction = smoother @ row[3 : 3 + n], TRANSITION[0, :n]
    for ahead in range(1, lag + 1):
        readings[ahead] = readings[ahead - 1] - correction[component] * prediction
        correction, prediction = smoother @ correction, prediction @ fading
    return readings


def _smoother_gain(row: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """J = P T' (T P T' + Q)^-1 in the steady state."""
    variance = np.array([[row[5], row[6]], [row[6], row[7]]])[:n, :n]
    transition = TRANSITION[:n, :n]
    predicted = transition @ variance @ transition.T + np.diag(row[:n])
    return np.asarray(np.linalg.solve(predicted, transition @ variance).T)
