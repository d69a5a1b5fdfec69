"""How long a linear recursion remembers."""

import numpy as np
from numpy.typing import ArrayLike

_POINTS = 1 << 17  # of a response that are looked at


def fade_length(
    transition: ArrayLike,
    entry: ArrayLike,
    reading: ArrayLike,
    forgotten: float,
    relative: bool = False,
) -> int:
    """Samples after which the past weighs little in s <- A s + b x, output c s.

    The least n, to about one part in ten thousand, such that the weights of all samples from n rows
    back on, ``h_i = c A^i b`` for i >= n, sum to no more than ``forgotten`` in absolute value.

    Parameters
    ----------
    transition, entry, reading : array-like of shape (k, k), (k,) and (k,)
        A, b and c, real or complex; the real part of the output counts. A must fade: its
        eigenvalues lie inside the unit circle.
    forgotten : float
        Weight that is as good as none, > 0.
    relative : bool
        Whether that is a share of the sum of all weights, or a weight as it is.
    """
    matrix = np.asarray(transition)
    state = np.asarray(entry).astype(np.result_type(matrix, np.asarray(entry)))
    radius = float(np.abs(np.linalg.eigvals(matrix)).max())
    if radius >= 1.0:
        raise ValueError(f"the recursion must fade; its largest eigenvalue is {radius:.17g}")
    horizon = 64 if radius < 0.5 else int(np.ceil(np.log(forgotten * 1e-6) / np.log(radius)))
    stride = max(1, horizon // _POINTS)
    power = np.linalg.matrix_power(matrix, stride)
    states = state[:, np.newaxis]  # A^(j * stride) b, twice as many in every round
    while states.shape[1] * stride <= horizon:
        states = np.hstack([states, power @ states])
        power = power @ power
    weights = np.abs((np.asarray(reading) @ states).real)
    rest = stride * np.cumsum(weights[::-1])[::-1]  # sum of all weights from j * stride on
    limit = forgotten * rest[0] if relative else forgotten
    return int(np.argmax(rest <= limit)) * stride
