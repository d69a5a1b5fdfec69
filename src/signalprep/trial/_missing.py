"""Say where that is which an estimator refuses: a missing value, lost rows, a class alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError, InvalidParameterError
from signalprep.log import locate, shown

LENGTHS = re.compile(r"inconsistent numbers of samples: \[(\d+), (\d+)\]")
"""Of scikit-learn, for inputs and target that do not go together."""


@contextmanager
def naming_missing(log: pd.DataFrame) -> Iterator[None]:
    """Name the first missing value of `log` when what is done inside refuses NaN.

    Rows that a step has lost or made are refused in words, too. Errors that are InvalidLogError
    name their place themselves. NaN that the log does not hold, but a step has made, is left to
    the error as it is.
    """
    try:
        yield
    except InvalidLogError:
        raise
    except ValueError as error:
        counts = LENGTHS.search(str(error))
        if counts:
            raise InvalidLogError(
                f"every step must keep its rows; the model got {counts[1]} rows of inputs and "
                f"{counts[2]} of the target. What changes their number wraps the model: AtRate for "
                "another rate (instead of Decimator as a step), FitOnInliers to leave rows out"
            ) from error
        missing = log.isna().to_numpy()
        if "NaN" not in str(error) or not missing.any():
            raise
        row, k = divmod(int(np.argmax(missing)), missing.shape[1])
        words = str(error).splitlines()[0].rstrip(". ")
        raise InvalidLogError(
            f"{words}: channel {log.columns[k]!r}, {locate(log.index, row)}. Fill it before, leave "
            "the channel out, or take an estimator that bears missing values"
        ) from error


@contextmanager
def naming_class_alone(y: Any, fold: int) -> Iterator[None]:
    """Say of a fold that it trains on one class alone, when what is done inside refuses that."""
    try:
        yield
    except ValueError as error:
        if "class" not in str(error) or np.ndim(y) > 1 or y.nunique() > 1:
            raise
        raise InvalidParameterError(
            f"fold {fold} trains on one class alone, {shown(y.iloc[0])}: deal the classes out "
            "evenly by cv=CycleKFold(..., stratify=y), or take fewer folds; what a single cycle "
            "holds of the other classes cannot be both learned and tested: record more of them"
        ) from error
