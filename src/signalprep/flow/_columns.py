"""Positions of the channels that a branch of a ColumnTransformer gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["positions"]


def positions(columns: Any, estimator: Any) -> int | np.ndarray:
    """Positions of the channels, by scikit-learn's rules; a number for a single one, not a list.

    Parameters
    ----------
    columns : str, int, slice, or list of str, int or bool
        As in ``transformers_``, where functions have given way to what they chose.
    estimator : ColumnTransformer
        Fitted.
    """
    n_channels = int(estimator.n_features_in_)
    names = getattr(estimator, "feature_names_in_", np.arange(n_channels))
    position = pd.Series(np.arange(n_channels), index=names)
    if isinstance(columns, slice):
        by_name = isinstance(columns.start, str) or isinstance(columns.stop, str)
        return (position.loc[columns] if by_name else position.iloc[columns]).to_numpy()
    chosen = np.asarray(columns)
    if chosen.dtype == bool:
        return np.flatnonzero(chosen)
    by_name = chosen.dtype.kind not in "iu" and chosen.size > 0
    found = np.asarray(position.loc[columns] if by_name else position.iloc[chosen.astype(int)])
    return int(found) if found.ndim == 0 else found
