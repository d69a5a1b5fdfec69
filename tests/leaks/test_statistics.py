"""Statistics by name, each as numpy has it, and numbers that nobody sets by hand."""

from __future__ import annotations

import numpy as np
import pytest

from signalprep.leaks._statistics import is_odd, moments, statistics

VALUES = np.random.default_rng(0).gamma(2.0, size=4001)
QUARTILES = np.percentile(VALUES, [25, 50, 75])
QUANTILES = (0.1, 0.5, 1, 2, 2.5, 5, 10, 25, 50, 75, 90, 95, 97.5, 98, 99, 99.5, 99.9)
TIMES = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0)


def test_quantiles():
    found = statistics(VALUES)
    for percent in QUANTILES:
        assert found[f"{percent:g} % quantile"] == pytest.approx(np.percentile(VALUES, percent))


@pytest.mark.parametrize(("word", "sign"), [("+", 1.0), ("-", -1.0)])
def test_deviations_about_the_mean_and_the_median(word, sign):
    found = statistics(VALUES)
    mad = 1.4826 * np.median(np.abs(VALUES - QUARTILES[1]))
    for times in TIMES:
        for ddof in (0, 1):
            name = f"mean {word} {times:g} standard deviations (ddof={ddof})"
            expected = VALUES.mean() + sign * times * VALUES.std(ddof=ddof)
            assert found[name] == pytest.approx(expected, rel=1e-13)
        name = f"median {word} {times:g} scaled median deviations"
        assert found[name] == pytest.approx(QUARTILES[1] + sign * times * mad)


def test_fences():
    found, range_ = statistics(VALUES), QUARTILES[2] - QUARTILES[0]
    for times in (1.5, 2.0, 2.2, 3.0):
        lower = found[f"lower quartile - {times:g} interquartile ranges"]
        assert lower == pytest.approx(QUARTILES[0] - times * range_)
        upper = found[f"upper quartile + {times:g} interquartile ranges"]
        assert upper == pytest.approx(QUARTILES[2] + times * range_)


def test_what_is_an_end_of_the_channel_is_left_out():
    values = np.r_[np.zeros(60), np.linspace(0.1, 0.9, 39), 1.0]
    found = statistics(values)
    assert "25 % quantile" not in found
    assert "50 % quantile" not in found
    assert found["75 % quantile"] == pytest.approx(np.percentile(values, 75))
    assert moments(np.array([1.0, 3.0])) == {
        "mean": 2.0,
        "standard deviation (ddof=0)": 1.0,
        "variance (ddof=0)": 1.0,
        "standard deviation (ddof=1)": pytest.approx(2.0**0.5),
        "variance (ddof=1)": pytest.approx(2.0),
    }


@pytest.mark.parametrize(
    ("value", "odd"),
    [
        (1.23456, True),
        (-0.0123456, True),
        (1.2345, False),
        (1.5e-20, False),
        (1 / 3, True),
        (0.1 + 0.2, False),
    ],
)
def test_digits_that_nobody_would_set(value, odd):
    assert is_odd(value) is odd
