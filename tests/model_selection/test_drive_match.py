"""How alike two cycles are: blocks, lags and likeness, held to plain sums over samples."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from signalprep.model_selection._drive_candidates import Windows, _meetings, _pairs
from signalprep.model_selection._drive_evidence import chance, is_copy
from signalprep.model_selection._drive_match import (
    _correlation,
    _evidence,
    _judged,
    _likeness,
    _means,
    _upper_quartile,
    _without_trend,
    coarse,
    fft_length,
    level_of,
    match,
    moves,
    searched_channels,
)
from signalprep.model_selection._same_rows import same_rows


def summed(values):
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))


@pytest.mark.parametrize(
    ("shorter", "longer", "level"),
    [
        *((512, 600, 0), (1023, 1023, 0), (1024, 1024, 1), (4096, 4096, 3), (100, 16_384, 0)),
        *((100, 16_385, 0), (128, 16_385, 1), (256, 65_536, 2), (2048, 65_536, 2), (1, 1, 0)),
    ],
)
def test_samples_of_a_block(shorter, longer, level):
    assert level_of(shorter, longer) == level


def test_blocks_are_means_without_their_moving_mean():
    values = np.random.default_rng(0).normal(size=(2, 103)) + 5.0
    means = _means(summed(values), 3, 10, 10)
    np.testing.assert_allclose(means, values[:, 3:].reshape(2, 10, 10).mean(axis=2))
    long = np.random.default_rng(1).normal(size=(2, 90))
    plain = np.array(
        [[row[k] - row[max(k - 16, 0) : min(k + 16, 90)].mean() for k in range(90)] for row in long]
    )
    np.testing.assert_allclose(
        _without_trend(long), plain / np.sqrt(np.mean(plain**2, axis=1, keepdims=True))
    )
    still = np.full((1, 90), 7.0)
    still[0, 40] += 1e-10
    assert not _without_trend(still).any(), "rounding is no movement"
    assert _evidence(np.array([[1.0, -1, 1, -1], [1, 0, 0, 0], [0, 0, 0, 0]])).tolist() == [4, 1, 0]
    quartiles = _upper_quartile(np.array([[0.1], [0.5], [0.9], [0.3], [0.7]]))
    assert quartiles.tolist() == [0.7]
    assert _upper_quartile(np.array([[0.1], [0.5]])).tolist() == [0.1]
    assert _upper_quartile(np.array([[0.4]])).tolist() == [0.4]


def test_whether_a_cycle_can_be_told():
    rng = np.random.default_rng(0)
    signs = np.sign(rng.normal(size=(2, 64)))
    assert moves(summed(signs), 1)
    assert not moves(summed(signs[:, 1:]), 1)
    one = rng.normal(size=(2, 300))
    one[1] = 3.0
    assert moves(summed(one), 1)
    assert not moves(summed(one), 2)


def test_the_smoothest_channels_search():
    rng = np.random.default_rng(0)
    smooth = [np.convolve(rng.normal(size=420), np.ones(k + 1), "valid")[:400] for k in range(18)]
    tables = [summed(np.array(smooth)), summed(np.array(smooth)[:, ::-1])]
    assert searched_channels(tables, 0).tolist() == list(range(2, 18))
    assert fft_length(500) >= 1000


def test_likeness_at_each_lag_is_the_correlation_of_what_overlaps():
    rng = np.random.default_rng(3)
    drive = rng.normal(size=(1, 300))
    a, b = summed(drive[:, :260]), summed(drive[:, 40:] + 0.1 * rng.normal(size=(1, 260)))
    n_fft = fft_length(260)
    parts = [coarse(one, np.array([0]), 0, n_fft, 0.5) for one in (a, b)]
    lags, likeness = _likeness(*parts, n_fft, 0.5)
    assert (lags[0], lags[-1]) == (130 - 260, 260 - 130)
    x, y = (_without_trend(np.diff(one)) for one in (a, b))
    for lag in (-130, -7, 0, 40, 130):
        one, other = x[0, max(lag, 0) : 260 + min(lag, 0)], y[0, max(-lag, 0) : 260 - max(lag, 0)]
        expected = np.sum(one * other) / np.sqrt(np.sum(one**2) * np.sum(other**2))
        assert likeness[list(lags).index(lag)] == pytest.approx(expected, abs=1e-9)
    assert lags[np.argmax(likeness)] == 40
    found = match(a, b, *parts, 0, n_fft, 0.5, 1, 1)
    assert (found.lag, found.overlap, found.n_channels) == (40, 220, 1)
    assert 0.97 < found.similarity < 1.0
    assert found.copy
    back = match(b, a, *parts[::-1], 0, n_fft, 0.5, 1, 1)
    assert (back.lag, back.overlap) == (-40, 220)
    assert match(a, b, *parts, 0, n_fft, 0.5, 1, 2) is None, "two channels must agree"
    judged = _judged(a, b, 197, 1)
    assert (judged.similarity, judged.overlap, judged.n_channels) == (-1.0, 63, 0)
    assert _judged(a, b, 196, 1).n_channels in (0, 1)
    assert _judged(a, b, -5, 1).overlap == 255


def test_what_chance_reaches():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 400)), rng.normal(size=(2, 400))
    found = chance(x, y, 100, 10)
    energy = np.sum(x**2, axis=1) * np.sum(y**2, axis=1)
    blocks = energy / np.sum(x**2 * y**2, axis=1)
    for k in range(2):
        own = [np.correlate(v[k], v[k], "full")[399:463] / np.sum(v[k] ** 2) for v in (x, y)]
        width = max(1 + 2 * np.sum((own[0] * own[1])[1:]), 1.0)
        freedom = max(blocks[k] / width - 3, 1.0)
        expected = np.tanh(norm.isf(0.01 / (10 * max(100 / width, 1))) / np.sqrt(freedom))
        assert found[k] == pytest.approx(expected)


def test_copies_differ_by_a_line_and_by_noise_without_shape():
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.normal(size=(2, 500)), axis=1)
    deviation = x.std(axis=1, keepdims=True)
    assert is_copy(x, 2.0 * x + 5.0)
    assert is_copy(x, x + 0.2 * deviation * rng.normal(size=x.shape))
    assert not is_copy(x, x + 0.2 * deviation * np.sin(np.arange(500) / 20))
    assert is_copy(x, x + 0.02 * deviation * np.sin(np.arange(500) / 20))
    noisy = x + 0.2 * deviation * rng.normal(size=x.shape)
    for off, same in [(0.04, True), (0.07, False)]:
        level = x.mean(axis=1, keepdims=True) - noisy.mean(axis=1, keepdims=True)
        assert is_copy(x, noisy + level + off * deviation) is same
    still = np.vstack([x, np.zeros((1, 500))])
    assert is_copy(still, still)


def test_windows_that_meet():
    index = Windows(
        np.array([5, 7, 5]), np.array([0, 0, 1]), np.array([8, 16, 24]), np.zeros(3, int)
    )
    asked = Windows(np.array([5, 7]), np.array([1, 0]), np.array([20, 3]), np.array([2, 4]))
    found = _meetings(index, asked, 1)
    assert found.T.tolist() == [[0, 1, -12, 2 + 24 * (1 + 2)]]
    crowd = Windows(np.full(17, 5), np.arange(17) + 2, np.zeros(17, int), np.zeros(17, int))
    assert _meetings(crowd, asked, 0).shape == (4, 0)
    fewer = Windows(*(part[:16] for part in crowd))
    assert _meetings(fewer, asked, 0).shape == (4, 16)


def test_pairs_meet_at_several_places_at_one_lag():
    def meetings(n, spread=0, places=None):
        lags = 100 + np.arange(n) % (spread + 1)
        own = np.arange(n) if places is None else np.arange(n) % places
        return np.array([np.zeros(n, int), np.ones(n, int), lags, own])

    assert _pairs(meetings(24)) == {(0, 1)}
    assert _pairs(meetings(23)) == set()
    assert _pairs(meetings(60, places=23)) == set(), "a place counts once"
    assert _pairs(meetings(60, spread=30)) == set()
    assert _pairs(meetings(48, spread=1)) == {(0, 1)}
    assert _pairs(np.empty((4, 0), dtype=int)) == set()


def test_rows_that_occur_in_two_cycles():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(40, 2)), rng.normal(size=(30, 2))
    cut = np.concatenate([rng.normal(size=(5, 2)), one[10:35]])
    values = np.concatenate([one, other, cut])
    ids = np.repeat([0, 1, 2], [40, 30, 30])
    time = np.concatenate([np.arange(40.0), np.arange(30.0), np.arange(30.0)])
    index = pd.MultiIndex.from_arrays([ids, time], names=["cycle", "time"])
    log = pd.DataFrame(values, index=index)
    (pair,) = same_rows(log, 0.5)
    assert pair == (0, 2)
    found = same_rows(log, 0.5)[pair]
    assert (found.lag, found.overlap, found.similarity) == (5, 25, 1.0)
    assert (found.n_channels, found.copy) == (2, True)
    assert list(same_rows(log, 18 / 23)) == [(0, 2)]
    assert same_rows(log, 18.1 / 23) == {}
    still = log.copy()
    still.iloc[:] = 1.0
    assert same_rows(still, 0.5) == {}
    assert same_rows(log.iloc[:5], 0.5) == {}
    assert _correlation(np.array([[1.0, -1]]), np.array([[2.0, -2]])).tolist() == [1.0]
