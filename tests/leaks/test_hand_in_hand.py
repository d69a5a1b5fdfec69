"""Cycles of which each row lies beside a row of another: which pairs are tried, what tells."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.leaks._hand_in_hand import _candidates, _is_rare, _shape_away, _telling, _usual


def flat(*firsts, rows=21):
    return [np.full((1, rows), first) for first in firsts]


@pytest.mark.parametrize(
    ("lengths", "tried"),
    [((21, 21), True), ((21, 22), True), ((22, 21), True), ((21, 23), False), ((20, 21), False)],
)
def test_pairs_of_equal_length(lengths, tried):
    parts = [np.zeros((2, n)) for n in lengths]
    assert _candidates(parts) == ({(0, 1)} if tried else set())


def test_pairs_that_begin_next_to_each_other():
    assert _candidates(flat(*range(14))) == {
        (a, b) for a in range(14) for b in range(a + 1, 14) if b - a <= 12
    }
    assert _candidates(flat(2.0, 0.0, 1.0)) == {(0, 1), (0, 2), (1, 2)}
    assert _candidates(flat(0.0)) == set()


def test_the_size_that_most_values_do_not_exceed():
    assert _usual(np.array([[-4.0, 1, 2, 3, 0], [0, 0, 0, 0, 9.0]])).tolist() == pytest.approx(
        [3.2, 1.8]
    )


def pair(channels=3, rows=200, part=0.5, noise=0.0, seed=0):
    """Smooth channels, and the same a part of a step on, with some noise (of a step)."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 6, size=(channels, 1))
    rate = rng.uniform(0.05, 0.15, size=(channels, 1))
    place = np.arange(float(rows))
    a, b = np.sin(rate * place + phase), np.sin(rate * (place + part) + phase)
    return a, b + noise * np.abs(np.diff(a)).max() * rng.normal(size=b.shape)


@pytest.mark.parametrize(("part", "told"), [(0.5, True), (-0.5, True), (0.9, True), (1.3, False)])
def test_no_channel_is_farther_than_its_own_next_row(part, told):
    assert _telling(*pair(part=part)).tolist() == [told] * 3


def test_what_is_left_is_noise_and_no_drift():
    a, b = pair(noise=0.2)
    assert _telling(a, b).all()
    drift = b.copy()
    drift[1] += 0.3 * np.abs(np.diff(a[1])).max() * np.sin(np.arange(200) / 15.0)
    assert not _telling(a, drift).any()
    little = b.copy()
    little[1] = pair()[1][1] + 0.02 * np.abs(np.diff(a[1])).max() * np.sin(np.arange(200) / 15.0)
    assert _telling(a, little).all(), "a drift of no size"


def test_channels_that_tell():
    a, b = pair()
    same = np.vstack([b[:2], a[2:]])
    assert _telling(a, same).tolist() == [True, True, False], "one the same to the last digit"
    assert not _telling(a[:2], same[1:]).any(), "one channel tells"
    a[0] = b[0] = 1.0
    assert _telling(a, b).tolist() == [False, True, True]
    a[0] = np.random.default_rng(0).normal(size=200)
    assert _telling(a, b).tolist() == [False, True, True], "noise is not smooth"
    assert _telling(a[:, :150], b).tolist() == [False, True, True]


@pytest.mark.parametrize(("times", "rare"), [(5.0, True), (4.9, False)])
def test_others_are_five_times_as_far(times, rare):
    shape = np.array([1.0, -1.0] * 12)
    base = np.zeros((3, 24))
    near, far = base + 0.5 * shape + 7.0, base + 0.5 * times * shape - 3.0
    telling = np.array([True, True, False])
    parts = [base, near, far, far + 1.0, base + 99.0 * shape]
    assert _is_rare(parts, 0, 1, telling) is rare
    assert not _is_rare(parts[:2], 0, 1, telling), "no others"
    assert not _is_rare(parts, 0, 1, np.array([True, False, False])), "one channel"
    assert _shape_away(base, near[:, :20]).tolist() == pytest.approx([0.5] * 3)
