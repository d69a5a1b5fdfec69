import numpy as np
import pytest
from scipy.signal import savgol_coeffs

from naive import exact_fit, published_smoothing_coefficients
from signalprep._kernels._savgol_coefficients import (
    causal_taps,
    symmetric_factors,
    symmetric_rows,
)


def split(taps):
    """The coefficients for one sample, for two, and so on."""
    window = round((2 * taps.size) ** 0.5 - 0.5)
    return np.split(taps, np.cumsum(np.arange(1, window)))


@pytest.mark.parametrize(
    ("window", "polyorder", "deriv"),
    [(11, 3, 0), (11, 3, 1), (101, 4, 0), (101, 4, 2), (251, 5, 0), (251, 5, 1),
     (11, 9, 0), (9, 8, 3)],
)  # fmt: skip
def test_against_exact_fractions(window, polyorder, deriv):
    causal = split(causal_taps(window, polyorder, deriv))
    symmetric = symmetric_rows(window, polyorder, deriv)
    growing = [
        n for n in (1, 2, polyorder, polyorder + 1, polyorder + 2, window // 2) if n < window
    ]
    cases = [(causal[n - 1], n, n - 1) for n in (*growing, window)]
    cases += [(symmetric[p], window, p) for p in (0, 1, window // 2, window - 1)]
    for row, n, position in cases:
        exact = np.array([float(value) for value in exact_fit(n, polyorder, position, deriv)])
        if deriv > min(polyorder, n - 1):
            exact = np.zeros(n)
        scale = max(1.0, np.abs(exact).max())
        np.testing.assert_allclose(row, exact, rtol=0, atol=1e-14 * scale)


@pytest.mark.parametrize("window", [5, 7, 25])
def test_published_closed_forms(window):
    k = window // 2
    smoothing = symmetric_rows(window, 2)[k]
    slope = symmetric_rows(window, 1, 1)[k]
    np.testing.assert_allclose(smoothing, published_smoothing_coefficients(window), atol=1e-16)
    np.testing.assert_allclose(slope, published_smoothing_coefficients(window, 1), atol=1e-16)


@pytest.mark.parametrize("deriv", [0, 1, 2])
def test_equals_scipy_where_scipy_is_accurate(deriv):
    expected = savgol_coeffs(11, 3, deriv=deriv, delta=0.1, use="dot")
    np.testing.assert_allclose(
        symmetric_rows(11, 3, deriv, 0.1)[5], expected, rtol=1e-9, atol=1e-10
    )
    expected = savgol_coeffs(11, 3, deriv=deriv, delta=0.1, use="dot", pos=10)
    np.testing.assert_allclose(causal_taps(11, 3, deriv, 0.1)[-11:], expected, rtol=1e-9, atol=1e-9)


def test_rows_before_the_window_is_full():
    rows = split(causal_taps(9, 3))
    assert [len(row) for row in rows] == list(range(1, 10))
    for row in rows[:4]:  # order n - 1: the sample itself
        np.testing.assert_array_equal(row, np.eye(len(row))[-1])
    np.testing.assert_allclose([row.sum() for row in rows], 1.0, atol=1e-14)
    np.testing.assert_array_equal(causal_taps(9, 3, 2)[:3], 0.0)


@pytest.mark.parametrize(("window", "polyorder", "deriv"), [(11, 3, 0), (101, 4, 2), (9, 8, 3)])
def test_factors_give_the_rows(window, polyorder, deriv):
    rows = symmetric_rows(window, polyorder, deriv, 0.5)
    shapes, basis = symmetric_factors(window, polyorder, deriv, 0.5)
    assert basis.shape == (polyorder + 1, window)
    np.testing.assert_allclose(shapes @ basis, rows, rtol=0, atol=1e-14 * np.abs(rows).max())
