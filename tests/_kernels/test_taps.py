import numpy as np
import pytest

from signalprep._kernels import _taps

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 51]


def taps_and_samples(n, m, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.normal(size=n + m - 1)


def phase_by_phase(samples, factor, stride):
    """Differences of neighbours, as ``places`` says."""
    differences = np.zeros(factor * stride)
    for i, difference in enumerate(-np.diff(samples)):
        differences[i % factor * stride + i // factor] = difference
    return differences


@pytest.mark.parametrize("n", SIZES)
def test_sums_equal_the_definition(n):
    taps, window = taps_and_samples(n, 1)
    expected = np.sum(taps * (window - window[-1]))
    np.testing.assert_allclose(_taps.sum_taps(taps, window), expected, atol=1e-13)
    if n % 2 == 1:
        taps = taps + taps[::-1]
        expected = np.sum(taps * (window - window[n // 2]))
        np.testing.assert_allclose(_taps.sum_symmetric_taps(taps, window), expected, atol=1e-13)


@pytest.mark.parametrize("factor", [1, 3])
@pytest.mark.parametrize("n", SIZES)
def test_block_gives_each_sum_bit_by_bit(n, factor):
    m = 9
    taps, samples = taps_and_samples(n, (m - 1) * factor + 1)
    stride = 100
    differences = phase_by_phase(samples, factor, stride)
    where = _taps.places(n, factor, stride)
    windows = [samples[j * factor : j * factor + n] for j in range(m)]
    totals = np.empty(m + _taps.LANES)
    _taps.sum_taps_of_block(_taps.running_sums(taps), differences, where, totals, m)
    np.testing.assert_array_equal(totals[:m], [_taps.sum_taps(taps, window) for window in windows])
    if n % 2 == 1:
        taps = taps + taps[::-1]
        weights = _taps.running_sums(taps)
        _taps.sum_symmetric_taps_of_block(weights, differences, where, totals, m)
        expected = [_taps.sum_symmetric_taps(taps, window) for window in windows]
        np.testing.assert_array_equal(totals[:m], expected)


@pytest.mark.parametrize("step", [1, 3])
@pytest.mark.parametrize("n_rows", [1, 2, 3, 7, 8, 9, 20, 51])
def test_rows_give_each_sum_bit_by_bit(n_rows, step):
    sizes = np.arange(n_rows) * step + 1
    rows = np.random.default_rng(1).normal(size=(n_rows, sizes[-1]))
    samples = np.random.default_rng(2).normal(size=sizes[-1])
    weights = _taps.rows_of_running_sums(rows, sizes)
    for seen in range(1, n_rows + 1):  # of fewer samples, fewer rows
        n = sizes[seen - 1]
        totals = np.empty(seen + _taps.LANES)
        _taps.sum_rows(weights, samples, n, totals, seen, step)
        expected = [_taps.sum_taps(rows[i, : sizes[i]], samples[: sizes[i]]) for i in range(seen)]
        np.testing.assert_array_equal(totals[:seen], expected)


@pytest.mark.parametrize("n", SIZES)
def test_a_constant_sums_to_zero(n):
    taps = np.random.default_rng(3).normal(size=n)
    assert _taps.sum_taps(taps, np.full(n, 0.1)) == 0.0
    assert _taps.sum_symmetric_taps(taps, np.full(n, 0.1)) == 0.0
