"""The target of a classifier: its labels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from signalprep.errors import InvalidParameterError


def as_labels(target: pd.Series) -> pd.Series:
    """The target as labels: whole numbers, which tables give as real ones, are ints again."""
    if not pd.api.types.is_float_dtype(target.dtype):
        return target
    values = target.to_numpy(dtype=np.float64)
    whole = values == np.round(values)
    if not np.isfinite(values).all():  # validate names the row
        return target
    if not whole.all():
        raise InvalidParameterError(
            f"--classify: {target.name!r} must hold labels; it holds real numbers such as "
            f"{values[np.argmin(whole)]:g}"
        )
    return target.astype(np.int64)
