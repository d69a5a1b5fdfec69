"""Statistics of the training rows of each regime, with those of all rows to fall back on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from signalprep.preprocessing.outliers._regime_split import RegimeSplit

__all__ = ["regime_statistics", "regime_table"]


def regime_statistics(
    x: np.ndarray,
    overall: np.ndarray,
    number: np.ndarray,
    split: RegimeSplit,
    statistics: Callable[[np.ndarray], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Statistics of each channel and regime, and how many values each has.

    Parameters
    ----------
    x : ndarray of shape (n_channels, n_samples)
        NaN where there is no value.
    overall : ndarray of shape (n_channels, n_statistics)
        For regimes with fewer than ``split.min_rows`` values, and rows without a regime.
    number : ndarray of int of shape (n_samples,)
        Regime of each row, as ``split`` gives it.
    split : RegimeSplit
        Fitted.
    statistics : callable
        Gives (n_channels, n_statistics) for some channels and rows.

    Returns
    -------
    found : ndarray of shape (n_channels, n_regimes + 1, n_statistics)
        The last regime stands for rows without one.
    n_values : ndarray of int of shape (n_channels, n_regimes)
    """
    n_rows = split.n_rows_
    order = np.argsort(number, kind="stable")
    found = np.repeat(overall[:, np.newaxis], len(n_rows) + 1, axis=1)
    n_values = np.zeros((len(x), len(n_rows)), dtype=np.int64)
    for r, last in enumerate(np.cumsum(n_rows)):
        rows = x[:, order[last - n_rows[r] : last]]
        n_values[:, r] = np.count_nonzero(~np.isnan(rows), axis=1)
        enough = n_values[:, r] >= split.min_rows
        if enough.any():
            found[enough, r] = statistics(rows[enough])
    return found, n_values


def regime_table(
    split: RegimeSplit, names: pd.Index, columns: Mapping[str, np.ndarray], n_values: np.ndarray
) -> pd.DataFrame:
    """Values (n_channels, n_regimes, ...) of each regime and channel, as they are used."""
    labels = split.labels_
    regimes = pd.MultiIndex.from_frame(labels).repeat(len(names))
    levels = [regimes.get_level_values(k) for k in range(regimes.nlevels)]
    index = pd.MultiIndex.from_arrays(
        [*levels, np.tile(names, len(labels))], names=[*labels.columns, "channel"]
    )
    cells = {name: values[:, : len(labels)].T.ravel() for name, values in columns.items()}
    n = n_values.T.ravel()
    return pd.DataFrame({**cells, "n": n, "own": n >= split.min_rows}, index=index)
