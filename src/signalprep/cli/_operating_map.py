"""The operating map: read from words, and as the studies take it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.cli._comma_lists import split_all
from signalprep.errors import InvalidParameterError


def parse_regimes(texts: list[str]) -> dict[Any, Any]:
    """Read "a=5,b=0:50:150,c=q3" into the bins of a RegimeBinner.

    Examples
    --------
    >>> parse_regimes(["speed=5,torque=0:50:150,coolant=q3"])
    {'speed': 5, 'torque': [0.0, 50.0, 150.0], 'coolant': 'q3'}
    """
    bins: dict[Any, Any] = {}
    for part in split_all(texts):
        name, equals, value = part.rpartition("=")
        name, value = name.strip(), value.strip()
        if not (equals and name and value):
            raise InvalidParameterError(
                f"--regimes must look like 'speed=5,torque=0:50:150,coolant=q3'; got {part!r}"
            )
        if name in bins:
            raise InvalidParameterError(f"--regimes must name a signal once; {name!r} is twice")
        bins[name] = _bins(name, value)
    return bins


def operating_map(log: pd.DataFrame, bins: dict[Any, Any]) -> dict[str, Any]:
    """The operating map as the studies take it."""
    from signalprep.regimes import RegimeBinner

    return {"regimes": RegimeBinner(bins), "context": log[list(bins)]} if bins else {}


def _bins(name: str, value: str) -> Any:
    try:
        if ":" in value:
            return [float(edge) for edge in value.split(":")]
        if value.lstrip("-").isdigit():
            return int(value)
    except ValueError as error:
        raise InvalidParameterError(
            f"--regimes: the edges of {name!r} must be numbers; got {value!r}"
        ) from error
    return value
