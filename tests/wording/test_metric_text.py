from __future__ import annotations

import pytest

from signalprep.errors import InvalidParameterError
from signalprep.wording import METRICS, error_unit
from signalprep.wording._metric_text import metric_text


@pytest.mark.parametrize(("unit", "of_error"), [("°C", "K"), ("degC", "K"), ("K", "K"), ("A", "A")])
def test_an_error_in_celsius_is_in_kelvin(unit: str, of_error: str) -> None:
    assert error_unit(unit) == of_error


def test_labels_carry_the_unit() -> None:
    assert METRICS["rmse"].label("A") == "RMSE [A]"
    assert METRICS["rmse"].label("") == "RMSE"
    assert METRICS["r2"].label("A") == "R²"
    assert METRICS["share"].label("A") == "share of squared error [%]"


def test_unknown_metric_is_named() -> None:
    with pytest.raises(InvalidParameterError, match="metric must be one of rmse, .*'rms'"):
        metric_text("rms")
