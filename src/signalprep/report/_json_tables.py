"""Tables and values in the types of JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd


def cells(by_regime: pd.DataFrame) -> list[dict[str, Any]]:
    """One object a cell: its labels as ``regime``, and the columns."""
    names = [str(name) for name in by_regime.index.names]
    metrics = records(by_regime.reset_index(drop=True))
    labels = [key if isinstance(key, tuple) else (key,) for key in by_regime.index]
    return [
        {"regime": dict(zip(names, map(str, label), strict=True)), **values}
        for label, values in zip(labels, metrics, strict=True)
    ]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One object a row."""
    names = [str(name) for name in frame.columns]
    columns = [frame.iloc[:, k].tolist() for k in range(len(names))]
    return [
        {name: plain(value) for name, value in zip(names, row, strict=True)}
        for row in zip(*columns, strict=True)
    ]


def plain(value: Any) -> Any:
    """The value in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, np.ndarray, pd.Series, pd.Index)):
        return [plain(each) for each in value]
    return _scalar(value.item() if isinstance(value, np.generic) else value)


def _scalar(value: Any) -> str | float | None:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, pd.Timedelta):
        return float(value.total_seconds())
    if isinstance(value, pd.Timestamp):
        return str(value.isoformat())
    return value if isinstance(value, (str, int)) else str(value)
