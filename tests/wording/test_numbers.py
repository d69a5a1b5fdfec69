from __future__ import annotations

import math

import pytest

from signalprep.wording import decimals_for, format_count, format_interval, format_number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (3.456, "3.46"),
        (-3.456, "−3.46"),
        (9.996, "10.0"),
        (123.4, "123"),
        (12345.6, "12,346"),
        (1.2e-9, "1.20×10⁻⁹"),
        (2.5e12, "2.50×10¹²"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_three_significant_digits(value: float, text: str) -> None:
    assert format_number(value) == text


def test_sign_and_decimals() -> None:
    assert format_number(1.234, 1, signed=True) == "+1.2"
    assert format_number(-1.234, 1, signed=True) == "−1.2"
    assert format_number(-0.001, 1, signed=True) == "0.0"
    assert format_number(0.001, 1, signed=True) == "0.0"


def test_decimals_follow_the_typical_value() -> None:
    assert decimals_for([0.5, 3.0, 21.0]) == 2
    assert decimals_for([1500.0, 2500.0]) == 0
    assert decimals_for([math.nan, 0.0, math.inf]) == 0
    assert decimals_for([0.034]) == 4


def test_interval() -> None:
    assert format_interval(2.5, 10.0, 1) == "2.5–10.0"
    assert format_interval(-2.5, -1.0, 1) == "−2.5 to −1.0"
    assert format_interval(math.nan, 1.0) == ""


def test_count() -> None:
    assert format_count(1, "row", "rows") == "1 row"
    assert format_count(2_000, "row", "rows") == "2,000 rows"
    assert format_count(2_000) == "2,000"
