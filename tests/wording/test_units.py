from __future__ import annotations

import pytest

from signalprep.wording import error_unit


@pytest.mark.parametrize(("unit", "of_error"), [("°C", "K"), ("degC", "K"), ("K", "K"), ("A", "A")])
def test_an_error_in_celsius_is_in_kelvin(unit: str, of_error: str) -> None:
    assert error_unit(unit) == of_error
