"""Channels that hold no numbers: a step that does not compute with them hands them on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError

__all__ = ["as_numbers", "check_unread", "passed_channels", "put_back"]


def passed_channels(X: Any) -> dict[int, Any]:
    """Values of the channels of a frame that hold no numbers, by position."""
    if not isinstance(X, pd.DataFrame):
        return {}
    return {k: X.iloc[:, k].array for k, dtype in enumerate(X.dtypes) if not _is_number(dtype)}


def _is_number(dtype: Any) -> bool:
    return pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)


def as_numbers(X: pd.DataFrame, passed: Mapping[int, Any]) -> pd.DataFrame:
    """The frame with zeros where it holds no numbers, so that each channel keeps its position."""
    floats = [dtype for dtype in X.dtypes if dtype in (np.float32, np.float64)]
    zeros = np.zeros(len(X), dtype=floats[0] if floats else np.float64)
    X = X.copy(deep=False)
    for k in passed:
        X.isetitem(k, zeros)
    return X


def check_unread(
    names: list[Any], passed: Mapping[int, Any], read: np.ndarray, remedy: str
) -> None:
    """Raise for a channel that holds no numbers, of those that a step computes with."""
    for k in passed:
        if k in read:
            raise InvalidLogError(
                f"column {names[k]!r} must hold numbers; got {passed[k].dtype}. "
                f"Convert it first (pandas.to_numeric) or leave it out{remedy}"
            )


def put_back(frame: pd.DataFrame, names: list[Any], passed: Mapping[int, Any]) -> None:
    """Put channels that hold no numbers in their place in an output, where that has them."""
    places = {name: k for k, name in enumerate(frame.columns)}
    for k, values in passed.items():
        if names[k] in places:
            frame.isetitem(places[names[k]], values)
