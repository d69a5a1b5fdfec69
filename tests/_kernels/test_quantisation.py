"""The step of a quantised channel: exact on grids, 0 without one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalprep._kernels._quantisation import quantisation_step


def by_definition(x):
    """The words of the definition, for numbers that do not round."""
    distances = np.diff(np.unique(x[~np.isnan(x)]))
    if not len(distances):
        return 0.0
    whole = distances % distances.min() == 0
    return distances.min() if whole.mean() >= 0.9 else 0.0


@given(
    st.lists(st.integers(-3000, 3000), min_size=1, max_size=60),
    st.sampled_from([1.0, 0.25, 3.0, 2.0**-12, 2.0**20]),
    st.booleans(),
)
@settings(deadline=None)
def test_follows_the_definition_where_numbers_do_not_round(codes, lsb, holed):
    x = np.array(codes) * lsb
    x = np.append(x, np.nan) if holed else x
    assert quantisation_step(x) == by_definition(x)
    assert quantisation_step(x.astype(np.float32)) == by_definition(x)


@pytest.mark.parametrize("n", [300, 100_000])
@pytest.mark.parametrize("lsb", [0.1, 0.01, 1e-3, 1 / 3, 360 / 65536, 7e-5])
@pytest.mark.parametrize("offset", [0, 40_000])
def test_multiples_of_a_step_that_rounds(n, lsb, offset):
    codes = np.random.default_rng(n).integers(-500, 500, n) + offset
    for x in (lsb * codes, codes / (1 / lsb), codes * np.float64(3.0) * lsb / 3.0):
        assert quantisation_step(x) == pytest.approx(lsb, rel=1e-9)


@pytest.mark.parametrize("lsb", [0.1, 0.5, 1 / 3])
def test_single_precision_and_what_was_read_from_it(lsb):
    x = (lsb * np.random.default_rng(0).integers(0, 65536, 50_000)).astype(np.float32)
    for values in (x, x.astype(np.float64)):
        assert quantisation_step(values) == pytest.approx(lsb, rel=0.01)


@pytest.mark.parametrize("n", [50, 5000, 100_000])
def test_no_grid(n):
    rng = np.random.default_rng(n)
    for x in (rng.normal(size=n), np.cumsum(rng.normal(size=n)), np.sin(0.01 * np.arange(n))):
        assert quantisation_step(x) == 0.0


@pytest.mark.parametrize(("share", "step"), [(0.02, 1.0), (0.1, 1.0), (0.12, 0.0)])
def test_nine_in_ten_distances_must_be_multiples(share, step):
    n = 2000
    x = np.arange(n) * 1.0
    distances = np.random.default_rng(0).uniform(100.2, 100.8, round(share * n))
    assert quantisation_step(np.append(x, n + np.cumsum(distances))) == step


def test_few_values():
    assert quantisation_step(np.array([])) == 0.0
    assert quantisation_step(np.array([np.nan, 3.0])) == 0.0
    assert quantisation_step(np.full(10, 0.1)) == 0.0
    assert quantisation_step(np.array([0.0, 0.0, 5.0])) == 5.0
    assert quantisation_step(np.array([0.1 + 0.2, 0.3, 0.4])) == pytest.approx(0.1)
    assert quantisation_step(np.array([1e300, -1e300])) == 2e300


@pytest.mark.parametrize("bits", [16, 20, 24])
def test_many_distinct_codes(bits):
    codes = np.random.default_rng(bits).integers(0, 2**bits, 200_000)
    assert quantisation_step(0.001 * codes) == pytest.approx(0.001)


def test_the_input_is_left_alone():
    x = np.array([3.0, 1.0, 2.0])
    x.flags.writeable = False
    assert quantisation_step(x) == 1.0
