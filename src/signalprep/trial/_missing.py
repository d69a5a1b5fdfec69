"""Say where a value is missing that an estimator refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd

from signalprep.errors import InvalidLogError
from signalprep.log import locate


@contextmanager
def naming_missing(log: pd.DataFrame) -> Iterator[None]:
    """Name the first missing value of `log` when what is done inside refuses NaN.

    Errors that are InvalidLogError name their place themselves. NaN that the log does not hold, but
    a step has made, is left to the error as it is.
    """
    try:
        yield
    except InvalidLogError:
        raise
    except ValueError as error:
        missing = log.isna().to_numpy()
        if "NaN" not in str(error) or not missing.any():
            raise
        row, k = divmod(int(np.argmax(missing)), missing.shape[1])
        words = str(error).splitlines()[0].rstrip(". ")
        raise InvalidLogError(
            f"{words}: channel {log.columns[k]!r}, {locate(log.index, row)}. Fill it before, leave "
            "the channel out, or take an estimator that bears missing values"
        ) from error
