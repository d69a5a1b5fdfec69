"""Base of the splitters: they keep cycles whole and read them from the index."""

from __future__ import annotations

import inspect
from typing import Any

import pandas as pd
from sklearn.model_selection import BaseCrossValidator

from signalprep._base import Stored
from signalprep._parameters import check_count
from signalprep.errors import InvalidParameterError
from signalprep.model_selection._cycle_groups import CycleGroups

__all__ = ["CycleSplitter", "check_enough", "check_n_splits"]


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
    check_count(name, n_splits, least)


def check_enough(n_splits: int, cycles: CycleGroups) -> None:
    """Raise InvalidParameterError unless there is a cycle (or a group of them) for every fold."""
    n_groups = cycles.n_groups
    if n_groups < n_splits:
        few = f"pass at most {n_groups} folds, such as cv={n_groups}"
        raise InvalidParameterError(
            f"n_splits must not exceed the number of cycles; got n_splits={n_splits} and "
            f"{cycles.counted()}: {few if n_groups > 1 else 'it takes two to hold one out'}"
        )


def _one_line(value: Any) -> str:
    if isinstance(value, (pd.Series, pd.DataFrame)):
        return f"<{type(value).__name__} of {len(value)} rows>"
    return " ".join(repr(value).split())
