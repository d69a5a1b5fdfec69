"""Base of the splitters: they keep cycles whole and read them from the index."""

from __future__ import annotations

import inspect
import numbers
from typing import Any

import pandas as pd
from sklearn.model_selection import BaseCrossValidator

from signalprep._base import Stored
from signalprep.errors import InvalidParameterError

__all__ = ["CycleSplitter", "check_n_splits"]


class CycleSplitter(Stored, BaseCrossValidator):
    """What the splitters share: their number of folds, and a repr of one line."""

    n_splits: int

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Number of folds.

        Parameters
        ----------
        X, y, groups : ignored
            Here for scikit-learn's interface.

        Returns
        -------
        n_splits : int
        """
        return int(self.n_splits)

    def __repr__(self) -> str:
        names = sorted(inspect.signature(type(self)).parameters)
        shown = ", ".join(f"{name}={_one_line(getattr(self, name))}" for name in names)
        return f"{type(self).__name__}({shown})"


def check_n_splits(n_splits: Any, least: int = 2, name: str = "n_splits") -> None:
    """Raise InvalidParameterError unless the number (of folds) is an int that large."""
    is_int = isinstance(n_splits, numbers.Integral) and not isinstance(n_splits, bool)
    if not is_int or n_splits < least:
        raise InvalidParameterError(f"{name} must be an int >= {least}; got {n_splits!r}")


def _one_line(value: Any) -> str:
    if isinstance(value, (pd.Series, pd.DataFrame)):
        return f"<{type(value).__name__} of {len(value)} rows>"
    return " ".join(repr(value).split())
