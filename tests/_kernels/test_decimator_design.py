from fractions import Fraction

import numpy as np
import pytest
from scipy.signal import freqz

from signalprep._kernels._decimator_design import decimator_edges, decimator_taps

RATIONAL = [Fraction(3, 2), Fraction(4, 3), Fraction(10, 3), Fraction(10, 9), Fraction(100, 99)]


@pytest.mark.parametrize("factor", [2, 3, 5, 10, 50, *RATIONAL])
def test_frequency_response(factor):
    up = factor.denominator
    taps = decimator_taps(factor) / up
    nyquist = np.pi / factor.numerator
    pass_band = np.linspace(0.0, 0.8 * nyquist, 4000)
    stop_band = np.linspace(nyquist, np.pi, 40000)
    ripple = 20 * np.log10(np.abs(freqz(taps, worN=pass_band)[1]))
    leak = 20 * np.log10(np.abs(freqz(taps, worN=stop_band)[1]).max())
    assert np.abs(ripple).max() <= 0.05
    assert leak <= -80.0
    assert taps.size % 2 == 1
    np.testing.assert_allclose(taps, taps[::-1], atol=1e-16)
    assert abs(taps.sum() - 1.0) < 1e-14
    assert taps.size // 2 % up == 0
    if up > 1:
        np.testing.assert_allclose([taps[k::up].sum() * up for k in range(up)], 1.0, rtol=1e-14)


def test_factor_one_is_the_identity():
    np.testing.assert_array_equal(decimator_taps(1), [1.0])
    assert decimator_edges(decimator_taps(1), 1, True).shape == (0, 1)


@pytest.mark.parametrize("factor", [2, 5, 10])
@pytest.mark.parametrize("causal", [True, False])
def test_edges_are_symmetric_and_tame(factor, causal):
    taps = decimator_taps(factor)
    edges = decimator_edges(taps, factor, causal)
    reach = taps.size - 1 if causal else taps.size // 2
    assert (edges.shape[0] - 1) * factor < reach <= edges.shape[0] * factor
    check_sums(edges)
    for m, row in enumerate(edges):
        n_taps = m * factor + 1 if causal else 2 * m * factor + 1
        assert not row[n_taps:].any()
        np.testing.assert_allclose(row[:n_taps], row[:n_taps][::-1], atol=1e-15)
    assert edges[0, 0] == 1.0


@pytest.mark.parametrize("factor", RATIONAL)
@pytest.mark.parametrize("causal", [True, False])
def test_edges_between_samples_are_tame(factor, causal):
    edges = decimator_edges(decimator_taps(factor), factor, causal)
    check_sums(edges)
    assert edges[0, 0] == 1.0
    up = factor.denominator
    if not causal:  # the straight line between the samples beside it
        late = np.arange(1, up) / up
        np.testing.assert_allclose(edges[1:up, :2], np.column_stack([late, 1 - late]), rtol=1e-12)


def check_sums(edges):
    for row in edges:
        assert abs(row.sum() - 1.0) < 1e-14
        assert np.abs(row).sum() < 2.5  # most that noise can be amplified
