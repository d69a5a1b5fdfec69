"""A target, or weights, that belong to another log."""

from __future__ import annotations

from typing import Any

import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log._index import is_log

__all__ = ["check_same_index"]


def check_same_index(X: Any, y: Any, name: str = "y") -> None:
    """Raise when a target, or what is named so, carries another index than its log."""
    if is_log(X) and isinstance(y, (pd.Series, pd.DataFrame)) and not y.index.equals(X.index):
        raise InvalidLogError(f"{name} must carry the index of X; got another index")
