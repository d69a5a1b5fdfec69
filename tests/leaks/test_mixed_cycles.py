"""Cycles that are means of two others: whatever the channels' sizes, and however few there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from signalprep.leaks._mixed_cycles import _on_lines_through, mixed_cycles
from signalprep.trial import Case

EVERY = np.ones((9, 9), dtype=bool)


def case(parts):
    """Cycles as arrays of two channels and the target."""
    lengths = [len(part) for part in parts]
    cycle = np.repeat(range(len(parts)), lengths)
    time = np.concatenate([np.arange(float(n)) for n in lengths])
    index = pd.MultiIndex.from_arrays([cycle, time], names=["cycle", "time"])
    values = pd.DataFrame(np.concatenate(parts), index, columns=["a", "b", "y"])
    return Case(None, values[["a", "b"]], values["y"], [], "cv")


def found(parts, apart=EVERY):
    return [(cycle, {one, other}) for cycle, one, other in mixed_cycles(case(parts), apart)]


def drives(n, rows=12, seed=0):
    return list(np.random.default_rng(seed).normal(size=(n, rows, 3)))


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
@pytest.mark.parametrize("weight", [0.5, 0.2])
def test_a_mean_of_two(scale, weight):
    one, other, third = drives(3)
    mixed = weight * one + (1.0 - weight) * other
    sizes = np.array([scale, 1.0, 1.0 / scale])
    parts = [part * sizes for part in (one, third, other, mixed)]
    assert found(parts) == [(3, {0, 2})]
    assert found(parts[:3]) == []
    assert found([parts[0], parts[3], parts[2]]) == [(1, {0, 2})], "of three"
    assert found(parts, ~EVERY) == [], "all on one side of the folds"
    parted = ~EVERY
    parted[3, 2] = True
    assert found(parts, parted) == [(3, {0, 2})]


def test_twelve_rows_of_two_channels_are_enough():
    one, other, third = drives(3)
    parts = [one, other, third, 0.5 * one + 0.5 * other]
    assert found([part[:11] for part in parts]) == []
    short = [third[:5], *parts]
    assert found(short) == [(4, {1, 2})], "numbered as in the log"
    flat = case(parts)
    flat = Case(None, flat.X.assign(a=1.0), pd.Series(2.0, flat.y.index), [], "cv")
    assert mixed_cycles(flat, EVERY) == []


@pytest.mark.parametrize(("off", "lies"), [(2e-11, True), (1e-9, False)])
def test_on_a_line_to_ten_digits(off, lies):
    one, other, third = drives(3)
    mixed = 0.5 * one + 0.5 * other
    mixed[5, 0] += off
    firsts = np.array([part.T for part in (one, other, third, mixed)])
    pairs = [tuple(sorted(pair)) for pair in _on_lines_through(firsts, 3)]
    assert pairs == ([(0, 1)] if lies else [])


def test_drives_that_differ_by_a_constant_lie_on_lines_of_no_worth():
    one, other, _ = drives(3)
    firsts = np.array([part.T for part in (one, one + 1.0, one - 1.0, other)])
    assert _on_lines_through(firsts, 0) == []
