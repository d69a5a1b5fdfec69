"""The levels by which a log is indexed."""

from __future__ import annotations

from typing import Any

import pandas as pd

__all__ = ["LEVELS", "is_log"]

LEVELS = ("cycle", "time")


def is_log(data: Any) -> bool:
    """Tell whether `data` carries the (cycle, time) index.

    Parameters
    ----------
    data : DataFrame, Series, Index or anything else
    """
    index = data if isinstance(data, pd.Index) else getattr(data, "index", None)
    return isinstance(index, pd.MultiIndex) and tuple(index.names) == LEVELS
