"""Coefficients of Savitzky-Golay filters from Gram polynomials.

The Gram polynomials p_0 ... p_m are orthogonal on n equally spaced points t = -(n-1)/2 ... (n-1)/2.
With p_0 = 1,

    p_(j+1)(t) = t p_j(t) - b_j p_(j-1)(t),    b_j = j^2 (n^2 - j^2) / (4 (4 j^2 - 1)),    sum_t
    p_j(t)^2 = n b_1 ... b_j,

and the least-squares polynomial of order m through x, differentiated d times, is sum_i h_i x_i at t
with

    h_i = sum_j p_j(t_i) p_j^(d)(t) / (sum p_j^2).

No system of equations is solved, so the coefficients are good to rounding where normal equations
lose all digits.

Source: P. A. Gorry, General least-squares smoothing and differentiation by the convolution
(Savitzky-Golay) method, Analytical Chemistry 62 (1990), doi:10.1021/ac00205a007.
"""

import numpy as np
from numpy.typing import NDArray


def _gram(n: int, order: int, deriv: int) -> tuple[NDArray[np.longdouble], NDArray[np.longdouble]]:
    """Normalised polynomials and their ``deriv``-th derivatives: two arrays (order + 1, n)."""
    t = np.arange(n, dtype=np.longdouble) - np.longdouble(n - 1) / 2
    previous = np.zeros((deriv + 1, n), dtype=np.longdouble)
    current = np.zeros((deriv + 1, n), dtype=np.longdouble)
    current[0] = 1
    squares = np.longdouble(n)
    values = np.empty((order + 1, n), dtype=np.longdouble)
    derivatives = np.empty((order + 1, n), dtype=np.longdouble)
    times = np.arange(1, deriv + 1, dtype=np.longdouble)[:, np.newaxis]
    step = np.longdouble(0)
    for j in range(order + 1):
        values[j] = current[0] / np.sqrt(squares)
        derivatives[j] = current[deriv] / np.sqrt(squares)
        following = t * current - step * previous
        following[1:] += times * current[:-1]
        previous, current = current, following
        step = np.longdouble((j + 1) ** 2 * (n**2 - (j + 1) ** 2)) / (4 * (4 * (j + 1) ** 2 - 1))
        squares = squares * step
    return values, derivatives


def _rows(
    n: int, polyorder: int, deriv: int, sample_time: float, positions: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Coefficients (positions, n): the fit through n samples at positions, 0 the oldest."""
    order = min(polyorder, n - 1)
    if deriv > order:
        return np.zeros((positions.size, n))
    if deriv == 0 and order == n - 1:  # interpolation: the samples themselves
        return np.eye(n)[positions]
    values, derivatives = _gram(n, order, deriv)
    rows = derivatives[:, positions].T @ values / np.longdouble(sample_time) ** deriv
    return np.ascontiguousarray(rows, dtype=np.float64)


def symmetric_factors(
    window: int, polyorder: int, deriv: int = 0, sample_time: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """``symmetric_rows`` as a product: (window, order + 1) times (order + 1, window).

    The second factor takes the coefficients of the polynomial from the samples, the first one its
    values, or derivatives, from these: much less work for all positions of a long window.
    """
    values, derivatives = _gram(window, polyorder, deriv)
    shapes = derivatives.T / np.longdouble(sample_time) ** deriv
    return (
        np.ascontiguousarray(shapes, dtype=np.float64),
        np.ascontiguousarray(values, dtype=np.float64),
    )


def causal_taps(
    window: int, polyorder: int, deriv: int = 0, sample_time: float = 1.0
) -> NDArray[np.float64]:
    """Coefficients for the newest of the last samples: for one sample, then for two, and so on.

    Those for n samples, oldest first, are of order min(polyorder, n - 1); where that is less than
    ``deriv`` they are zero. The last ``window`` of them are the filter.
    """
    sizes = range(1, window + 1)
    rows = [_rows(n, polyorder, deriv, sample_time, np.array([n - 1]))[0] for n in sizes]
    return np.concatenate(rows)


def symmetric_rows(
    window: int, polyorder: int, deriv: int = 0, sample_time: float = 1.0
) -> NDArray[np.float64]:
    """Coefficients for each position of one full window, shape (window, window).

    Row window // 2 is the filter; the rows above and below it give the first and the last window //
    2 samples of a segment from its first and its last full window.
    """
    return _rows(window, polyorder, deriv, sample_time, np.arange(window))
