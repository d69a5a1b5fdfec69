"""Pairs of cycles worth comparing among very many: which windows count, and which cycles meet."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.model_selection._drive_candidates import _windows, candidates


def summed(values):
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))


def walk(seed, n=700):
    steps = np.random.default_rng(seed).normal(size=(2, n))
    return np.cumsum(steps, axis=1) - 0.02 * np.arange(n)


def drives(n=6, copied=None, lag=40, length=700):
    """Walks of which one holds another, some rows later."""
    parts = [walk(k, length) for k in range(n)]
    if copied is not None:
        one, other = copied
        parts[other] = np.concatenate([walk(99, lag), parts[one][:, : length - lag]], axis=1)
    return [summed(part) for part in parts]


@pytest.mark.parametrize("copied", [None, (2, 5), (4, 1)])
@pytest.mark.parametrize("lag", [0, 43])
def test_two_recordings_of_one_drive_meet(copied, lag):
    sums = drives(copied=copied, lag=lag)
    expected = [] if copied is None else [tuple(sorted(copied))]
    assert candidates(sums, range(6)) == expected
    if copied is not None:
        assert candidates(sums, [k for k in range(6) if k != copied[0]]) == []


def test_a_short_cycle_meets_the_long_one_it_was_cut_from():
    sums = drives(4, length=1500)
    sums.append(summed(walk(1, 1500)[:, 300:900]))
    assert candidates(sums, range(5)) == [(1, 4)]


def shown(values, everywhere):
    planes = np.eye(64)[:, :3]
    return _windows({7: np.atleast_2d(values)}, [7], 0, planes, everywhere)


def test_windows_at_every_eighth_block_or_at_some_places():
    values = walk(0)[0]
    kept, asked = shown(values, True), shown(values, False)
    assert kept.starts.tolist() == list(range(0, 637, 8))
    assert kept.places.tolist() == list(range(len(kept.starts)))
    assert set(kept.cycles) == {7}
    first = np.linspace(0, 637 - 8, 24)
    assert asked.starts.tolist() == [int(one + k) for one in first for k in range(8)]
    assert asked.places.tolist() == np.repeat(range(24), 8).tolist()


def test_the_number_of_a_window_tells_on_which_side_of_each_plane_it_lies():
    values = np.zeros(64 + 7)
    values[:3] = 30.0, -30.0, 20.0
    (number,) = shown(values, True).numbers[:1]
    assert number == 1 + 4, "the first and the third are above the mean"
    for n, count in [(71, 1), (70, 0)]:
        assert len(shown(np.r_[30.0, np.zeros(n - 1)], True).numbers) == count


@pytest.mark.parametrize(("size", "counts"), [(2.6, True), (2.5, False)])
def test_windows_in_which_nothing_happens_do_not_count(size, counts):
    """One value of 64: its variance is a tenth at 2.55."""
    values = np.zeros(71)
    values[10] = size
    found = shown(values, True)
    assert len(found.numbers) == len(found.starts) == len(found.places) == int(counts)
