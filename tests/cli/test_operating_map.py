"""The operating map, read from words."""

import pytest

from signalprep.cli import parse_regimes
from signalprep.errors import InvalidParameterError


def test_regimes_are_read_from_words():
    assert parse_regimes(["a b=5", "c=q3,d=-1:0:1.5,e=k4"]) == {
        "a b": 5,
        "c": "q3",
        "d": [-1.0, 0.0, 1.5],
        "e": "k4",
    }
    with pytest.raises(InvalidParameterError, match="'a' is twice"):
        parse_regimes(["a=5", "a=6"])
