from fractions import Fraction

import numpy as np
import pytest

from signalprep.errors import InvalidParameterError
from signalprep.log import rows_to_one


@pytest.mark.parametrize(
    ("rate", "hertz", "expected"),
    [
        ("1Hz", 1 / 0.1, Fraction(10)),
        (1 / 0.1, 100, Fraction(10)),
        ("3 Hz", 10, Fraction(10, 3)),
        (1.5, 2, Fraction(4, 3)),
        ("44.1Hz", 1000, Fraction(10000, 441)),
        ("2kHz", 51200, Fraction(128, 5)),
        ("10mHz", 0.35, Fraction(35)),
        (0.35, 0.35, Fraction(1)),
        (1 / 3, 1, Fraction(3)),
        (np.float32(0.5), np.float64(2), Fraction(4)),
        (1e-5, 1000, Fraction(10**8)),
        (9.0, 10 * (1 + 4e-7), Fraction(10, 9)),  # as exact as the rate of a log is known
        (10.000001, 10, Fraction(1)),
    ],
)
def test_rows_to_one(rate, hertz, expected):
    assert rows_to_one(rate, 1 / hertz) == expected


@pytest.mark.parametrize("rate", [0, -1.0, "0Hz", "1", "5s", "Hz", True, None, np.nan, np.inf])
def test_no_rate(rate):
    with pytest.raises(
        InvalidParameterError, match="rate must be a positive number in Hz, or with"
    ):
        rows_to_one(rate, 0.1)


def test_rates_that_cannot_be_had():
    with pytest.raises(InvalidParameterError, match="not be above that of the log, 10 Hz.*'11Hz'"):
        rows_to_one("11Hz", 0.1)
    with pytest.raises(InvalidParameterError, match="time axis.*more than one row.*Give factor="):
        rows_to_one("1Hz", None)
    with pytest.raises(
        InvalidParameterError, match=r"p / q .*10000 unless p is 1.*two steps"
    ) as got:
        rows_to_one(7.972341456282974, 1e-3)
    near = float(str(got.value).split("rate=")[-1].split(";")[0])
    assert near == pytest.approx(7.972341456282974, rel=1e-5)
    assert rows_to_one(near, 1e-3).numerator <= 10_000
